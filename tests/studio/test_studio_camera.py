"""The camera of the studio: looked through, shot and recorded with, exchanged, lost: over a real server."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import nearfar as nf
from nearfar.capture import DeviceName, Take
from nearfar.studio.messages import Ended, FrameMessage, Hello, Taken, Wanted
from studio.conftest import OpenStream, PageEnd
from studio.photo_pages import made_photo
from studio.running_studio import RunningStudio, running_studio

LIDAR = "virtual:lidar?size=160x120"
DUAL = "virtual:dual?size=160x120"
ALL = Wanted("plain", color=True, confidence=True)

Start = Callable[[str], RunningStudio]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a studio on a device; it ends with the test."""
    with ExitStack() as closing:
        yield lambda device: closing.enter_context(running_studio(device, tmp_path / "studio"))


def faulty(inner: str, **faults: float) -> str:
    return str(DeviceName("faulty", inner, {name: f"{value:g}" for name, value in faults.items()}))


def until_hello(page: PageEnd) -> tuple[Hello, list[FrameMessage]]:
    """What the next device says, and the frames of the one before that come until then."""
    before = []
    while not isinstance(message := page.hear(), Hello):
        if isinstance(message, FrameMessage):
            page.say(Taken(message.sequence))
            before.append(message)
    return message, before


def until_ended(page: PageEnd) -> str:
    while not isinstance(message := page.hear(), Ended):
        assert isinstance(message, FrameMessage)
        page.say(Taken(message.sequence))
    return message.reason


def test_a_camera_says_what_it_is_before_anybody_looks(start: Start) -> None:
    state = start("virtual:dual").state()
    assert (state["device"], state["title"]) == ("virtual:dual", "Virtual Dual Camera")
    sizes = [(each["width"], each["height"], each["rate"]) for each in state["formats"]]
    assert sizes == [(640, 480, 30), (1280, 720, 30), (320, 240, 30)]  # each stream once
    assert "photos of 4032 × 3024" in state["formats"][0]["title"]
    assert state["formats"][0]["depth"] == "640 × 480 pixels"
    assert (state["format"], state["efforts"], state["effort"]) == (0, ["fast", "standard", "best"], "fast")
    assert (state["hasDepth"], state["canShoot"]) == (True, True)
    assert (state["running"], state["rate"], state["frames"], state["dropped"]) == (False, 0, 0, [])
    assert (state["shooting"], state["recording"], state["problem"]) == (False, None, None)


def test_a_camera_without_depth_has_nothing_to_choose_about_it(start: Start) -> None:
    state = start("virtual:wide?size=160x120").state()
    assert (state["hasDepth"], state["efforts"], state["effort"]) == (False, [], None)
    assert state["formats"][0]["depth"] is None


def test_frames_are_counted_while_somebody_looks(start: Start, open_stream: OpenStream) -> None:
    studio = start(LIDAR)
    page = open_stream(studio.server, ALL)
    frames = [page.take() for _ in range(5)]
    state = studio.state()
    assert state["running"]
    assert state["frames"] >= 5
    assert state["rate"] > 0
    first = frames[0]
    assert first.depth is not None
    assert first.depth.accuracy == "absolute"
    assert first.confidence is not None
    assert (first.confidence.width, first.confidence.height) == (first.depth.width, first.depth.height)
    page.connection.close()
    state = studio.state_when(lambda state: not state["running"])
    assert state["rate"] == 0


def test_the_relative_depth_of_two_cameras_is_marked(start: Start, open_stream: OpenStream) -> None:
    frame = open_stream(start(DUAL).server, ALL).take()
    assert frame.depth is not None
    assert frame.depth.accuracy == "relative"


def test_another_device_format_and_effort_come_to_those_who_look(
    start: Start, open_stream: OpenStream
) -> None:
    studio = start(DUAL)
    page = open_stream(studio.server, ALL)
    size = page.take().color
    assert size is not None
    assert (size.width, size.height) == (160, 120)

    state = studio.post("camera", {"effort": "best"})
    assert (state["device"], state["effort"], state["format"]) == (DUAL, "best", 0)
    assert until_hello(page)[0].device == "Virtual Dual Camera"
    assert page.take().depth is not None

    state = studio.post("camera", {"format": 3})
    assert (state["format"], state["effort"]) == (3, "best")
    until_hello(page)
    color = page.take().color
    assert color is not None
    assert (color.width, color.height) == (320, 240)

    state = studio.post("camera", {"device": "virtual:lidar", "format": 2})
    assert (state["device"], state["format"], state["effort"]) == ("virtual:lidar", 2, None)
    hello, _ = until_hello(page)
    assert hello.device == "Virtual LiDAR Depth Camera"
    frame = page.take()
    assert frame.depth is not None
    assert frame.depth.accuracy == "absolute"
    assert studio.state()["running"]


