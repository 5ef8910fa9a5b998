"""Laws of the virtual structured-light camera."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest

import nearfar as nf
from estimate.pattern_scenes import BASELINE, FOCAL, camera, plane, scene, shift_error, slanted, step
from nearfar.estimate import InfraredSensor, PatternProjector, PatternView, dot_pattern, render_pattern

SILENT = InfraredSensor(ambient=0, read_noise=0, full_well=1e12, bits=16)


def projector(baseline: float = BASELINE) -> PatternProjector:
    return PatternProjector(dot_pattern((320, 240)), baseline)


def test_the_same_seed_gives_the_same_picture() -> None:
    first, again = (render_pattern(slanted(), seed=3) for _ in range(2))
    other = render_pattern(slanted(), seed=4)
    assert np.array_equal(first.ir, again.ir)
    assert not np.array_equal(first.ir, other.ir)
    assert np.array_equal(first.reference.image, other.reference.image)
    with pytest.raises(nf.EstimationError, match="seed"):
        render_pattern(slanted(), seed=-1)


def test_light_falls_off_with_the_square_of_the_distance() -> None:
    near, far = (render_pattern(plane(depth), projector(), sensor=SILENT).ir.mean() for depth in (1.0, 2.0))
    assert near / far == pytest.approx(4.0, rel=0.01)


def test_reflectance_scales_light_and_nothing_sends_none_back() -> None:
    white = render_pattern(plane(1.0), projector(), sensor=SILENT).ir.astype(float)
    grey = render_pattern(plane(1.0), projector(), sensor=SILENT, reflectance=np.full((240, 320), 0.25)).ir
    assert np.abs(white / 4 - grey).max() <= 1
    for nothing in (np.nan, np.inf, 0.0):
        assert not render_pattern(plane(nothing), projector(), sensor=SILENT).ir.any()


def test_a_plane_shows_the_reference_moved() -> None:
    """At a depth whose shift is a whole number of pixels, picture and reference are the same but for gain."""
    shift = 40
    truth = plane(FOCAL * BASELINE / shift)
    for baseline, sign in ((BASELINE, 1), (-BASELINE, -1)):
        view = render_pattern(truth, projector(baseline), sensor=SILENT)
        first = view.reference.offset - sign * shift
        reference = view.reference.image[:, first : first + 320].astype(float)
        inner = np.s_[6:-6, 6:-6]
        matched = np.corrcoef(view.ir[inner].ravel(), reference[inner].ravel())[0, 1]
        assert matched > 0.9999


def test_the_shadow_falls_on_the_side_away_from_the_projector() -> None:
    truth = step()
    board = np.flatnonzero(truth.values[120] < 1)
    wide = FOCAL * BASELINE * (1 / 0.7 - 1 / 1.4)
    for baseline in (BASELINE, -BASELINE):
        shadow = np.flatnonzero(render_pattern(truth, projector(baseline)).shadow[120])
        assert len(shadow) == pytest.approx(wide, abs=2.5)
        if baseline > 0:  # the light comes from the right: the shadow lies at the left
            assert shadow.max() < board.min()
        else:
            assert shadow.min() > board.max()
        assert not render_pattern(truth, projector(baseline)).shadow[:50].any()


def test_a_thin_pole_casts_a_thin_shadow() -> None:
    values = np.full((40, 320), 2.0)
    values[:, 200:204] = 0.5
    shadow = np.flatnonzero(render_pattern(scene(values), projector()).shadow[20])
    assert 3 <= len(shadow) <= 5
    assert shadow.mean() == pytest.approx(201.5 - FOCAL * BASELINE * (1 / 0.5 - 1 / 2.0), abs=1.5)


def test_slopes_cast_no_shadow() -> None:
    for truth in (plane(1.0), slanted(), slanted(0.5)):
        assert not render_pattern(truth, projector()).shadow.any()


def test_noise_is_what_the_sensor_says() -> None:
    sensor = InfraredSensor(exposure=0, ambient=0.5, read_noise=0.02, full_well=2500, bits=16)
    quiet = InfraredSensor(exposure=0, ambient=0.5, read_noise=0, full_well=1e12, bits=16)
    noisy, mean = (
        render_pattern(plane(1.0), projector(), sensor=s).ir.astype(float) / 65535 for s in (sensor, quiet)
    )
    assert np.std(noisy - mean) == pytest.approx(math.sqrt(0.02**2 + mean.mean() / 2500), rel=0.02)


def test_the_statistical_model_errs_as_much_as_it_says() -> None:
    for depth in (0.5, 1.0, 2.0):
        truth = plane(depth)
        found = render_pattern(truth, projector(), mode="statistical", shift_noise=0.1, seed=1)
        assert found.accuracy is nf.Accuracy.ABSOLUTE
        assert found.kind is nf.DepthKind.DEPTH
        errors = shift_error(found, truth)
        assert np.nanstd(errors) == pytest.approx(math.sqrt(0.1**2 + 0.125**2 / 12), rel=0.15)
        steps = FOCAL * BASELINE / found.values[found.valid].astype(float) * 8
        assert np.abs(steps - np.rint(steps)).max() < 1e-3
        assert found.holes < 0.02


def test_the_statistical_model_knows_shadow_holes_and_seeds() -> None:
    truth = step()
    shadow = render_pattern(truth, projector()).shadow
    found = render_pattern(truth, projector(), mode="statistical", seed=5)
    middle = shadow.copy()
    for by in range(1, 6):
        for axis in (0, 1):
            middle &= np.roll(shadow, by, axis) & np.roll(shadow, -by, axis)
    assert middle.any()
    assert not found.valid[middle].any()
    assert found.equals(render_pattern(truth, projector(), mode="statistical", seed=5))
    assert not render_pattern(plane(np.nan), projector(), mode="statistical").valid.any()


@pytest.mark.parametrize("depth", [1e-3, 1e-9, 1e-37, 1e-40])
def test_what_is_too_near_for_any_projector_sends_no_light_back(depth) -> None:
    """And takes no memory for the columns that it would be shifted by."""
    values = np.full((24, 32), 1.0)
    values[3, 3] = depth
    hole = values.copy()
    hole[3, 3] = np.nan
    near, none = (render_pattern(scene(each)) for each in (values, hole))
    assert np.array_equal(near.ir, none.ir)
    assert np.array_equal(near.shadow, none.shadow)
    near, none = (render_pattern(scene(each), mode="statistical") for each in (values, hole))
    assert near.equals(none)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 3)])
def test_small_pictures(size) -> None:
    truth = plane(1.0, *size)
    view = render_pattern(truth)
    assert view.ir.shape == view.shadow.shape == size[::-1]
    assert render_pattern(truth, mode="statistical").size == size


def test_dots_are_everywhere_and_nowhere_alike() -> None:
    texture = dot_pattern((320, 240))
    assert texture.shape == (480, 640)
    assert texture.dtype == np.float32
    assert not texture.flags.writeable
    assert texture.min() == 0
    assert texture.max() == 1
    blocks = texture.reshape(20, 24, 20, 32).max(axis=(1, 3))
    assert (blocks == 1).all()
    assert np.array_equal(texture, dot_pattern((320, 240)))
    assert not np.array_equal(texture, dot_pattern((320, 240), seed=1))
    line = texture[:, :600] - texture[:, :600].mean()
    for moved in range(6, 40):
        other = texture[:, moved : 600 + moved] - texture.mean()
        assert abs((line * other).mean() / texture.var()) < 0.1


def test_nonsense_is_refused() -> None:
    truth = plane(1.0, 32, 24)
    with pytest.raises(nf.EstimationError, match="mode"):
        render_pattern(truth, mode="magic")  # type: ignore[call-overload]
    with pytest.raises(nf.EstimationError, match="calibration"):
        render_pattern(nf.DepthMap(truth.values))
    with pytest.raises(nf.EstimationError, match=r"31×24.*32×24"):
        render_pattern(truth, reflectance=np.ones((24, 31)))
    with pytest.raises(nf.EstimationError, match=r"0\.\.1"):
        render_pattern(truth, reflectance=np.full((24, 32), 1.5))
    with pytest.raises(nf.EstimationError, match="reference_depth"):
        render_pattern(truth, reference_depth=0)
    for nearest in (0, 1e-3, 1e-320):
        with pytest.raises(nf.EstimationError, match="nearest"):
            render_pattern(truth, nearest=nearest)
    with pytest.raises(nf.EstimationError, match=r"\(H, W\)"):
        render_pattern(truth, reflectance=np.ones(3))
    for name in ("projector", "sensor", "calibration"):
        with pytest.raises(nf.EstimationError, match=f"{name} must be .*ndarray"):
            render_pattern(truth, **{name: truth.values})  # type: ignore[call-overload]
    with pytest.raises(nf.EstimationError, match="shift_noise"):
        render_pattern(truth, mode="statistical", shift_noise=-1)
    with pytest.raises(nf.EstimationError, match="DepthMap"):
        render_pattern(truth.values)  # type: ignore[call-overload]
    for fields in ({"exposure": -1}, {"blur": 99}, {"bits": 12}, {"full_well": 0}, {"read_noise": math.nan}):
        with pytest.raises(nf.EstimationError):
            InfraredSensor(**fields)
    for pattern, fields in (
        (np.zeros((4, 4, 3)), {}),
        (np.full((4, 4), 2.0), {}),
        (np.zeros((4, 4), np.int64), {}),
        (np.zeros((4, 4)), {"baseline": 0}),
        (np.zeros((4, 4)), {"texels": 0}),
        (np.zeros((4, 4)), {"texels": 2.5}),
    ):
        with pytest.raises(nf.EstimationError):
            PatternProjector(pattern, **fields)
    with pytest.raises(nf.EstimationError, match="size"):
        dot_pattern((0, 4))


def test_values_stay_read_only_through_pickles_and_copies() -> None:
    view = render_pattern(plane(1.0, 32, 24))
    for again in (copy.deepcopy(view), pickle.loads(pickle.dumps(view))):
        for one, other in (
            (view.ir, again.ir),
            (view.shadow, again.shadow),
            (view.reference.image, again.reference.image),
        ):
            assert np.array_equal(one, other)
            assert not other.flags.writeable
        assert repr(again) == repr(view)
    pattern = copy.deepcopy(projector(-0.03))
    assert not pattern.pattern.flags.writeable
    assert (pattern.baseline, pattern.texels) == (-0.03, 2)


def test_a_view_holds_what_belongs_together() -> None:
    view = render_pattern(plane(1.0, 32, 24))
    for ir, reference, shadow in (
        (view.ir.astype(float), view.reference, view.shadow),
        (view.ir, view.ir, view.shadow),
        (view.ir[1:], view.reference, view.shadow[1:]),
        (view.ir, view.reference, view.shadow[1:]),
        (view.ir, view.reference, view.ir),
    ):
        with pytest.raises(nf.EstimationError):
            PatternView(ir, reference, shadow)


def test_values_show_what_they_are() -> None:
    view = render_pattern(plane(1.0, 32, 24))
    assert "32×24 uint8" in repr(view)
    assert "inf" in repr(view.reference)
    assert "0.075" in repr(projector())
    assert camera().fx == FOCAL
