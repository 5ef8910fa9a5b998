"""The takes of the studio over HTTP: what the page is told of them, and that frames are those of the take."""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette

import nearfar as nf
from nearfar.capture import Recorder, Take
from nearfar.depth import decode_frame
from nearfar.studio.library import Library
from nearfar.studio.messages import FROM_SERVER, FrameMessage
from nearfar.studio.take_routes import take_routes
from nearfar.studio.wire import decode
from nearfar.studio.workers import Workers

Result = TypeVar("Result")
TAKES = "/studio/takes"


class Page:
    """Ends of requests; those of one `together` share an event loop, as a server's do."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder)
        self.recorded: str | None = None
        self._app = Starlette(routes=list(take_routes(self.library, Workers(), lambda: self.recorded)))

    def together(self, talk: Callable[[httpx.AsyncClient], Awaitable[Result]]) -> Result:
        async def run() -> Result:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await talk(client)

        return asyncio.run(run())

    def ask(self, method: str, path: str = "", **options: Any) -> httpx.Response:
        return self.together(lambda client: client.request(method, f"{TAKES}{path}", **options))

    def names(self) -> list[str]:
        return [each["id"] for each in self.ask("GET").json()["takes"]]


def made_frames(count: int, *, metric: bool = True) -> Iterator[nf.Frame]:
    """A wall that comes nearer, a tenth of a second each, with a camera that moves."""
    camera = nf.Calibration(np.array([[30.0, 0, 20], [0, 30, 15], [0, 0, 1]]), (40, 30))
    for number in range(count):
        depth = nf.DepthMap(
            np.full((30, 40), 3 - 0.125 * number, np.float32),
            nf.DepthKind.DEPTH,
            metric=metric,
            calibration=camera,
        )
        color = np.full((30, 40, 3), 10 * number, np.uint8)
        pose = nf.Pose(np.eye(3), np.array([0.25 * number, 1, 5]))
        yield nf.Frame(5 + 0.1 * number, number, color, depth, pose)


def write_take(path: Path, frames: Iterator[nf.Frame], **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with Recorder(path, **options) as recorder:
        for frame in frames:
            recorder.write(frame, wait=True)


@pytest.fixture
def page(tmp_path: Path) -> Page:
    """A library with one take of 8 frames."""
    page = Page(tmp_path / "studio")
    write_take(page.library.takes.folder / "wall.mcap", made_frames(8))
    return page


def frame_of(response: httpx.Response) -> FrameMessage:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/octet-stream"
    message = decode(response.content, FROM_SERVER)
    assert isinstance(message, FrameMessage)
    return message


def metres_of(message: FrameMessage) -> np.ndarray[Any, np.dtype[np.float32]]:
    part = message.depth
    assert part is not None
    return np.frombuffer(part.data, "<f4").reshape(part.height, part.width) * np.float32(
        part.raw_value_to_meters
    )


def test_nothing_is_there_at_first(tmp_path: Path) -> None:
    shelf = Page(tmp_path / "studio").ask("GET").json()
    assert shelf == {"folder": str(tmp_path / "studio/takes"), "bytes": 0, "takes": []}


def test_the_list_says_what_a_take_is(page: Page) -> None:
    shelf = page.ask("GET").json()
    (entry,) = shelf["takes"]
    path = page.library.takes.folder / "wall.mcap"
    assert (entry["id"], entry["frames"], entry["recording"], entry["problem"]) == (
        "wall.mcap",
        8,
        False,
        None,
    )
    assert entry["seconds"] == pytest.approx(0.7)
    assert entry["bytes"] == shelf["bytes"] == path.stat().st_size
    assert entry["written"] == pytest.approx(path.stat().st_mtime)
    assert nf.Device(entry["device"]).source.formats[0].size == (40, 30)


def test_a_take_of_a_camera_has_its_title(page: Page) -> None:
    device = nf.Device("virtual:dual").info
    write_take(page.library.takes.new_path("dual.mcap"), made_frames(1), device=device)
    titles = {each["id"]: each["title"] for each in page.ask("GET").json()["takes"]}
    assert titles["dual.mcap"] == device.title


def test_details_have_the_time_of_each_frame(page: Page) -> None:
    details = page.ask("GET", "/wall.mcap").json()
    assert details["times"] == pytest.approx([0.1 * number for number in range(8)])
    assert [details["entry"]] == page.ask("GET").json()["takes"]


def test_frames_are_those_of_the_take(page: Page) -> None:
    for number in (5, 0, 7, 6):
        message = frame_of(page.ask("GET", f"/wall.mcap/frames/{number}"))
        assert message.sequence == number
        assert message.time == pytest.approx(0.1 * number)
        assert np.allclose(metres_of(message), 3 - 0.125 * number, rtol=1e-5)
        assert message.color is not None
        picture = np.asarray(Image.open(io.BytesIO(message.color.data)))
        assert np.abs(picture.astype(int) - 10 * number).max() <= 3
        (view,) = message.views
        assert view.tangents == pytest.approx((2 / 3, 2 / 3, 0.5, 0.5))
        assert message.viewer_pose is not None
        assert message.viewer_pose[12:15] == pytest.approx((-0.25 * number, 0, 0), abs=1e-6), "it began as 0"


def test_a_frame_is_the_same_whatever_was_asked_for_before(page: Page) -> None:
    alone = page.ask("GET", "/wall.mcap/frames/4").content

    async def play(client: httpx.AsyncClient) -> list[bytes]:
        return [(await client.get(f"{TAKES}/wall.mcap/frames/{n}")).content for n in (0, 1, 2, 3, 4, 7, 4)]

    played = page.together(play)
    assert played[4] == played[6] == alone


def test_moments_that_were_lost_are_left_out(page: Page) -> None:
    made = list(made_frames(6))
    for number in (0, 3, 5):
        lost = dict.fromkeys(("color", "depth"), nf.DropReason.DISCONTINUITY)
        made[number] = made[number].replace(color=None, depth=None, dropped=lost)
    write_take(page.library.takes.new_path("lossy.mcap"), iter(made))
    details = page.ask("GET", "/lossy.mcap").json()
    assert details["times"] == pytest.approx([0, 0.1, 0.3])
    assert (details["entry"]["frames"], details["entry"]["seconds"]) == (3, pytest.approx(0.3))
    for number, recorded in enumerate((1, 2, 4)):
        message = frame_of(page.ask("GET", f"/lossy.mcap/frames/{number}"))
        assert message.sequence == number
        assert np.allclose(metres_of(message), 3 - 0.125 * recorded, rtol=1e-5)


def test_raw_depth_keeps_its_holes(page: Page) -> None:
    path = page.library.takes.new_path("holes.mcap")
    frame = next(made_frames(1))
    assert frame.depth is not None
    values, sure = np.full((30, 40), 2, np.float32), np.ones((30, 40), np.float32)
    sure[10:20, 10:20] = 0.1
    doubtful = nf.DepthMap(values, nf.DepthKind.DEPTH, calibration=frame.depth.calibration, confidence=sure)
    write_take(path, iter([frame.replace(depth=doubtful)]))
    raw = frame_of(page.ask("GET", "/holes.mcap/frames/0", params={"type": "raw"}))
    assert np.array_equal(metres_of(raw) == 0, sure < 0.3)
    assert raw.depth is not None
    assert raw.depth.depth_type == "raw"
    assert frame_of(page.ask("GET", "/holes.mcap/frames/0")).depth.depth_type == "smooth"  # type: ignore[union-attr]


def test_depth_comes_packed_where_that_is_asked_for(page: Page) -> None:
    """A fraction of the bytes, for a network, in the stream's own coding."""
    slope = np.linspace(0.5, 4, 640 * 480, dtype=np.float32).reshape(480, 640)
    slope[100:200, 300:400] = np.nan
    frame = next(made_frames(1))
    depth = nf.DepthMap(slope, nf.DepthKind.DEPTH, filtered=False)
    write_take(page.library.takes.new_path("slope.mcap"), iter([frame.replace(depth=depth)]))
    came = {
        coding: page.ask("GET", "/slope.mcap/frames/0", params={"depth": coding, "type": "raw"})
        for coding in ("plain", "short", "packed")
    }
    assert metres_of(frame_of(came["plain"])).shape == slope.shape
    packed = frame_of(came["packed"]).depth
    assert packed is not None
    assert packed.coding == "packed"
    assert np.allclose(decode_frame(bytes(packed.data)).values, slope, rtol=2e-3, equal_nan=True)
    sizes = {coding: len(response.content) for coding, response in came.items()}
    assert sizes["packed"] < sizes["short"] / 4 < sizes["plain"] / 7


