"""Laws of lenses, and their agreement with OpenCV."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrations import brown_conradys, fisheyes, lens_tables
from nearfar.depth.distortion import BrownConrady, Fisheye, LensTable, distortion_from_dict

SIZE = (640, 480)


def disc(radius: float, count: int = 300) -> np.ndarray:
    rng = np.random.default_rng(3)
    angle, length = rng.uniform(0.0, 2.0 * np.pi, count), radius * np.sqrt(rng.uniform(0.0, 1.0, count))
    return np.stack([length * np.cos(angle), length * np.sin(angle)], axis=-1)


@given(brown_conradys())
def test_undistorting_undoes_distorting(lens: BrownConrady) -> None:
    points = disc(min(0.6, 0.8 * lens.max_radius))
    assert np.allclose(lens.undistort(lens.distort(points)), points, atol=1e-9)


@given(brown_conradys(), st.floats(0.0, 20.0))
def test_whatever_undistort_gives_is_a_solution(lens: BrownConrady, radius: float) -> None:
    points = disc(radius)
    flat = lens.undistort(points)
    found = np.isfinite(flat).all(axis=-1)
    assert np.allclose(lens.distort(flat[found]), points[found], atol=1e-7)
    assert (np.hypot(*flat[found].T) < lens.max_radius).all()


@given(fisheyes())
def test_a_fisheye_undistorts_what_it_distorted(lens: Fisheye) -> None:
    points = disc(float(np.tan(min(1.4, 0.9 * lens.max_angle))))
    assert np.allclose(lens.undistort(lens.distort(points)), points, rtol=1e-8, atol=1e-9)


def test_beyond_the_fold_a_lens_has_no_picture() -> None:
    lens = BrownConrady(k1=-0.3)
    assert lens.max_radius == pytest.approx(np.sqrt(1 / 0.9))
    assert np.isnan(lens.distort([[1.2, 0.0]])).all()
    # Without the refusal, 1.5 would land on 0.4875, the same spot as a point near the axis.
    assert np.isnan(lens.distort([[1.5, 0.0]])).all()
    assert np.isnan(lens.undistort([[0.8, 0.0]])).all()


def test_a_rational_lens_stops_at_its_pole() -> None:
    lens = BrownConrady(k4=-0.5)
    assert lens.max_radius <= np.sqrt(2.0)


def test_a_fisheye_sees_behind_itself_but_not_as_a_flat_point() -> None:
    lens = Fisheye()
    seen = lens.project([[1.0, 0.0, -1.0], [0.0, 0.0, 1.0]])
    assert np.allclose(seen, [[3 * np.pi / 4, 0.0], [0.0, 0.0]])
    assert np.isnan(lens.undistort(seen[:1])).all()


@given(brown_conradys())
def test_opencv_bends_the_same_way(lens: BrownConrady) -> None:
    cv2 = pytest.importorskip("cv2")
    points = disc(min(0.6, 0.8 * lens.max_radius))
    solid = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    theirs, _ = cv2.projectPoints(solid, np.zeros(3), np.zeros(3), np.eye(3), np.array(lens.coefficients))
    assert np.allclose(theirs[:, 0], lens.distort(points), atol=1e-12)


@given(brown_conradys())
def test_opencv_straightens_the_same_way(lens: BrownConrady) -> None:
    cv2 = pytest.importorskip("cv2")
    bent = lens.distort(disc(min(0.4, 0.5 * lens.max_radius)))
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 200, 1e-12)
    theirs = cv2.undistortPoints(bent[:, None], np.eye(3), np.array(lens.coefficients), criteria=criteria)
    assert np.allclose(theirs[:, 0], lens.undistort(bent), atol=1e-6)


@given(fisheyes())
def test_opencv_has_the_same_fisheye(lens: Fisheye) -> None:
    cv2 = pytest.importorskip("cv2")
    points = disc(float(np.tan(min(1.2, 0.9 * lens.max_angle))))
    coefficients = np.array(lens.coefficients)
    theirs = cv2.fisheye.distortPoints(points[None], np.eye(3), coefficients)[0]
    ours = lens.distort(points)
    assert np.allclose(theirs, ours, atol=1e-12)
    near = disc(0.3)
    back = cv2.fisheye.undistortPoints(lens.distort(near)[None], np.eye(3), coefficients)[0]
    assert np.allclose(back, near, atol=1e-6)


# Apple's table


def reference_point(
    point: tuple[float, float], table: np.ndarray, center: tuple[float, float], size: tuple[int, int]
) -> tuple[float, float]:
    """The published routine: reach of the farthest corner, linear between entries, last entry beyond."""
    dx, dy = max(center[0], size[0] - center[0]), max(center[1], size[1] - center[1])
    reach = (dx * dx + dy * dy) ** 0.5
    vx, vy = point[0] - center[0], point[1] - center[1]
    radius = (vx * vx + vy * vy) ** 0.5
    if radius < reach:
        at = radius * (len(table) - 1) / reach
        i = int(at)
        magnification = (1.0 - (at - i)) * table[i] + (at - i) * table[i + 1]
    else:
        magnification = table[-1]
    return (center[0] + vx + magnification * vx, center[1] + vy + magnification * vy)


TABLES = st.lists(st.floats(-0.5, 0.5, width=32), min_size=2, max_size=50)


@given(TABLES, TABLES, st.floats(-50.0, 700.0), st.floats(-50.0, 500.0))
def test_tables_follow_the_published_routine(
    forward: list[float], inverse: list[float], x: float, y: float
) -> None:
    lens = LensTable(forward, inverse, (x, y))
    points = np.random.default_rng(0).uniform((-100.0, -100.0), (800.0, 600.0), (20, 2))
    for table, mapped in (
        (lens.forward, lens.distort_points(points, SIZE)),
        (lens.inverse, lens.undistort_points(points, SIZE)),
    ):
        assert table is not None
        wide = table.astype(np.float64)
        expected = [reference_point((px, py), wide, (x, y), SIZE) for px, py in points]
        assert np.allclose(mapped, expected, atol=1e-8)


@given(lens_tables(SIZE), st.booleans())
def test_one_table_is_enough_for_both_ways(lens: LensTable, swap: bool) -> None:
    if swap:
        lens = LensTable(None, lens.forward, lens.center)
    points = np.random.default_rng(0).uniform((-50.0, -50.0), (700.0, 520.0), (100, 2))
    points[0] = lens.center
    assert np.allclose(lens.undistort_points(lens.distort_points(points, SIZE), SIZE), points, atol=1e-9)
    assert np.allclose(lens.distort_points(lens.undistort_points(points, SIZE), SIZE), points, atol=1e-9)


def test_a_barrel_lens_draws_points_inward() -> None:
    """Apple's direction: the forward table takes a rectilinear point to where the bent picture shows it."""
    lens = LensTable([0.0, -0.05, -0.1], [0.0, 0.05, 0.12], (320.0, 240.0))
    corner = np.array([600.0, 240.0])
    assert 320.0 < lens.distort_points(corner, SIZE)[0] < 600.0
    assert lens.undistort_points(corner, SIZE)[0] > 600.0


