"""The photos of the studio over HTTP: dropped in, shown, edited, taken away and deleted."""

from __future__ import annotations

import asyncio
import io
import re
import struct
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

import nearfar as nf
from nearfar.studio.messages import FROM_STUDIO, PhotoDepth
from nearfar.studio.wire import decode
from studio.photo_pages import PHOTOS, Page, made_photo

HEIC = "photos/apple/iphone13pro_dualwide.heic"
PHONES = [
    HEIC,
    "photos/apple/iphone12mini_depth_gainmap.jpg",
    "photos/apple/iphonex_depth.jpg",
    "photos/apple/iphonex_depth_matte.jpg",
    "photos/android/lensblur_gdepth_1.jpg",
    "photos/no-depth/samsung_gainmap.heic",
    "photos/spatial/visionpro_spatial.heic",
]


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path / "studio")


@pytest.fixture
def made(page: Page) -> Page:
    """A page with one photo on its shelf."""
    assert page.drop("made.heic", made_photo().file_data("heic")).status_code == 201
    return page


def picture_of(response: httpx.Response) -> Image.Image:
    assert response.status_code == 200, response.text
    return Image.open(io.BytesIO(response.content))


def depth_of(response: httpx.Response) -> tuple[PhotoDepth, np.ndarray[Any, Any]]:
    assert response.status_code == 200, response.text
    message = decode(response.content, FROM_STUDIO)
    part = message.depth
    return message, np.frombuffer(part.data, np.float32).reshape(part.height, part.width)


# Dropping in


@pytest.mark.parametrize("name", PHONES)
def test_what_a_phone_took_can_be_dropped_in_and_looked_at(page: Page, samples: Path, name: str) -> None:
    data = (samples / name).read_bytes()
    entry = page.drop(Path(name).name, data).json()
    photo = nf.open(data)
    assert (entry["width"], entry["height"]) == photo.size
    assert entry["hasDepth"] == photo.has_depth
    assert entry["problem"] is None
    (shown,) = page.ask("GET").json()["photos"]
    assert shown == entry
    small = picture_of(page.ask("GET", f"/{entry['id']}/thumbnail.jpg"))
    large = picture_of(page.ask("GET", f"/{entry['id']}/picture.jpg", params={"side": 1280}))
    assert max(small.size) == 256
    assert max(large.size) == 1280
    truth = Image.fromarray(photo.color).resize(large.size, Image.Resampling.BOX)
    assert np.abs(np.asarray(large, np.int16) - np.asarray(truth, np.int16)).mean() < 3
    for kind, matte in photo.mattes.items():
        shown = picture_of(page.ask("GET", f"/{entry['id']}/mattes/{kind.value}.png"))
        assert np.array_equal(np.asarray(shown), matte.values)


def test_the_same_photo_twice_is_one(page: Page) -> None:
    data = made_photo().file_data("heic")
    first = page.drop("a.heic", data)
    again = page.drop("b.heic", data)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert page.files() == ["a.heic"]


def test_photos_are_for_their_user_alone(made: Page) -> None:
    place = made.library.photos.path("made.heic")
    assert place.stat().st_mode & 0o077 == 0
    made.ask("POST", "/made.heic/edits", json={"fNumber": 4})
    assert place.stat().st_mode & 0o077 == 0


def test_the_head_of_a_part_tells_of_it_without_it(made: Page) -> None:
    for part in ("thumbnail.jpg", "depth", "download/heic"):
        head, whole = (made.ask(method, f"/made.heic/{part}") for method in ("HEAD", "GET"))
        assert head.headers["content-length"] == str(len(whole.content))


def test_other_photos_of_one_name_stand_side_by_side(page: Page) -> None:
    page.drop("IMG_0001.HEIC", made_photo().file_data("heic"))
    page.drop("IMG_0001.HEIC", made_photo(metric=False).file_data("heic"))
    assert page.files() == ["IMG_0001 2.HEIC", "IMG_0001.HEIC"]


def test_many_at_once_lose_none(page: Page) -> None:
    photos = [made_photo().with_edits(f_number=2 + k).file_data("jpeg") for k in range(6)]

    async def drop(client: httpx.AsyncClient) -> list[httpx.Response]:
        posts = [client.post(PHOTOS, params={"name": "same.jpg"}, content=data) for data in photos]
        return await asyncio.gather(*posts)

    ids = {response.json()["id"] for response in page.together(drop)}
    assert len(ids) == len(photos)
    kept = {(page.library.photos.folder / each).read_bytes() for each in ids}
    assert kept == set(photos)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("x.jpg", "x.heic"),
        ("photo", "photo.heic"),
        ("", "photo.heic"),
        ("../../up.heic", "up.heic"),
        ("/etc/passwd", "passwd.heic"),
        (".heic", "photo.heic"),
        ("A B.HIF", "A B.HIF"),
        ("läd.heic", "läd.heic"),
    ],
)
def test_a_name_is_made_plain_and_says_what_is_inside(page: Page, name: str, kept: str) -> None:
    entry = page.drop(name, made_photo().file_data("heic")).json()
    assert entry["id"] == kept
    assert page.files() == [kept]


