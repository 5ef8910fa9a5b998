"""What is in focus: places and distances that a user gives, what the file stores, what stands out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import nearfar as nf
from nearfar.effects.focusing import Focus, focus_disparity
from nearfar.photo.xmp import NAMESPACES

FAR, NEAR = 0.4, 1.6
ROWS, COLUMNS = 96, 128


def disparity(values: NDArray[np.float32], **options: bool) -> nf.DepthMap:
    return nf.DepthMap(np.asarray(values, np.float32), nf.DepthKind.DISPARITY, **options)


def two_sides(seed: int = 0, *, noise: float = 0.0, soft: bool = False) -> NDArray[np.float32]:
    """Far at the left, near at the right, split in the middle; noisy, or with an edge three pixels soft."""
    values = np.full((ROWS, COLUMNS), FAR, np.float32)
    values[:, COLUMNS // 2 :] = NEAR
    if soft:
        values[:, COLUMNS // 2 - 1 : COLUMNS // 2 + 2] = (0.7, 1.0, 1.3)
    values += np.random.default_rng(seed).normal(0, noise, values.shape).astype(np.float32)
    return values


def picture(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.zeros((values.shape[0], values.shape[1], 3), np.uint8)


@given(
    x=st.floats(0, 1), y=st.floats(0, 1), seed=st.integers(0, 99), soft=st.booleans(), holes=st.floats(0, 0.6)
)
def test_a_point_gives_one_of_the_surfaces_and_never_between(
    x: float, y: float, seed: int, soft: bool, holes: float
) -> None:
    values = two_sides(seed, noise=0.004, soft=soft)
    values[np.random.default_rng(seed).random(values.shape) < holes] = np.nan
    found = focus_disparity(disparity(values), (x, y)).disparity
    assert min(abs(found - FAR), abs(found - NEAR)) < 0.01
    if abs(x - 0.5) > 0.04:
        assert abs(found - (NEAR if x > 0.5 else FAR)) < 0.01


def test_depth_of_almost_nothing_is_focused_without_a_warning() -> None:
    depth = nf.DepthMap(two_sides() * np.float32(1e-38), kind=nf.DepthKind.DEPTH)
    assert np.isfinite(focus_disparity(depth).disparity)


def test_a_point_on_a_wire_focuses_the_wire() -> None:
    values = np.full((ROWS, COLUMNS), FAR, np.float32)
    values[:, 40] = NEAR
    assert focus_disparity(disparity(values), (40.5 / COLUMNS, 0.3)).disparity == np.float32(NEAR)
    assert focus_disparity(disparity(values), (44.5 / COLUMNS, 0.3)).disparity == np.float32(FAR)


def test_a_point_in_a_large_hole_takes_the_surface_nearest_to_it() -> None:
    values = two_sides()
    values[:, 30:90] = np.nan
    assert focus_disparity(disparity(values), (0.3, 0.5)).disparity == np.float32(FAR)
    assert focus_disparity(disparity(values), (0.65, 0.5)).disparity == np.float32(NEAR)


def test_a_rectangle_takes_the_near_thing_inside() -> None:
    values = np.full((ROWS, COLUMNS), FAR, np.float32)
    values[30:60, 40:70] = 0.9
    values[:, 100:] = NEAR  # outside of it
    found = focus_disparity(disparity(values), (0.25, 0.2, 0.4, 0.5))
    assert found == Focus(float(np.float32(0.9)), "rectangle", (0.25, 0.2, 0.4, 0.5))


def test_a_rectangle_of_holes_takes_what_is_beside_it() -> None:
    values = two_sides()
    values[20:40, 80:100] = np.nan
    found = focus_disparity(disparity(values), (85 / COLUMNS, 25 / ROWS, 0.05, 0.05))
    assert found.disparity == np.float32(NEAR)


def test_a_distance_is_its_reciprocal_and_takes_metres() -> None:
    values = disparity(two_sides())
    assert focus_disparity(values, focus_distance=2).disparity == 0.5
    assert focus_disparity(values, focus_distance=float("inf")).disparity == 0
    assert focus_disparity(values, "auto", focus_distance=2).source == "distance"
    with pytest.raises(nf.PhotoError, match=r"metres.*disparity map has values 0\.4\.\.1\.6 in an arbitrary"):
        focus_disparity(disparity(two_sides(), metric=False), focus_distance=2)


def test_a_map_of_depth_is_focused_by_its_reciprocal() -> None:
    depth = nf.DepthMap(1 / two_sides(), nf.DepthKind.DEPTH)
    assert focus_disparity(depth, (0.9, 0.5)).disparity == pytest.approx(NEAR, rel=1e-6)
    beyond = np.full((9, 9), np.inf, np.float32)
    assert focus_disparity(nf.DepthMap(beyond), (0.5, 0.5)).disparity == 0


@pytest.mark.parametrize("focus", [None, (0.5, 0.5), (0, 0, 1, 1)])
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 1), (64, 48)])
def test_a_constant_map_of_any_size_has_its_only_disparity(
    shape: tuple[int, int], focus: tuple[float, float] | None
) -> None:
    assert focus_disparity(disparity(np.full(shape, 0.7, np.float32)), focus).disparity == np.float32(0.7)


# Bad input


@pytest.mark.parametrize(
    "focus",
    [(1.01, 0.5), (0.5, -0.1), (320, 240), (np.nan, 0.5), (0.5, np.inf), (0.5, 0.5, 0.6, 0.1),
     (0, 0, -0.1, 0.1), (0.5,), (0.1, 0.2, 0.3), "centre", (0.5, 0.5, 0.1, 0.6)],
)  # fmt: skip
def test_a_place_outside_of_the_picture_is_refused(focus: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="focus"):
        focus_disparity(disparity(two_sides()), focus)


@pytest.mark.parametrize("distance", [0, -1, float("nan")])
def test_a_distance_of_none_is_refused(distance: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        focus_disparity(disparity(two_sides()), focus_distance=distance)


def test_things_that_are_no_place_distance_or_photo_are_refused() -> None:
    depth = disparity(two_sides())
    with pytest.raises(TypeError, match="focus is"):
        focus_disparity(depth, 0.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="metres"):
        focus_disparity(depth, focus_distance="2")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="ndarray"):
        focus_disparity(depth.values)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not both"):
        focus_disparity(depth, (0.5, 0.5), focus_distance=2)


def test_without_depth_the_error_names_what_there_is(samples: Path) -> None:
    for name, words in (
        ("no-depth/samsung_gainmap.heic", "gain map"),
        ("spatial/visionpro_spatial.heic", "stereo"),
    ):
        with pytest.raises(nf.NoDepth, match=words):
            focus_disparity(nf.open(samples / "photos" / name))


@pytest.mark.parametrize("options", [{}, {"focus_distance": 1.0}])
def test_a_map_of_holes_alone_is_no_depth(options: dict[str, float]) -> None:
    with pytest.raises(nf.NoDepth, match="only holes"):
        focus_disparity(disparity(np.full((8, 8), np.nan, np.float32)), **options)


# Automatic


def bust(middle: float = 0.5, width: float = 0.4) -> NDArray[np.float32]:
    """A figure of disparity 1 on a floor before a wall of 0.2, behind a thin pole of 3."""
    y, x = np.mgrid[:ROWS, :COLUMNS] / np.array((ROWS, COLUMNS)).reshape(2, 1, 1)
    values = np.maximum(0.2, 4 * (y - 0.55)).astype(np.float32)
    values[(np.abs(x - middle) < width / 2) & (y > 0.25)] = 1.0
    values[:, 30:32] = 3.0
    return values


@pytest.mark.parametrize(("middle", "width"), [(0.5, 0.5), (0.4, 0.3), (0.65, 0.3)])
def test_what_stands_out_is_the_figure_and_not_the_floor_the_wall_or_the_pole(
    middle: float, width: float
) -> None:
    found = focus_disparity(disparity(bust(middle, width)))
    assert found.disparity == pytest.approx(1.0, abs=0.02)
    assert found.source == "nearest"
    assert found.region is not None
    x, y, w, _ = found.region
    assert abs(x + w / 2 - middle) < 0.1
    assert y > 0.2


def test_a_stored_focus_comes_before_all() -> None:
    values = bust()
    photo = nf.Photo(picture(values), disparity(values), edits=nf.Edits(focus=(0.9, 0.1)))
    found = focus_disparity(photo)
    assert (found.source, found.disparity) == ("edit", np.float32(0.2))
    assert focus_disparity(photo, (0.5, 0.5)).source == "point"


def test_a_stored_distance_counts_where_depth_is_in_metres() -> None:
    values = bust()
    edits = nf.Edits(focus_distance=2)
    found = focus_disparity(nf.Photo(picture(values), disparity(values), edits=edits))
    assert found == Focus(0.5, "edit")
    relative = nf.Photo(picture(values), disparity(values, metric=False), edits=edits)
    assert focus_disparity(relative).source == "nearest"


def face(kind: str, x: float, y: float, size: float = 0.1) -> str:
    sides = "".join(
        f"<stArea:{name}>{part}</stArea:{name}>"
        for name, part in zip("xywh", (x, y, size, size), strict=True)
    )
    return (
        f'<rdf:li rdf:parseType="Resource"><mwg-rs:Type>{kind}</mwg-rs:Type>'
        f'<mwg-rs:Area rdf:parseType="Resource">{sides}</mwg-rs:Area></rdf:li>'
    )


def with_regions(*items: str) -> nf.Metadata:
    names = " ".join(f'xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in ("rdf", "mwg-rs", "stArea"))
    return nf.Metadata(
        xmp=(
            f'<rdf:RDF {names}><rdf:Description rdf:about=""><mwg-rs:Regions rdf:parseType="Resource">'
            f"<mwg-rs:RegionList><rdf:Bag>{''.join(items)}</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF>"
        ).encode()
    )


def test_what_the_file_marks_comes_before_the_matte_and_the_largest_face_before_others() -> None:
    values = bust()
    matte = nf.Matte(np.full(values.shape, 255, np.uint8))
    small, large, focus = face("Face", 0.5, 0.5, 0.1), face("Face", 0.9, 0.15, 0.15), face("Focus", 0.5, 0.4)
    for items, source, level in (
        ((small,), "face", 1.0),
        ((small, large), "face", 0.2),
        ((small, large, focus), "focus", 1.0),
        ((face("Pet", 0.9, 0.1),), "pet", 0.2),
        ((face("BarCode", 0.9, 0.1),), "matte", 1.0),
    ):
        photo = nf.Photo(picture(values), disparity(values), [matte], metadata=with_regions(*items))
        found = focus_disparity(photo)
        assert (found.source, found.disparity) == (source, np.float32(level))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("apple/iphone12mini_depth_gainmap.jpg", "subject"),
        ("apple/iphone13pro_dualwide.heic", "subject"),
        ("apple/iphonex_depth.jpg", "focus"),
        ("apple/iphonex_depth_matte.jpg", "focus"),
        ("android/lensblur_gdepth_1.jpg", "focus"),
        ("android/lensblur_gdepth_2.jpg", "focus"),
    ],
)
def test_real_photos_tell_their_focus(samples: Path, name: str, source: str) -> None:
    photo = nf.open(samples / "photos" / name)
    found = focus_disparity(photo)
    assert found.source == source
    depth = photo.require_depth().to(nf.DepthKind.DISPARITY)
    near, far = np.percentile(depth.values, (99, 30))
    assert far < found.disparity <= near


def test_a_persons_matte_comes_before_what_stands_out() -> None:
    values = bust()
    covered = np.zeros(values.shape, np.uint8)
    covered[:40, 90:] = 255
    found = focus_disparity(nf.Photo(picture(values), disparity(values), [nf.Matte(covered)]))
    assert (found.source, found.disparity) == ("matte", np.float32(0.2))
    nobody = nf.Photo(picture(values), disparity(values), [nf.Matte(np.zeros_like(covered))])
    assert focus_disparity(nobody).source == "nearest"


@pytest.mark.parametrize("seed", range(4))
def test_the_bust_of_the_portrait_scene_is_found(seed: int) -> None:
    camera = nf.Calibration.from_field_of_view(0.9, (160, 120))
    depth = nf.scene.render(nf.scene.load("portrait", seed=seed), camera).depth
    found = focus_disparity(nf.DepthMap(depth)).disparity
    assert 0.7 < 1 / found < 1.1  # metres, to the head; the wall is at 3.3


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("apple/iphone12mini_depth_gainmap.jpg", (0.58, 0.55)),  # a mug in a hand
        ("apple/iphone13pro_dualwide.heic", (0.5, 0.8)),  # a dog on a bed
        ("apple/iphonex_depth.jpg", (0.5, 0.5)),  # a vase on a table
        ("apple/iphonex_depth_matte.jpg", (0.55, 0.5)),  # a man in a café
        ("android/lensblur_gdepth_1.jpg", (0.3, 0.55)),  # a flower before leaves
    ],
)
def test_the_subject_of_real_photos_is_found(samples: Path, name: str, place: tuple[float, float]) -> None:
    depth = nf.open(samples / "photos" / name).depth
    assert depth is not None
    limits = depth.to(nf.DepthKind.DISPARITY).range
    assert limits is not None
    found = focus_disparity(depth).disparity
    assert found == pytest.approx(focus_disparity(depth, place).disparity, abs=0.12 * (limits[1] - limits[0]))