@given(lens_tables(SIZE), st.sampled_from([0.25, 2.0, 768 / 4032]))
def test_one_scale_for_points_centre_and_size(lens: LensTable, scale: float) -> None:
    points = np.random.default_rng(0).uniform((0.0, 0.0), SIZE, (30, 2))
    smaller = LensTable(lens.forward, lens.inverse, (lens.center[0] * scale, lens.center[1] * scale))
    size = (SIZE[0] * scale, SIZE[1] * scale)
    assert np.allclose(
        smaller.distort_points(points * scale, size), lens.distort_points(points, SIZE) * scale, atol=1e-8
    )


def test_coefficients_alone_move_nothing() -> None:
    lens = LensTable(None, None, (3.0, 4.0), (0.0, 1.0), (0.0, -1.0))
    assert not lens.has_table
    assert lens.distort_points([[7.0, 8.0]], SIZE).tolist() == [[7.0, 8.0]]
    assert lens.undistort_points([[7.0, 8.0]], SIZE).tolist() == [[7.0, 8.0]]


# The coefficients of the 13 Pro sample photo.
FORWARD = (
    0.0,
    -0.94312471151351929,
    0.20781543850898743,
    -0.021483847871422768,
    0.00097162544261664152,
    -7.9003630162333138e-06,
    -6.6110112584283343e-07,
    1.4275520321405111e-08,
)
INVERSE = (
    0.0,
    0.92712384462356567,
    -0.19650104641914368,
    0.019290488213300705,
    -0.00079344934783875942,
    1.9311880805616966e-06,
    7.043756795610534e-07,
    -1.3319315428361733e-08,
)


@pytest.mark.parametrize(("powers", "worst"), [("consecutive", 0.7), ("even", 2.5)])
def test_the_experimental_tables_nearly_undo_each_other(powers: str, worst: float) -> None:
    size, center = (4032, 3024), (1990.331298828125, 1515.205078125)
    lens = LensTable.from_coefficients(
        FORWARD, INVERSE, center=center, size=size, pixel_size=1.9e-6, powers=powers, entries=256
    )
    points = np.random.default_rng(0).uniform((0.0, 0.0), size, (2000, 2))
    there_and_back = lens.undistort_points(lens.distort_points(points, size), size)
    assert np.hypot(*(there_and_back - points).T).max() < worst
    assert lens.forward_coefficients == FORWARD


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.0], None, (1.0, 1.0)), "forward table"),
        ((None, [[0.0, 1.0]], (1.0, 1.0)), "inverse table"),
        (([0.0, np.nan], None, (1.0, 1.0)), "finite"),
        (([0.0, -1.0], None, (1.0, 1.0)), "above -1"),
        ((None, None, (np.inf, 1.0)), "centre"),
        ((None, None, (1.0, 1.0), ()), "coefficients"),
        ((None, None, (1.0, 1.0), None, (np.nan,)), "coefficients"),
        ((None, None, (1.0, 1.0), None, None, 0.0), "radius"),
    ],
)
def test_tables_of_nonsense_are_refused(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LensTable(*arguments)  # type: ignore[arg-type]


def test_a_table_that_folds_has_no_inverse() -> None:
    with pytest.raises(ValueError, match="folds"):
        LensTable([0.0, 0.9, -0.9], None, (320.0, 240.0)).undistort_points([[1.0, 2.0]], SIZE)


@pytest.mark.parametrize("lens", [BrownConrady, Fisheye])
def test_coefficients_must_be_finite(lens: type[BrownConrady | Fisheye]) -> None:
    with pytest.raises(ValueError, match="k2"):
        lens(k2=float("nan"))


@given(st.one_of(brown_conradys(), fisheyes(), lens_tables(SIZE)))
def test_lenses_survive_json(lens: BrownConrady | Fisheye | LensTable) -> None:
    assert distortion_from_dict(json.loads(json.dumps(lens.to_dict()))).equals(lens)


@pytest.mark.parametrize(
    "data", [{}, {"model": "plumb"}, {"model": "fisheye", "q": 1}, {"model": "lens-table"}]
)
def test_a_dictionary_that_is_no_lens_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"unknown distortion|not a"):
        distortion_from_dict(data)
