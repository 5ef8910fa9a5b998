"""Where a camera was, when: a file of poses in the TUM RGB-D benchmark's form.

    # time tx ty tz qx qy qz qw         seconds; metres; a quaternion, world_from_camera, camera axes x right,
    0.00 0 1.6 0 1 0 0 0                y down, z ahead
    0.50 …                              between two lines: the way straight, the turn even (slerp)

Source: Sturm et al., "A Benchmark for the Evaluation of RGB-D SLAM Systems", IROS 2012.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Pose
from nearfar.errors import CorruptFile, LimitExceeded

__all__ = ["Trajectory", "read_trajectory"]

_MOST_BYTES = 64 << 20
_FARTHEST = 1e6
"""Metres."""


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """Poses at increasing times: (N,) seconds from 0, (N, 3) metres, (N, 4) unit quaternions x y z w."""

    times: NDArray[np.float64]
    places: NDArray[np.float64]
    turns: NDArray[np.float64]

    @property
    def length(self) -> float:
        """Seconds from the first pose to the last."""
        return float(self.times[-1])

    def pose(self, seconds: float) -> Pose:
        """world_from_camera at a time since the first pose; that of the nearer end outside."""
        after = int(np.clip(np.searchsorted(self.times, seconds), 1, max(len(self.times) - 1, 1)))
        if len(self.times) == 1:
            return Pose.from_quaternion(self.turns[0], self.places[0])
        begin, end = self.times[after - 1], self.times[after]
        share = float(np.clip((seconds - begin) / (end - begin), 0.0, 1.0))
        place = self.places[after - 1] * (1.0 - share) + self.places[after] * share
        return Pose.from_quaternion(_between(self.turns[after - 1], self.turns[after], share), place)


def _between(first: NDArray[np.float64], last: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Spherical linear interpolation, the shorter way around."""
    cosine = float(first @ last)
    if cosine < 0.0:
        last, cosine = -last, -cosine
    angle = math.acos(min(cosine, 1.0))
    if angle < 1e-6:
        return first * (1.0 - share) + last * share
    return (math.sin((1.0 - share) * angle) * first + math.sin(share * angle) * last) / math.sin(angle)


def read_trajectory(file: Path) -> Trajectory:
    """Read the poses of a file.

    Raises:
        CorruptFile: a line that is no pose, or a time that does not increase; the message has the line.
        LimitExceeded: the file is over 64 MiB.
        OSError: it cannot be read.
    """
    with file.open("rb") as stream:
        data = stream.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise LimitExceeded("poses of more than 64 MiB", file=str(file), limit=_MOST_BYTES)
    rows: list[list[float]] = []
    for count, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        words = line.split("#", 1)[0].replace(",", " ").split()
        if not words:
            continue
        rows.append(_row(words, rows[-1][0] if rows else -math.inf, count, str(file)))
    if not rows:
        raise CorruptFile("no pose in it: lines are 'time tx ty tz qx qy qz qw'", file=str(file))
    table = np.array(rows)
    turns = table[:, 4:] / np.linalg.norm(table[:, 4:], axis=1, keepdims=True)
    return Trajectory(table[:, 0] - table[0, 0], table[:, 1:4], turns)


def _row(words: list[str], last: float, count: int, file: str) -> list[float]:
    try:
        row = [float(word) for word in words]
    except ValueError:
        row = []
    if len(row) != 8 or not all(map(math.isfinite, row)):
        raise CorruptFile(f"line {count} is not 'time tx ty tz qx qy qz qw'", file=file)
    if row[0] <= last:
        raise CorruptFile(
            f"the time of line {count} does not increase: {last:g} s, then {row[0]:g} s", file=file
        )
    if max(map(abs, row[1:4])) > _FARTHEST:
        raise CorruptFile(f"the place of line {count} is farther than {_FARTHEST:g} m", file=file)
    if not 0.5 < math.hypot(*row[4:]) < 2.0:
        raise CorruptFile(f"the quaternion of line {count} is not one of length 1", file=file)
    return row