@pytest.mark.parametrize(
    ("wish", "status", "words"),
    [
        ({"device": "virtual:none"}, 404, "none of those"),
        ({"device": "photo:/etc/hostname"}, 404, "none of those"),
        ({"device": 3}, 400, "device"),
        ({"format": 9}, 422, "there is no format 9"),
        ({"format": -1}, 422, "there is no format -1"),
        ({"effort": "most"}, 400, "fast, standard, best"),
        ({"device": "virtual:lidar", "effort": "best"}, 422, "one way only"),
        ({"zoom": 2}, 400, "zoom"),
    ],
)
def test_what_cannot_be_chosen_is_refused_and_nothing_changes(
    start: Start, open_stream: OpenStream, wish: dict[str, Any], status: int, words: str
) -> None:
    studio = start(DUAL)
    page = open_stream(studio.server)
    page.take()
    got, reason = studio.refusal("camera", wish)
    assert got == status
    assert words in reason
    state = studio.state()
    assert (state["device"], state["format"], state["effort"]) == (DUAL, 0, "fast")
    page.take()


def test_a_photo_goes_into_the_library_while_others_look(start: Start, open_stream: OpenStream) -> None:
    studio = start(DUAL)
    page = open_stream(studio.server)
    page.take()
    entry = studio.post("shots")
    assert entry["problem"] is None
    assert (entry["width"], entry["height"], entry["hasDepth"]) == (160, 120, True)
    photo = nf.open(studio.library.photos.path(entry["id"]))
    assert entry["name"].endswith(".heic")
    assert photo.depth is not None
    assert photo.color.shape == (120, 160, 3)
    assert [each["id"] for each in studio.get("photos")["photos"]] == [entry["id"]]
    page.take()


def test_photos_are_taken_without_anybody_looking_and_have_names_of_their_own(start: Start) -> None:
    studio = start("virtual:wide?size=160x120")
    entries = [studio.post("shots") for _ in range(2)]
    assert len({entry["id"] for entry in entries}) == 2
    assert not any(entry["hasDepth"] for entry in entries)
    studio.state_when(lambda state: not state["running"])


def test_the_largest_photo_there_is_beside_the_stream(start: Start) -> None:
    entry = start("virtual:wide").post("shots")
    assert (entry["width"], entry["height"]) == (4032, 3024)


def test_a_take_is_recorded_and_looked_at(start: Start, open_stream: OpenStream) -> None:
    studio = start(LIDAR)
    assert studio.post("recording", {"on": False})["recording"] is None
    recording = studio.post("recording", {"on": True})["recording"]
    assert recording["name"].endswith(".mcap")
    assert studio.post("recording", {"on": True})["recording"]["name"] == recording["name"], "it goes on"
    assert not [entry for entry in studio.get("devices") if entry["sort"] == "take"]
    assert [entry["recording"] for entry in studio.get("takes")["takes"]] == [True]
    state = studio.state_when(lambda state: state["recording"]["frames"] >= 8)
    assert state["running"]
    assert state["recording"]["bytes"] > 0
    assert studio.post("recording", {"on": False})["recording"] is None
    with Take(studio.library.takes.path(recording["name"])) as take:
        assert len(take) >= 8
        assert take.complete
    entries = {entry["sort"]: entry for entry in studio.get("devices")}
    assert entries["take"]["title"] == Path(recording["name"]).stem
    page = open_stream(studio.server, ALL)
    page.take()
    state = studio.post("camera", {"device": entries["take"]["name"]})
    assert state["device"] == entries["take"]["name"]
    until_hello(page)
    frame = page.take()
    assert frame.depth is not None
    assert frame.color is not None
    assert studio.post("shots")["hasDepth"]