def test_depth_without_a_unit_leaves_the_picture(page: Page) -> None:
    write_take(page.library.takes.new_path("unitless.mcap"), made_frames(2, metric=False))
    message = frame_of(page.ask("GET", "/unitless.mcap/frames/1"))
    assert message.depth is None
    assert message.color is not None


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ("wall.mcap/frames/8", 404, "8 frames"),
        ("wall.mcap/frames/-1", 400, "number"),
        ("wall.mcap/frames/1e3", 400, "number"),
        ("wall.mcap/frames/٣", 400, "number"),
        ("wall.mcap/frames/99999999999999", 400, "number"),
        ("wall.mcap/frames/1?type=best", 400, "raw or smooth"),
        ("wall.mcap/frames/1?depth=zip", 400, "plain, short, packed"),
        ("gone.mcap", 404, "no take"),
        ("gone.mcap/frames/0", 404, "no take"),
        ("gone.mcap/download", 404, "no take"),
        ("..%2Fwall.mcap", 404, ""),
        ("wall.txt", 404, "no take"),
    ],
)
def test_what_is_not_there_is_said(page: Page, asked: str, status: int, words: str) -> None:
    response = page.ask("GET", f"/{asked}")
    assert response.status_code == status
    assert words in response.text


def test_the_file_is_taken_away_as_it_is(page: Page, tmp_path: Path) -> None:
    response = page.ask("GET", "/wall.mcap/download")
    path = page.library.takes.path("wall.mcap")
    assert response.content == path.read_bytes()
    assert 'attachment; filename="wall.mcap"' in response.headers["content-disposition"]
    (tmp_path / "taken.mcap").write_bytes(response.content)
    with Take(tmp_path / "taken.mcap") as take:
        assert len(take) == 8