def cut_off(data: bytes) -> bytes:
    return data[: len(data) // 4]


def without_pixels(data: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("L", (8, 8)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda _: b"", "empty"),
        (lambda _: b"not a photo at all", "neither HEIC nor JPEG"),
        (without_pixels, "neither HEIC nor JPEG"),
        (cut_off, ""),
        (lambda data: data[:40], ""),
    ],
)
@pytest.mark.parametrize("container", ["heic", "jpeg"])
def test_what_is_no_photo_is_refused_and_leaves_nothing_behind(
    page: Page, spoil: Any, words: str, container: str
) -> None:
    response = page.drop("x.jpg", spoil(made_photo().file_data(container)))
    assert response.status_code == 415
    reason = response.json()["reason"]
    assert words in reason
    assert reason.startswith("x.jpg: ")
    assert reason.endswith("as the phone took it.")
    assert str(page.library.folder) not in reason
    assert page.files() == []


def bomb(marker: int, size: tuple[int, int]) -> bytes:
    """A small JPEG that says it is large."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "JPEG", progressive=marker == 0xC2, subsampling=0)
    data = bytearray(out.getvalue())
    at = data.index(bytes((0xFF, marker))) + 5
    data[at : at + 4] = struct.pack(">2H", *size)
    return bytes(data)


def vast_heic() -> bytes:
    """A HEIC whose every picture says it is vast."""
    data = made_photo().file_data("heic")
    return re.sub(rb"ispe\0{4}.{8}", b"ispe" + struct.pack(">3I", 0, 300_000, 300_000), data, flags=re.DOTALL)


def vast_depth() -> bytes:
    """A small picture with a map that is larger than any phone's."""
    depth = nf.DepthMap(np.ones((4100, 4100), np.float32))
    return nf.Photo(np.zeros((64, 64, 3), np.uint8), depth).file_data("heic")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lambda: bomb(0xC0, (65500, 65500)), "65500×65500"),
        (lambda: bomb(0xC0, (7100, 7100)), "50,000,000"),
        (lambda: bomb(0xC2, (7000, 7000)), "coefficients"),
        (vast_heic, "300000×300000"),
        (vast_depth, "4100×4100"),
    ],
)
def test_a_bomb_is_refused_before_it_is_decoded(page: Page, data: Any, words: str) -> None:
    response = page.drop("bomb", data())
    assert response.status_code == 413
    assert words in response.json()["reason"]
    assert "max_pixels" not in response.json()["reason"]
    assert page.files() == []


# What is kept


def test_an_unchanged_picture_is_not_sent_twice(made: Page) -> None:
    version = made.ask("GET").json()["photos"][0]["version"]
    for part in ("thumbnail.jpg", "picture.jpg?side=40", "mattes/portrait.png", "depth"):
        first = made.ask("GET", f"/made.heic/{part}")
        assert first.headers["cache-control"] == "private, no-cache"
        tag = {"If-None-Match": first.headers["etag"]}
        again = made.ask("GET", f"/made.heic/{part}", headers=tag)
        assert (again.status_code, again.content) == (304, b"")
        join = "&" if "?" in part else "?"
        assert "immutable" in made.ask("GET", f"/made.heic/{part}{join}v={version}").headers["cache-control"]
    made.ask("POST", "/made.heic/edits", json={"fNumber": 4})
    assert made.ask("GET", "/made.heic/depth", headers=tag).status_code == 200


@pytest.mark.parametrize("side", ["0", "-1", "x", "", "99999", "1" * 5000, "00000199999999", "१"])
def test_a_picture_has_a_size_that_can_be(made: Page, side: str) -> None:
    response = made.ask("GET", "/made.heic/picture.jpg", params={"side": side})
    assert response.status_code == 400
    assert "pixels" in response.json()["reason"]


def test_a_picture_is_never_made_larger(made: Page) -> None:
    for query in ({}, {"side": 3000}):
        assert picture_of(made.ask("GET", "/made.heic/picture.jpg", params=query)).size == (80, 60)