def test_a_photo_is_looked_at_and_one_without_depth_is_not_offered(
    start: Start, open_stream: OpenStream
) -> None:
    studio = start(LIDAR)
    photo = made_photo()
    for name, data in (("deep.heic", photo), ("flat.heic", photo.with_depth(None).with_mattes(()))):
        response = studio.ask("POST", "photos", params={"name": name}, content=data.file_data("heic"))
        assert response.status_code == 201
    devices = studio.get("devices")
    assert [entry["title"] for entry in devices if entry["sort"] == "photo"] == ["deep.heic"]
    page = open_stream(studio.server, ALL)
    studio.post("camera", {"device": devices[-1]["name"]})
    until_hello(page)
    frame = page.take()
    assert frame.depth is not None
    assert frame.depth.accuracy == "relative"


def test_the_devices_that_can_be_chosen(start: Start) -> None:
    first = faulty(LIDAR, drop=0.5)
    devices = start(first).get("devices")
    assert devices[0] == {"name": first, "title": "Virtual LiDAR Depth Camera, faulty", "sort": "camera"}
    names = [entry["name"] for entry in devices]
    assert names[1:] == [f"virtual:{each}" for each in ("wide", "dual", "dualwide", "truedepth", "lidar")]


def test_what_the_camera_loses_is_told_in_words(start: Start, open_stream: OpenStream) -> None:
    studio = start(faulty(LIDAR, drop=0.4))
    page = open_stream(studio.server)
    for _ in range(12):
        page.take()
    dropped = studio.state_when(lambda state: len(state["dropped"]) >= 2)["dropped"]
    words = {each["reason"]: each["count"] for each in dropped}
    assert words["the camera could not keep up with its frame rate"] > 0
    assert words["the camera gave a picture without its depth"] > 0


def test_a_camera_that_is_lost_says_so_and_another_can_be_chosen(
    start: Start, open_stream: OpenStream
) -> None:
    studio = start(faulty(LIDAR, unplug=0.2))
    page = open_stream(studio.server)
    assert "unplugged" in until_ended(page)
    state = studio.state_when(lambda state: state["problem"] is not None)
    assert "unplugged" in state["problem"]
    assert not state["running"]
    status, reason = studio.refusal("shots")
    assert status == 422
    assert "unplugged" in reason
    state = studio.post("camera", {"device": "virtual:lidar"})
    assert state["problem"] is None
    until_hello(page)
    page.take()
    assert studio.state()["problem"] is None


def test_a_camera_that_comes_back_is_no_problem_any_more(start: Start, open_stream: OpenStream) -> None:
    studio = start(faulty(LIDAR, unplug=0.4, **{"return": 0.3}))
    page = open_stream(studio.server)
    numbers = [page.take().sequence]
    studio.state_when(lambda state: state["problem"] is not None)
    while numbers[-1] < 40:  # some three comings and goings of a third of a second each
        numbers.append(page.take().sequence)
    assert numbers == sorted(set(numbers))
    studio.state_when(lambda state: state["problem"] is None)


def test_a_camera_that_falls_silent_says_so(start: Start, open_stream: OpenStream) -> None:
    studio = start(str(DeviceName("faulty", LIDAR, {"stall": "0.3,60"})))
    open_stream(studio.server).take()
    state = studio.state_when(lambda state: state["problem"] is not None)
    assert "No frame has come for" in state["problem"]


def test_a_studio_begins_without_its_camera(start: Start, open_stream: OpenStream) -> None:
    studio = start("virtual:none")
    state = studio.state()
    assert "virtual:none" in state["problem"]
    assert (state["canShoot"], state["formats"]) == (False, [])
    page = open_stream(studio.server)
    assert "virtual:none" in until_ended(page)
    for command, wish in (("shots", {}), ("recording", {"on": True}), ("camera", {"format": 0})):
        status, reason = studio.refusal(command, wish)
        assert status in (404, 422)
        assert "virtual:none" in reason
    studio.post("camera", {"device": "virtual:lidar"})
    until_hello(page)
    page.take()


def test_a_recording_ends_with_its_camera_and_is_kept(start: Start) -> None:
    studio = start(faulty(LIDAR, unplug=0.5))
    name = studio.post("recording", {"on": True})["recording"]["name"]
    state = studio.state_when(lambda state: state["recording"] is None)
    assert state["problem"].startswith("The recording ended: ")
    assert "unplugged" in state["problem"]
    with Take(studio.library.takes.path(name)) as take:
        assert len(take) > 0
        assert take.complete