def test_takes_are_deleted_one_by_one_and_all(page: Page) -> None:
    folder = page.library.takes.folder
    shutil.copy(folder / "wall.mcap", folder / "other.mcap")
    shutil.copy(folder / "wall.mcap", folder / "third.mcap")

    async def talk(client: httpx.AsyncClient) -> tuple[int, list[str], int]:
        await client.get(f"{TAKES}/other.mcap/frames/0")  # it is open
        left = (await client.delete(f"{TAKES}/other.mcap")).json()
        after = await client.get(f"{TAKES}/other.mcap/frames/0")
        return left["bytes"], sorted(each["id"] for each in left["takes"]), after.status_code

    size = (folder / "wall.mcap").stat().st_size
    assert page.together(talk) == (2 * size, ["third.mcap", "wall.mcap"], 404)
    assert page.ask("DELETE").json()["takes"] == []
    assert list(folder.iterdir()) == []
    assert page.ask("DELETE", "/wall.mcap").status_code == 404


def test_another_file_of_the_same_name_is_another_take(page: Page) -> None:
    path = page.library.takes.folder / "wall.mcap"

    async def talk(client: httpx.AsyncClient) -> list[int]:
        first = len((await client.get(f"{TAKES}/wall.mcap")).json()["times"])
        path.unlink()
        write_take(path, made_frames(3))
        second = len((await client.get(f"{TAKES}/wall.mcap")).json()["times"])
        (shelf,) = (await client.get(TAKES)).json()["takes"]
        return [first, second, shelf["frames"]]

    assert page.together(talk) == [8, 3, 3]


