"""Calibration files that commands take: what is wrong with one is said with its name."""

from __future__ import annotations

from pathlib import Path

from nearfar.cli.messages import InputFault
from nearfar.depth import Calibration, StereoRig, read_calibration

__all__ = ["read_cameras"]


def read_cameras(file: Path, size: tuple[int, int]) -> Calibration | StereoRig:
    """Read the calibration of pictures; `size` is theirs, for files that do not say one.

    Raises:
        InputFault: it holds no calibration.
        OSError: it cannot be read.
    """
    try:
        return read_calibration(file, size=size)
    except ValueError as problem:
        raise InputFault(str(problem) if str(file) in str(problem) else f"{file}: {problem}") from problem
