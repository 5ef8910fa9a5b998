"""The aperture in 35 mm terms: the table of the thin lens, and what a photo says of its lens."""

from __future__ import annotations

import math

import numpy as np
import pytest

import nearfar as nf
from nearfar.effects import blur_strength
from nearfar.effects.aperture_geometry import aperture_of


def photo_of(
    size: tuple[int, int], *, focal: float | None = None, kind: str = "disparity", metric: bool = True
) -> nf.Photo:
    """A grey photo with a ramp as its depth, its focal length in pixels."""
    width, height = size
    calibration = None
    if focal is not None:
        matrix = [[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]]
        calibration = nf.Calibration(np.array(matrix), size)
    ramp = np.linspace(0.25, 2.25, 32, dtype=np.float32)[None].repeat(32 * height // width, axis=0)
    depth = nf.DepthMap(ramp, kind=nf.DepthKind(kind), calibration=calibration, metric=metric)
    return nf.Photo(np.full((height, width, 3), 128, np.uint8), depth)


@pytest.mark.parametrize(
    ("equivalent", "f_number", "focus", "radius"),
    [(26, 1.4, 1.0, 27), (52, 1.4, 1.0, 108), (52, 1.4, 1.5, 72), (52, 4.5, 1.5, 22), (77, 2.8, 1.5, 79)],
)
def test_infinity_blurs_as_behind_a_lens_of_a_full_frame_camera(
    equivalent: float, f_number: float, focus: float, radius: float
) -> None:
    width, height = 4032, 2688  # 3:2 as the frame, so that its width and its diagonal say the same
    photo = photo_of((width, height), focal=equivalent / 36 * width)
    assert blur_strength(photo, f_number) / focus == pytest.approx(radius, rel=0.02)


def test_half_the_size_is_half_the_blur_and_twice_the_f_number_too() -> None:
    photo = photo_of((640, 480), focal=700)
    whole = blur_strength(photo, 2.0)
    assert blur_strength(photo, 2.0, size=(320, 240)) == pytest.approx(whole / 2)
    assert blur_strength(photo, 4.0) == pytest.approx(whole / 2)


def test_without_calibration_exif_tells_the_lens_and_without_exif_it_is_50_mm() -> None:
    known, unknown = photo_of((640, 480), focal=700), photo_of((640, 480))
    equivalent = 700 / 800 * math.hypot(36, 24)
    exif = nf.Metadata.of_camera(calibration=known.depth.calibration)  # type: ignore[union-attr]
    told = unknown.with_metadata(exif)
    assert blur_strength(told, 2.0) == pytest.approx(blur_strength(known, 2.0), rel=0.03)
    assert blur_strength(unknown, 2.0) == pytest.approx(
        blur_strength(known, 2.0) * (50 / equivalent) ** 2, rel=1e-6
    )


def test_a_map_without_a_unit_reaches_from_half_a_metre_to_infinity() -> None:
    metric, scaled = photo_of((640, 480), focal=700), photo_of((640, 480), focal=700, metric=False)
    assert blur_strength(scaled, 2.0) == pytest.approx(blur_strength(metric, 2.0) * 2.0 / 2.0)
    assert metric.depth is not None
    tenfold = nf.Photo(metric.color, metric.depth.replace(values=metric.depth.values * 10, metric=False))
    assert blur_strength(tenfold, 2.0) * 10 == pytest.approx(
        blur_strength(nf.Photo(metric.color, metric.depth.replace(metric=False)), 2.0)
    )


def test_a_map_of_one_value_has_a_strength_too() -> None:
    flat = nf.DepthMap(np.full((4, 4), 3.0, np.float32), metric=False)
    assert math.isfinite(blur_strength(nf.Photo(np.zeros((4, 4, 3), np.uint8), flat), 1.4))


def test_the_aperture_is_the_one_asked_for_else_the_stored_one_else_2_8() -> None:
    photo = photo_of((64, 48))
    assert aperture_of(photo) == 2.8
    assert aperture_of(photo.with_edits(f_number=4.5)) == 4.5
    assert aperture_of(photo.with_edits(f_number=4.5), 16) == 16
    assert aperture_of(photo.with_edits(f_number=0.95)) == 1.4
    assert aperture_of(photo.with_edits(f_number=64)) == 22


@pytest.mark.parametrize("f_number", [1.39, 22.5, 0, -2, float("nan"), float("inf")])
def test_an_aperture_out_of_range_is_refused(f_number: float) -> None:
    with pytest.raises(ValueError, match=r"1\.4\.\.22"):
        aperture_of(photo_of((64, 48)), f_number)


@pytest.mark.parametrize("f_number", ["2.8", True, (2.8,)])
def test_an_aperture_that_is_no_number_is_refused(f_number: object) -> None:
    with pytest.raises(TypeError, match="f_number"):
        aperture_of(photo_of((64, 48)), f_number)  # type: ignore[arg-type]
