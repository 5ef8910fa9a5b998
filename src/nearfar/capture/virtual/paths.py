"""Ways that a virtual camera moves: seconds since the start ──▶ how it stands to where it began.

still   it stands            sway    in a hand: millimetres and tenths of a degree, never twice the same
orbit   around what it       walk    towards what it looks at and back, with the bobbing of steps
        looks at, to and fro

All begin, at 0 seconds, in the place itself, so that a photo taken at once shows what was framed.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nearfar.depth import Pose

__all__ = ["PATHS", "Path", "path", "turned_pose"]

Path = Callable[[float], Pose]
"""Seconds ──▶ start_from_camera."""

PATHS = ("still", "sway", "orbit", "walk")
"""The names of the paths."""

_ORBIT = math.radians(12.0)
"""How far an orbit goes to either side."""
_ORBIT_SECONDS = 8.0
_WALK_SHARE = 0.25
"""The share of the way to what is ahead that a walk goes."""
_LONGEST_WALK = 0.8
"""Metres."""
_WALK_SECONDS = 6.0


def path(name: str, distance: float, seed: int) -> Path:
    """A path by name, for a camera that looks at something at ``distance`` metres."""
    if name == "still":
        return lambda _: Pose.identity()
    sway = _sway(seed)
    if name == "sway":
        return sway
    if name == "orbit":
        return _orbit(distance)
    return _walk(distance, sway)


def _orbit(distance: float) -> Path:
    ahead = np.array((0.0, 0.0, distance))

    def place(seconds: float) -> Pose:
        turn = turned_pose(yaw=_ORBIT * math.sin(2.0 * math.pi * seconds / _ORBIT_SECONDS))
        return Pose(turn.rotation, ahead - turn.apply(ahead))

    return place


def _walk(distance: float, sway: Path) -> Path:
    reach = min(_WALK_SHARE * distance, _LONGEST_WALK)

    def place(seconds: float) -> Pose:
        forward = 0.5 * reach * (1.0 - math.cos(2.0 * math.pi * seconds / _WALK_SECONDS))
        step = 2.0 * math.pi * 1.8 * seconds
        bob = np.array((0.006 * math.sin(step / 2.0), 0.008 * (1.0 - math.cos(step)), forward))
        return Pose(np.eye(3), bob) @ sway(seconds)

    return place


def _sway(seed: int) -> Path:
    """A hand's: sums of sines at frequencies that share no period, each with a phase of its own."""
    random = np.random.default_rng((seed, 0x53776179))
    rates = np.array((0.31, 0.83, 1.9))[:, np.newaxis] * random.uniform(0.85, 1.15, (3, 6))
    phases = random.uniform(0.0, 2.0 * math.pi, (3, 6))
    sizes = np.array((1.0, 0.4, 0.12))[:, np.newaxis] * np.array(
        (0.006, 0.005, 0.004, *np.radians((0.5, 0.6, 0.3)))
    )

    def place(seconds: float) -> Pose:
        waves = np.sin(2.0 * math.pi * rates * seconds + phases) - np.sin(phases)
        x, y, z, pitch, yaw, roll = (float(value) for value in (sizes * waves).sum(axis=0))
        return turned_pose((x, y, z), pitch=pitch, yaw=yaw, roll=roll)

    return place


def turned_pose(
    place: tuple[float, float, float] = (0.0, 0.0, 0.0),
    *,
    pitch: float = 0.0,
    yaw: float = 0.0,
    roll: float = 0.0,
) -> Pose:
    """A camera moved by ``place``, metres, and turned right by yaw, up by pitch, about its axis by roll."""
    (cx, sx), (cy, sy), (cz, sz) = ((math.cos(angle), math.sin(angle)) for angle in (pitch, yaw, roll))
    about_x = np.array(((1.0, 0.0, 0.0), (0.0, cx, -sx), (0.0, sx, cx)))
    about_y = np.array(((cy, 0.0, sy), (0.0, 1.0, 0.0), (-sy, 0.0, cy)))
    about_z = np.array(((cz, -sz, 0.0), (sz, cz, 0.0), (0.0, 0.0, 1.0)))
    return Pose(about_y @ about_x @ about_z, np.array(place))