@pytest.mark.skipif(os.name != "posix", reason="elsewhere nobody takes away what is being written")
@pytest.mark.parametrize("way", ["deleted", "moved", "replaced"])
def test_a_recording_whose_file_is_taken_away_ends_and_says_so(
    start: Start, tmp_path: Path, way: str
) -> None:
    studio = start("virtual:lidar?size=64x48&fps=30")
    name = studio.post("recording", {"on": True})["recording"]["name"]
    studio.state_when(lambda state: state["recording"]["frames"] > 0)
    takes = studio.library.takes.folder
    if way == "deleted":
        (takes / name).unlink()
    elif way == "moved":
        takes.rename(tmp_path / "elsewhere")
    else:
        (tmp_path / "other").write_text("another file")
        (tmp_path / "other").replace(takes / name)
    state = studio.state_when(lambda state: state["recording"] is None)
    assert state["problem"].startswith(f"The recording ended: {name} was taken away from {takes} meanwhile.")
    if way == "moved":
        with Take(tmp_path / "elsewhere" / name) as take:
            assert len(take) > 0, "what had come is whole"
    again = studio.post("recording", {"on": True})
    assert again["problem"] is None
    studio.state_when(lambda state: state["recording"]["frames"] > 0)
    assert studio.post("recording", {"on": False})["problem"] is None


def test_a_recording_ends_when_another_camera_is_chosen(start: Start) -> None:
    studio = start(LIDAR)
    name = studio.post("recording", {"on": True})["recording"]["name"]
    studio.state_when(lambda state: state["recording"]["frames"] > 0)
    assert studio.post("camera", {"device": "virtual:lidar"})["recording"] is None
    with Take(studio.library.takes.path(name)) as take:
        assert take.complete
    studio.state_when(lambda state: not state["running"])


def test_a_recording_counts_the_frames_that_came(start: Start, open_stream: OpenStream) -> None:
    studio = start(faulty(LIDAR, drop=0.7))
    page = open_stream(studio.server)
    for _ in range(5):
        page.take()
    before = studio.state()["frames"]
    studio.post("recording", {"on": True})
    state = studio.state_when(lambda state: state["recording"]["frames"] >= 5)
    assert state["recording"]["frames"] <= state["frames"] - before + 1
    assert sum(each["count"] for each in state["dropped"]) > state["recording"]["frames"]


def test_a_recording_that_cannot_be_begun_says_why(start: Start, tmp_path: Path) -> None:
    studio = start(LIDAR)
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio/takes").write_text("in the way")
    status, reason = studio.refusal("recording", {"on": True})
    assert status == 422
    assert "takes" in reason
    assert studio.state()["recording"] is None


def test_the_studio_ends_with_its_takes_closed_and_nothing_running(
    tmp_path: Path, open_stream: OpenStream
) -> None:
    before = set(threading.enumerate())
    with running_studio(LIDAR, tmp_path) as studio:
        open_stream(studio.server).take()
        name = studio.post("recording", {"on": True})["recording"]["name"]
        studio.state_when(lambda state: state["recording"]["frames"] > 2)
    with Take(tmp_path / "takes" / name) as take:
        assert take.complete
    left = [each.name for each in set(threading.enumerate()) - before if each.name.startswith("nearfar")]
    assert left == []


def test_the_studio_ends_while_a_photo_is_taken(tmp_path: Path) -> None:
    with running_studio("virtual:dual", tmp_path) as studio, ThreadPoolExecutor(1) as pool:
        shot = pool.submit(lambda: studio.ask("POST", "shots").status_code)
        studio.state_when(lambda state: state["running"])
        studio.server.stop()
        wait([shot], 30)
        assert shot.done()
    assert not list(tmp_path.glob("photos/.*"))


def test_the_state_is_told_while_a_photo_is_taken(start: Start) -> None:
    studio = start("virtual:dual")
    with ThreadPoolExecutor(1) as pool:
        shot = pool.submit(lambda: studio.post("shots"))
        studio.state_when(lambda state: state["running"])
        assert not shot.done()
    assert len(studio.get("photos")["photos"]) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_there_is_not_is_told_in_words(start: Start, method: str) -> None:
    studio = start("virtual:none")
    for path in ("nothing", "photos/a/b/c", "photos/..%2f..%2fsecret.heic"):
        response = studio.ask(method, path)
        assert response.status_code == 404
        assert f"nothing to {method} at /studio/" in response.json()["reason"]
    assert studio.ask("POST", "devices").status_code == 404
