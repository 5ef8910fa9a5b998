"""What it costs to start: ``import nearfar``; ``nearfar info`` on one photo and on a thousand."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import nearfar as nf
from benchmarks.measure import Row

_NEARFAR = [sys.executable, "-m", "nearfar"]
_MANY = 1000
_IMPORT = """
import time, numpy
start = time.perf_counter()
import nearfar
print(time.perf_counter() - start)
"""


def rows() -> list[Row]:
    """Time both, on a phone's photo where one is here, else on one that is made."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photo = _photo(folder)
        many = [folder / f"{number}{photo.suffix}" for number in range(_MANY)]
        for place in many:
            os.symlink(photo, place)
        bare = _seconds([sys.executable, "-c", "import numpy"], folder, 9)
        one = _seconds([*_NEARFAR, "info", str(photo)], folder, 9)
        thousand = _seconds([*_NEARFAR, "info", *map(str, many)], folder, 3, pin=_one_core)
    core = "one core" if hasattr(os, "sched_setaffinity") else "all cores"
    imported = statistics.median(
        float(subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, check=True).stdout)
        for _ in range(9)
    )
    return [
        Row("`import nearfar` beyond `import numpy`", f"{imported * 1e3:.1f} ms", "–", "–", "≤ 30 ms"),
        Row(
            f"`nearfar info {photo.name}`, whole process",
            f"{one * 1e3:.0f} ms",
            f"{bare * 1e3:.0f} ms (`import numpy` alone)",
            f"{one / bare:.2g}×",
            "≤ 250 ms",
        ),
        Row(
            f"`nearfar info` on {_MANY:,} of it, {core}",
            f"{_MANY / thousand:.0f} files/s",
            "–",
            "–",
            "≥ 300 files/s",
        ),
    ]


def _photo(folder: Path) -> Path:
    """A phone's photo where the samples are here, else one of ours."""
    sample = Path(os.environ.get("NEARFAR_SAMPLES", ""), "photos/apple/iphone13pro_dualwide.heic")
    if sample.is_file():
        return sample.resolve()
    ramp = np.linspace(0.5, 2.0, 480 * 640, dtype=np.float32).reshape(480, 640)
    picture = np.repeat((ramp * 100).astype(np.uint8)[:, :, None], 3, axis=2).repeat(3, 0).repeat(3, 1)
    nf.Photo(picture, nf.DepthMap(ramp)).save(folder / "made.heic")
    return folder / "made.heic"


def _seconds(command: list[str], folder: Path, rounds: int, pin: Callable[[], None] | None = None) -> float:
    """The median of a process's wall time, its modules compiled beforehand, as pip does."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    taken = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment, preexec_fn=pin)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def _one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