def test_a_take_that_is_being_recorded_is_listed_and_left_alone(page: Page) -> None:
    path = page.library.takes.new_path("now.mcap")
    page.recorded = "now.mcap"
    with Recorder(path) as recorder:
        for frame in made_frames(2):
            recorder.write(frame)
        entries = {each["id"]: each for each in page.ask("GET").json()["takes"]}
        assert entries["now.mcap"]["recording"] is True
        assert entries["wall.mcap"]["recording"] is False
        for method, part in (("GET", ""), ("GET", "/frames/0"), ("GET", "/download"), ("DELETE", "")):
            response = page.ask(method, f"/now.mcap{part}")
            assert response.status_code == 409
            assert "Stop the recording first" in response.json()["reason"]
        assert [each["id"] for each in page.ask("DELETE").json()["takes"]] == ["now.mcap"]
    page.recorded = None
    assert page.ask("GET", "/now.mcap").json()["entry"]["frames"] == 2


def test_a_broken_take_says_what_is_wrong(page: Page) -> None:
    folder = page.library.takes.folder
    (folder / "text.mcap").write_text("no take")
    (folder / "empty.mcap").write_bytes(b"")
    cut = (folder / "wall.mcap").read_bytes()
    (folder / "cut.mcap").write_bytes(cut[: len(cut) // 2])
    torn = bytearray(cut)
    torn[len(torn) // 3 : len(torn) // 3 + 40] = b"\xff" * 40
    (folder / "torn.mcap").write_bytes(torn)
    entries = {each["id"]: each for each in page.ask("GET").json()["takes"]}
    assert entries["text.mcap"]["problem"] == "text.mcap: this is not an MCAP file."
    assert entries["empty.mcap"]["problem"] == "empty.mcap: this is not an MCAP file."
    assert entries["wall.mcap"]["problem"] is None
    for name in ("text.mcap", "empty.mcap"):
        for part in ("", "/frames/0"):
            response = page.ask("GET", f"/{name}{part}")
            assert response.status_code == 422
            assert str(folder) not in response.text
        assert page.ask("GET", f"/{name}/download").status_code == 200, "whoever can mend it may have it"
    for name in ("cut.mcap", "torn.mcap"):
        for number in range(8):
            response = page.ask("GET", f"/{name}/frames/{number}")
            assert response.status_code in (200, 404, 422)
            assert str(folder) not in response.text


def test_a_take_without_a_frame_is_no_take_to_play(page: Page) -> None:
    write_take(page.library.takes.new_path("none.mcap"), iter(()))
    entries = {each["id"]: each for each in page.ask("GET").json()["takes"]}
    assert entries["none.mcap"]["problem"] == "No frame was recorded."
    assert page.ask("GET", "/none.mcap").json()["times"] == []
    assert page.ask("GET", "/none.mcap/frames/0").status_code == 404


def test_many_takes_are_played_at_once(page: Page) -> None:
    folder = page.library.takes.folder
    for number in range(7):
        shutil.copy(folder / "wall.mcap", folder / f"{number}.mcap")

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        asks = [client.get(f"{TAKES}/{each % 7}.mcap/frames/{each % 8}") for each in range(56)]
        return list(await asyncio.gather(*asks))

    for number, response in enumerate(page.together(talk)):
        assert np.allclose(metres_of(frame_of(response)), 3 - 0.125 * (number % 8), rtol=1e-5)
