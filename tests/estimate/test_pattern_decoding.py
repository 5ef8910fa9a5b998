"""Laws of decode_pattern: what was rendered comes back, and nothing is made up."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nearfar as nf
from estimate.pattern_scenes import BASELINE, FOCAL, camera, plane, scene, shift_error, slanted, step
from nearfar.estimate import PatternProjector, PatternReference, decode_pattern, dot_pattern, render_pattern


def decoded(truth: nf.DepthMap, **options) -> nf.DepthMap:
    view = render_pattern(truth, **options)
    return decode_pattern(view.ir, view.reference, truth.calibration)


def rms(errors) -> float:
    return float(np.sqrt(np.nanmean(np.square(errors))))


@pytest.mark.parametrize(("depth", "millimetres"), [(0.5, 0.23), (1.0, 2.6), (2.0, 10.8)])
def test_planes_come_back_within_the_bars(depth, millimetres) -> None:
    truth = plane(depth)
    found = decoded(truth)
    assert found.holes < 0.01
    assert np.nanmax(np.abs(shift_error(found, truth))) < 1
    assert rms(found.values - truth.values) * 1000 < millimetres


@pytest.mark.parametrize("baseline", [0.075, -0.075, 0.03, 0.12])
@pytest.mark.parametrize("reference_depth", [math.inf, 0.9])
def test_any_baseline_on_any_side_and_any_reference_plane(baseline, reference_depth) -> None:
    truth = slanted()
    projector = PatternProjector(dot_pattern((320, 240)), baseline)
    found = decoded(truth, projector=projector, reference_depth=reference_depth)
    assert found.holes < 0.01
    assert rms(shift_error(found, truth, baseline)) < 0.1


def test_the_shift_has_the_sign_of_the_geometry() -> None:
    """What is nearer than the reference plane moves towards where the projector is not: u = x − f·b/z."""
    near, at = plane(0.8), plane(1.0)
    for baseline in (BASELINE, -BASELINE):
        projector = PatternProjector(dot_pattern((320, 240)), baseline)
        reference = render_pattern(at, projector, reference_depth=1.0).reference
        assert np.sign(reference.shift(0.8, camera())) == np.sign(baseline)
        found = decode_pattern(render_pattern(near, projector).ir, reference, camera())
        assert np.nanmedian(found.values) == pytest.approx(0.8, abs=0.002)


def test_a_board_before_a_wall_and_its_shadow() -> None:
    truth = step()
    view = render_pattern(truth)
    found = decode_pattern(view.ir, view.reference, camera())
    errors = np.abs(shift_error(found, truth))
    lit = ~view.shadow
    edge = np.abs(np.gradient(truth.values)).max(axis=0) > 0
    far_from_edges = np.ones_like(edge)
    for y, x in np.argwhere(edge):
        far_from_edges[max(y - 8, 0) : y + 9, max(x - 8, 0) : x + 9] = False
    assert np.isfinite(errors[lit & far_from_edges]).mean() > 0.98
    assert np.nanmean(errors[lit & far_from_edges] > 1) < 0.005


def test_confidence_is_the_correlation_and_gates_holes() -> None:
    truth = plane(2.0)
    view = render_pattern(truth)
    found = decode_pattern(view.ir, view.reference, camera(), min_confidence=0.0)
    assert found.confidence is not None
    assert (found.confidence[~found.valid] == 0).all()
    for least in (0.5, 0.6, 0.7):
        gated = decode_pattern(view.ir, view.reference, camera(), min_confidence=least)
        expected = np.where(found.confidence >= least, found.values, np.nan)
        assert np.array_equal(gated.values, expected, equal_nan=True)
    near = decoded(plane(1.0)).confidence
    assert near is not None
    assert np.median(near) > np.median(found.confidence)


def test_what_comes_back_is_said_to_be_what_it_is() -> None:
    found = decoded(plane(1.0))
    assert found.kind is nf.DepthKind.DEPTH
    assert found.accuracy is nf.Accuracy.ABSOLUTE
    assert not found.filtered
    assert found.metric
    assert found.dtype == np.float32
    assert found.calibration is not None
    assert found.calibration.equals(camera())


def test_gain_and_brightness_do_not_matter() -> None:
    truth = slanted()
    view = render_pattern(truth)
    found = decode_pattern(view.ir, view.reference, camera())
    brighter = decode_pattern(view.ir.astype(np.uint16) * 37 + 1200, view.reference, camera())
    assert (found.valid == brighter.valid).mean() > 0.999
    assert np.nanmax(np.abs(found.values - brighter.values)) < 0.002


def test_the_calibration_may_be_of_another_size() -> None:
    truth = plane(1.0)
    view = render_pattern(truth)
    double = camera().scaled_to((640, 480))
    found = decode_pattern(view.ir, view.reference, double)
    assert np.nanmedian(found.values) == pytest.approx(1.0, abs=0.002)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 3), (7, 13), (33, 65)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pictures_without_light_are_holes(shape, dtype) -> None:
    height, width = shape
    reference = PatternReference(
        np.random.default_rng(0).integers(0, 255, (height, width + 9), dtype=np.uint8)
    )
    for level in (0, 7, np.iinfo(dtype).max):
        found = decode_pattern(np.full(shape, level, dtype), reference, camera(width, height))
        assert found.shape == shape
        assert not found.valid.any()
        assert found.confidence is not None
        assert not found.confidence.any()


def test_a_constant_reference_matches_nothing() -> None:
    view = render_pattern(plane(1.0))
    found = decode_pattern(view.ir, PatternReference(np.full((240, 320), 9, np.uint8)), camera())
    assert not found.valid.any()


def test_another_pattern_matches_nothing() -> None:
    view = render_pattern(plane(1.0), PatternProjector(dot_pattern((320, 240), seed=1)))
    other = render_pattern(plane(1.0), PatternProjector(dot_pattern((320, 240), seed=2)))
    assert decode_pattern(view.ir, other.reference, camera()).holes > 0.95


def test_where_the_reference_ends_the_map_does() -> None:
    """Without room beside the picture, what needs a part of the pattern from there is a hole."""
    truth = plane(1.0)
    view = render_pattern(truth)
    offset = view.reference.offset
    cut = PatternReference(view.reference.image[:, offset : offset + 320], baseline=BASELINE)
    found = decode_pattern(view.ir, cut, camera(), min_confidence=0.5)
    lost = math.ceil(FOCAL * BASELINE)
    assert found.valid[:, : lost - 1].mean() < 0.005  # chance finds a match now and then
    assert found.valid[:, lost + 14 :].mean() > 0.99


def test_a_range_beyond_the_picture_is_no_harm() -> None:
    truth = plane(1.0, 64, 48)
    view = render_pattern(truth, nearest=0.5)
    near = decode_pattern(view.ir, view.reference, truth.calibration, depth_range=(1e-9, math.inf))
    assert np.nanmedian(near.values) == pytest.approx(1.0, abs=0.01)
    beside = decode_pattern(view.ir, view.reference, truth.calibration, depth_range=(1e-6, 2e-6))
    assert not beside.valid.any()


@pytest.mark.parametrize("baseline", [BASELINE, -BASELINE])
def test_nothing_lies_outside_of_the_range(baseline) -> None:
    truth = step(0.7, 1.4)
    view = render_pattern(truth, PatternProjector(dot_pattern((320, 240)), baseline))
    for near, far in ((0.3, 0.9), (1.0, 3.0), (0.72, 1.37), (0.8, 1.2)):
        found = decode_pattern(view.ir, view.reference, camera(), depth_range=(near, far))
        low, high = found.range or (near, far)
        assert near * (1 - 1e-6) <= low <= high <= far * (1 + 1e-6)
    # A pixel of shift is 4.5 cm at 1.4 m: 1.39 m is within half of one, 1.2 m is not.
    assert found.holes > 0.95
    assert decode_pattern(view.ir, view.reference, camera(), depth_range=(0.3, 1.39)).holes < 0.1


def test_ends_of_a_range_may_be_as_small_as_floats() -> None:
    view = render_pattern(plane(1.0))
    found = decode_pattern(view.ir, view.reference, camera(), depth_range=(1e-320, math.inf))
    assert np.nanmedian(found.values) == pytest.approx(1.0, abs=0.002)
    nothing = decode_pattern(view.ir, view.reference, camera(), depth_range=(1e-320, 1e-310))
    assert not nothing.valid.any()


def test_a_picture_on_its_side_is_refused() -> None:
    view = render_pattern(plane(1.0))
    with pytest.raises(nf.EstimationError, match=r"320×240.*240×320"):
        decode_pattern(view.ir, view.reference, camera(240, 320))
    with pytest.raises(nf.EstimationError, match=r"320×240.*240×320"):
        render_pattern(plane(1.0), calibration=camera(240, 320))


def test_infinitely_far_is_a_value() -> None:
    image = render_pattern(plane(1.0)).reference.image
    reference = PatternReference(image)
    found = decode_pattern(image[:, :320], reference, camera())
    assert found.valid.all()
    assert np.nanmin(found.values) > 100


def test_depth_that_is_unknown_sends_no_light_back() -> None:
    values = np.full((240, 320), 1.0, np.float32)
    values[60:180, 100:220] = np.nan
    values[60:180, 260:] = np.inf
    found = decoded(scene(values))
    assert not found.valid[75:165, 115:205].any()
    assert not found.valid[75:165, 275:].any()
    assert found.valid[:45].mean() > 0.99


@pytest.mark.parametrize(
    ("ir", "words"),
    [
        (np.zeros((240, 321), np.uint8), r"320×240.*321×240"),
        (np.zeros((239, 320), np.uint8), r"320×240.*320×239"),
        (np.zeros((240, 320), np.float32), "float32"),
        (np.zeros((240, 320, 3), np.uint8), r"\(240, 320, 3\)"),
        (np.zeros((0, 320), np.uint8), "at least one pixel"),
    ],
)
def test_pictures_that_do_not_fit_are_refused(ir, words) -> None:
    with pytest.raises(nf.EstimationError, match=words):
        decode_pattern(ir, PatternReference(np.zeros((240, 320), np.uint8)), camera())


def test_numbers_that_make_no_sense_are_refused() -> None:
    ir, reference = np.zeros((24, 32), np.uint8), PatternReference(np.zeros((24, 32), np.uint8))
    here = camera(32, 24)
    for depth_range in ((0, 1), (2, 1), (math.nan, 1), (1,), 3):
        with pytest.raises(nf.EstimationError, match="depth_range"):
            decode_pattern(ir, reference, here, depth_range=depth_range)  # type: ignore[arg-type]
    for confidence in (-0.1, 1.1, math.nan):
        with pytest.raises(nf.EstimationError, match="min_confidence"):
            decode_pattern(ir, reference, here, min_confidence=confidence)
    with pytest.raises(nf.EstimationError, match="PatternReference"):
        decode_pattern(ir, ir, here)  # type: ignore[arg-type]
    for depth in (0.0, -1.0, math.nan):
        with pytest.raises(nf.EstimationError, match="depth"):
            reference.shift(depth, here)
    assert reference.shift(math.inf, here) == 0
    for fields in (
        {"depth": 0},
        {"depth": -1},
        {"baseline": 0},
        {"baseline": math.inf},
        {"depth": 1e-320},
        {"offset": -1},
        {"offset": 32},
        {"offset": 2.5},
    ):
        with pytest.raises(nf.EstimationError):
            PatternReference(reference.image, **fields)


def test_shifts_beyond_the_kernels_are_refused() -> None:
    ir, wide = np.zeros((8, 8), np.uint8), np.zeros((8, 40000), np.uint8)
    with pytest.raises(nf.EstimationError, match=r"20000.*16384"):
        decode_pattern(ir, PatternReference(wide, offset=20000), camera(8, 8))
    with pytest.raises(nf.EstimationError, match="shorter depth_range"):
        decode_pattern(wide, PatternReference(wide), camera(40000, 8), depth_range=(1e-4, math.inf))


def test_a_lens_that_bends_is_refused() -> None:
    from nearfar.depth import BrownConrady

    ir = np.zeros((24, 32), np.uint8)
    bent = camera(32, 24).replace(distortion=BrownConrady(k1=0.1))
    with pytest.raises(nf.EstimationError, match="rectify"):
        decode_pattern(ir, PatternReference(ir), bent)
    with pytest.raises(nf.EstimationError, match="rectified"):
        render_pattern(plane(1.0, 32, 24), calibration=bent)


@pytest.mark.samples
def test_kinects_pattern_decodes_as_well_as_a_made_one(samples: Path) -> None:
    folder = samples / "structured-light" / "kinect-pattern"
    pattern = np.array(Image.open(folder / "kinect_pattern.png"))
    projector = PatternProjector(pattern)
    truth = plane(1.0, 640, 480)
    assert rms(decoded(truth, projector=projector).values - truth.values) * 1000 < 2.6


@pytest.mark.samples
def test_a_kinects_picture_of_a_room(samples: Path) -> None:
    """Nobody measured the room; but where it is lit it is smooth, and some metres deep."""
    folder = samples / "structured-light" / "kinect-pattern"
    picture, pattern = (
        np.array(Image.open(folder / name)) for name in ("lcn_example_img.png", "kinect_pattern.png")
    )
    kinect = nf.Calibration(np.array([[1160.0, 0, 640], [0, 1160.0, 512], [0, 0, 1]]), (1280, 1024))
    found = decode_pattern(picture, PatternReference(pattern), kinect, depth_range=(0.8, math.inf))
    assert found.valid.mean() > 0.75
    low, high = np.nanpercentile(found.values, [2, 98])
    assert 1.2 < low < high < 5
    shift = 1160 * 0.075 / found.values
    steps = np.abs(np.diff(shift, axis=1))
    assert np.nanmedian(steps) < 0.05
    assert np.mean(steps[np.isfinite(steps)] > 1) < 0.01
    # A wall without anything before it is as flat as correlation allows.
    y, x = np.mgrid[60:380, 240:760]
    part = shift[60:380, 240:760]
    valid = np.isfinite(part)
    assert valid.mean() > 0.99
    terms = np.stack([np.ones(valid.sum()), x[valid], y[valid]], axis=1)
    plane_of, *_ = np.linalg.lstsq(terms, part[valid], rcond=None)
    assert np.median(np.abs(part[valid] - terms @ plane_of)) < 0.3