# Depth


def test_depth_is_that_of_the_photo_with_its_view(made: Page) -> None:
    message, values = depth_of(made.ask("GET", "/made.heic/depth"))
    depth = nf.open(made.library.photos.path("made.heic")).require_depth()
    assert np.array_equal(values, depth.to(nf.DepthKind.DEPTH).values)
    assert message.tangents == pytest.approx((38 / 75, 42 / 75, 31 / 75, 29 / 75))
    assert (message.assumed, message.metric, message.depth.accuracy) == (False, True, "relative")


def test_depth_of_a_phone_lies_under_its_picture(page: Page, samples: Path) -> None:
    page.drop("x.jpg", (samples / "photos/apple/iphonex_depth.jpg").read_bytes())
    message, values = depth_of(page.ask("GET", "/x.jpg/depth"))
    assert values.shape == (768, 576)
    left, right, up, down = message.tangents
    assert (left + right) / (up + down) == pytest.approx(3024 / 4032)


def test_a_view_that_nobody_knows_is_marked_as_assumed(page: Page) -> None:
    page.drop("x.heic", made_photo(metric=False, calibrated=False).file_data("heic"))
    message, _ = depth_of(page.ask("GET", "/x.heic/depth"))
    assert (message.assumed, message.metric) == (True, False)
    width = np.degrees(np.arctan(message.tangents[0]) + np.arctan(message.tangents[1]))
    assert width == pytest.approx(65)


def test_holes_and_infinity_are_0_and_large_maps_come_smaller(page: Page) -> None:
    values = np.full((900, 1200), 2.0, np.float32)
    values[:300] = np.nan
    values[300:600] = np.inf
    nf_photo = nf.Photo(np.zeros((900, 1200, 3), np.uint8), nf.DepthMap(values, nf.DepthKind.DEPTH))
    page.drop("x.heic", nf_photo.file_data("heic"))
    _, sent = depth_of(page.ask("GET", "/x.heic/depth"))
    assert sent.shape == (576, 768)
    assert (sent[:380] == 0).all()
    assert (sent[390:] == 2).all()


def test_a_photo_without_depth_says_what_it_has(page: Page, samples: Path) -> None:
    page.drop("x.heic", (samples / "photos/no-depth/samsung_gainmap.heic").read_bytes())
    for part in ("depth", "download/png", "download/ply", "download/portrait"):
        response = page.ask("GET", f"/x.heic/{part}")
        assert response.status_code == 422
        assert "gain map" in response.json()["reason"]
        assert str(page.library.folder) not in response.json()["reason"]


# Words


def test_details_say_what_is_inside(page: Page, samples: Path) -> None:
    page.drop("IMG.HEIC", (samples / HEIC).read_bytes())
    details = page.ask("GET", "/IMG.HEIC").json()
    text = {line["label"]: line["text"] for line in details["lines"]}
    assert text["Camera"] == "Apple iPhone 13 Pro"
    assert text["Depth"].startswith("768 × 576 pixels, from 0.23 m to 0.67 m (nominal")
    assert "Place" not in text
    assert details["depth"] == {"width": 768, "height": 576, "metric": True, "relative": True}
    assert (details["fNumber"], details["storedFNumber"], details["storedFocus"]) == (2.8, None, None)
    assert all(0 <= each <= 1 for each in details["focus"])
    asked = page.ask("GET", "/IMG.HEIC", params={"location": "true"}).json()
    assert "Place" in {line["label"] for line in asked["lines"]}


def test_the_focus_that_a_page_begins_with_is_that_of_the_portrait(page: Page, samples: Path) -> None:
    for name in PHONES[:5]:
        data = (samples / name).read_bytes()
        entry = page.drop(Path(name).name, data).json()
        x, y = page.ask("GET", f"/{entry['id']}").json()["focus"]
        photo = nf.open(data)
        found, at = nf.effects.focus_disparity(photo), nf.effects.focus_disparity(photo, (x, y))
        span = np.ptp(photo.require_depth().to(nf.DepthKind.DISPARITY).values.astype(np.float32))
        assert abs(found.disparity - at.disparity) < 0.05 * span


# Edits


