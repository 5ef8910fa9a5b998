"""Hypothesis strategies for poses, lenses and calibrations that real cameras could have."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from nearfar.depth.calibration import Calibration
from nearfar.depth.distortion import BrownConrady, Distortion, Fisheye, LensTable
from nearfar.depth.kinds import Orientation
from nearfar.depth.pose import Pose

SIZES = st.tuples(st.integers(8, 4096), st.integers(8, 4096))


def poses(*, mirrored: bool = True) -> st.SearchStrategy[Pose]:
    """Any rotation, any place within 10 m; mirrored ones too unless told otherwise."""

    def make(quaternion: tuple[float, ...], place: tuple[float, ...], mirror: bool) -> Pose:
        pose = Pose.from_quaternion(quaternion, place)
        turn = Orientation.UP_MIRRORED.camera_matrix() if mirror and mirrored else np.eye(3)
        return Pose(pose.rotation @ turn, pose.translation)

    part = st.floats(-1.0, 1.0)
    quaternions = st.tuples(part, part, part, part).filter(lambda q: max(map(abs, q)) > 1e-3)
    metres = st.floats(-10.0, 10.0)
    return st.builds(make, quaternions, st.tuples(metres, metres, metres), st.booleans())


def brown_conradys() -> st.SearchStrategy[BrownConrady]:
    """Moderate lenses, the rational ones among them."""
    radial, tangential = st.floats(-0.3, 0.3), st.floats(-0.01, 0.01)
    above = st.floats(0.0, 0.3)
    small = st.floats(-0.05, 0.05)
    polynomial = st.builds(BrownConrady, radial, small, tangential, tangential, small)
    rational = st.builds(BrownConrady, radial, small, tangential, tangential, small, above, above, above)
    return polynomial | rational


def fisheyes() -> st.SearchStrategy[Fisheye]:
    """Fisheye lenses whose pictures reach at least 60 degrees off the axis."""
    small = st.floats(-0.02, 0.02)
    return st.builds(Fisheye, st.floats(-0.05, 0.1), small, small, small).filter(lambda f: f.max_angle > 1.05)


def lens_tables(size: tuple[int, int]) -> st.SearchStrategy[LensTable]:
    """Smooth forward tables of a few percent, with the centre near the middle; the other way follows."""

    def make(strength: float, bend: float, entries: int, x: float, y: float) -> LensTable:
        r = np.linspace(0.0, 1.0, entries)
        table = (strength * r**2 + bend * r**4).astype(np.float32)
        return LensTable(table, None, (size[0] * x, size[1] * y))

    middle = st.floats(0.4, 0.6)
    percent = st.floats(-0.03, 0.03)
    return st.builds(make, percent, percent, st.integers(2, 60), middle, middle)


@st.composite
def calibrations(draw: st.DrawFn, *, lens: bool = True, pose: bool = True) -> Calibration:
    """Calibrations with square or nearly square pixels and a principal point near the middle."""
    width, height = draw(SIZES)
    focal = draw(st.floats(0.4, 3.0)) * max(width, height)
    matrix = np.eye(3)
    matrix[0, 0] = focal
    matrix[1, 1] = focal * draw(st.floats(0.9, 1.1))
    matrix[0, 2] = width * draw(st.floats(0.3, 0.7))
    matrix[1, 2] = height * draw(st.floats(0.3, 0.7))
    distortion: Distortion | None = None
    if lens:
        choices = st.none() | brown_conradys() | fisheyes() | lens_tables((width, height))
        distortion = draw(choices)
    return Calibration(
        matrix,
        (width, height),
        draw(st.none() | st.floats(1e-7, 1e-4)),
        draw(poses()) if pose else Pose.identity(),
        distortion,
    )