def test_an_edit_goes_the_whole_round(page: Page, samples: Path, tmp_path: Path) -> None:
    original = samples / HEIC
    page.drop("IMG.HEIC", original.read_bytes())
    before = page.ask("GET", "/IMG.HEIC").json()
    after = page.ask("POST", "/IMG.HEIC/edits", json={"fNumber": 1.4, "focus": [0.25, 0.75]}).json()
    assert after["entry"]["version"] != before["entry"]["version"]
    assert (after["storedFNumber"], after["storedFocus"]) == (1.4, [0.25, 0.75])
    assert (after["fNumber"], after["focus"]) == (1.4, [0.25, 0.75])
    assert page.ask("GET").json()["photos"] == [after["entry"]]
    taken = page.ask("GET", "/IMG.HEIC/download/heic")
    assert 'filename="IMG.HEIC"' in taken.headers["content-disposition"]
    (tmp_path / "taken.heic").write_bytes(taken.content)
    photo, first = nf.open(tmp_path / "taken.heic"), nf.open(original)
    assert (photo.edits.f_number, photo.edits.focus) == (1.4, (0.25, 0.75))
    assert photo.require_depth().equals(first.require_depth())
    assert np.array_equal(photo.color, first.color)
    back = page.ask("DELETE", "/IMG.HEIC/edits").json()
    assert (back["storedFNumber"], back["storedFocus"], back["focus"]) == (None, None, before["focus"])
    assert nf.open(page.library.photos.path("IMG.HEIC")).edits == first.edits


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"fNumber": 1}, "1.4..22"),
        ({"fNumber": 2, "focus": [1.5, 0]}, "focus"),
        ({"fNumber": "2"}, "fNumber"),
    ],
)
def test_an_edit_that_cannot_be_changes_nothing(made: Page, wish: dict[str, Any], words: str) -> None:
    before = made.ask("GET").json()
    response = made.ask("POST", "/made.heic/edits", json=wish)
    assert response.status_code in (400, 422)
    assert words in response.json()["reason"]
    assert made.ask("GET").json() == before


def test_a_photo_that_has_no_place_for_edits_says_what_to_do(page: Page, samples: Path) -> None:
    page.drop("x.jpg", (samples / "photos/android/lensblur_gdepth_2.jpg").read_bytes())
    response = page.ask("POST", "/x.jpg/edits", json={"fNumber": 2})
    assert response.status_code == 422
    assert "as HEIC" in response.json()["reason"]
    heic = page.ask("GET", "/x.jpg/download/heic")
    page.drop("x.heic", heic.content)
    assert page.ask("POST", "/x.heic/edits", json={"fNumber": 2}).json()["storedFNumber"] == 2


def test_edits_at_once_come_one_after_the_other(made: Page) -> None:
    async def edit(client: httpx.AsyncClient) -> list[httpx.Response]:
        numbers = [1.4 + k for k in range(8)]
        posts = [client.post(f"{PHOTOS}/made.heic/edits", json={"fNumber": each}) for each in numbers]
        return await asyncio.gather(*posts)

    answers = [response.json() for response in made.together(edit)]
    assert sorted(each["storedFNumber"] for each in answers) == [1.4 + k for k in range(8)]
    stored = nf.open(made.library.photos.path("made.heic")).edits.f_number
    assert stored in [each["storedFNumber"] for each in answers]
    assert made.files() == ["made.heic"]


# To take away


@pytest.mark.parametrize(("kind", "container"), [("heic", "heic"), ("jpg", "jpeg")])
def test_a_photo_is_taken_away_in_either_container(made: Page, kind: str, container: str) -> None:
    made.ask("POST", "/made.heic/edits", json={"fNumber": 4, "focus": [0.5, 0.5]})
    response = made.ask("GET", f"/made.heic/download/{kind}")
    assert response.headers["content-type"] == f"image/{container}"
    assert f'attachment; filename="made.{kind}"' in response.headers["content-disposition"]
    photo = nf.open(response.content)
    assert photo.container == container
    assert (photo.edits.f_number, photo.edits.focus) == (4, (0.5, 0.5))
    assert photo.require_depth().size == (40, 30)


def test_depth_is_taken_away_in_millimetres(made: Page) -> None:
    response = made.ask("GET", "/made.heic/download/png")
    picture = picture_of(response)
    assert "nominal" in picture.text["Description"]  # type: ignore[attr-defined]
    depth = nf.open(made.library.photos.path("made.heic")).require_depth().to(nf.DepthKind.DEPTH)
    assert np.abs(np.asarray(picture) / 1000 - depth.values).max() <= 0.0005001
    assert 'filename="made depth.png"' in response.headers["content-disposition"]


def test_depth_without_a_unit_has_no_millimetres(page: Page) -> None:
    page.drop("x.heic", made_photo(metric=False).file_data("heic"))
    response = page.ask("GET", "/x.heic/download/png")
    assert response.status_code == 422
    assert "no unit" in response.json()["reason"]


def test_points_are_taken_away_in_colour(made: Page, tmp_path: Path) -> None:
    (tmp_path / "made.ply").write_bytes(made.ask("GET", "/made.heic/download/ply").content)
    cloud = nf.PointCloud.load(tmp_path / "made.ply")
    photo = nf.open(made.library.photos.path("made.heic"))
    assert cloud.equals(photo.require_depth().points(photo.color))


def test_a_portrait_is_taken_away_with_the_stored_edits(made: Page) -> None:
    made.ask("POST", "/made.heic/edits", json={"fNumber": 1.4, "focus": [0.9, 0.5]})
    response = made.ask("GET", "/made.heic/download/portrait")
    assert 'filename="made f1.4.jpg"' in response.headers["content-disposition"]
    photo = nf.open(response.content)
    assert not photo.has_depth
    truth = nf.portrait(nf.open(made.library.photos.path("made.heic")))
    assert np.array_equal(photo.color, nf.open(truth.file_data("jpeg", color_quality=92)).color)


def test_a_name_of_another_script_reaches_the_browser(page: Page) -> None:
    page.drop('写真 "1".heic', made_photo().file_data("heic"))
    (entry,) = page.ask("GET").json()["photos"]
    header = page.ask("GET", f"/{entry['id']}/download/heic").headers["content-disposition"]
    assert header.isascii()
    assert "filename*=UTF-8''%E5%86%99%E7%9C%9F" in header


# Gone


def test_photos_are_deleted_one_by_one_and_all(made: Page) -> None:
    made.drop("other.jpg", made_photo().file_data("jpeg"))
    left = made.ask("DELETE", "/made.heic").json()
    assert [each["id"] for each in left["photos"]] == ["other.jpg"]
    assert left["bytes"] == left["photos"][0]["bytes"]
    assert made.ask("DELETE").json()["photos"] == []
    assert made.files() == []


@pytest.mark.parametrize(
    ("method", "part"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/thumbnail.jpg"),
        ("GET", "/picture.jpg"),
        ("GET", "/depth"),
        ("GET", "/mattes/portrait.png"),
        ("GET", "/download/heic"),
        ("GET", "/download/ply"),
        ("POST", "/edits"),
        ("DELETE", "/edits"),
    ],
)
@pytest.mark.parametrize("name", ["gone.heic", "..", "%2e%2e", "..%5cmade.heic", "x%00.heic"])
def test_what_is_not_there_is_said(made: Page, method: str, part: str, name: str) -> None:
    options = {"json": {"fNumber": 2}} if method == "POST" else {}
    response = made.together(
        lambda client: client.request(method, httpx.URL(f"http://localhost{PHOTOS}/{name}{part}"), **options)
    )
    assert response.status_code in (404, 405)
    assert made.files() == ["made.heic"]


def test_a_matte_that_is_not_there_is_said(made: Page) -> None:
    for kind, status in (("sky", 422), ("nonsense", 404)):
        response = made.ask("GET", f"/made.heic/mattes/{kind}.png")
        assert response.status_code == status
        assert kind in response.json()["reason"]


def test_a_file_that_is_no_photo_any_more_is_shown_with_its_problem(made: Page) -> None:
    (made.library.photos.folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    entries = {each["id"]: each for each in made.ask("GET").json()["photos"]}
    assert entries["made.heic"]["problem"] is None
    assert entries["broken.jpg"]["problem"].startswith("broken.jpg: ")
    for part in ("", "/thumbnail.jpg", "/depth", "/download/jpg"):
        response = made.ask("GET", f"/broken.jpg{part}")
        assert response.status_code == 422
        assert response.json()["reason"].startswith("broken.jpg: ")


def test_deleting_while_reading_harms_nobody(page: Page) -> None:
    data = made_photo().file_data("heic")

    async def crowd(client: httpx.AsyncClient) -> list[int]:
        codes = []
        for _ in range(4):
            await client.post(PHOTOS, params={"name": "a.heic"}, content=data)
            asks: list[Any] = [
                client.get(f"{PHOTOS}/a.heic/{part}")
                for part in ("thumbnail.jpg", "depth", "download/heic", "download/jpg", "download/ply")
            ]
            asks.insert(2, client.post(f"{PHOTOS}/a.heic/edits", json={"fNumber": 3}))
            asks.insert(3, client.delete(f"{PHOTOS}/a.heic"))
            asks.append(client.delete(PHOTOS))
            codes += [response.status_code for response in await asyncio.gather(*asks)]
        return codes

    assert set(page.together(crowd)) <= {200, 404}
    assert page.files() == []
