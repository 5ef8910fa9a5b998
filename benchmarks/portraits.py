"""``nearfar portrait`` as a user runs it: the whole process, from HEIC to JPEG, and its memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Row

_ROUNDS = 7
_SAMPLE = "photos/apple/iphone13pro_dualwide.heic"


def rows() -> list[Row]:
    """Medians of wall and processor seconds, and the most memory of one; no rows without samples."""
    photo = Path(os.environ.get("NEARFAR_SAMPLES", ""), _SAMPLE)
    if not photo.is_file():
        return []
    with tempfile.TemporaryDirectory() as name:
        found = {
            words: _measured([str(photo), "-o", f"{name}/out.jpg", "--f-number", "1.4", *words], Path(name))
            for words in ((), ("--preview",))
        }
    (wall, cpu, memory), (quick, quick_cpu, _) = found.values()
    return [
        Row(
            "`nearfar portrait`, 12 Mpx HEIC → JPEG at f/1.4, whole process",
            _said(wall, cpu),
            "–",
            "–",
            "≤ 1.5 s",
        ),
        Row("the same with `--preview`", _said(quick, quick_cpu), "–", "–", "≤ 0.6 s"),
        Row("peak memory of the first", f"{memory / 1e6:.0f} MB", "–", "–", "≤ 500 MB"),
    ]


def _said(wall: float, cpu: float) -> str:
    return f"{wall:.2f} s ({cpu:.2f} CPU s)"


def _measured(words: list[str], folder: Path) -> tuple[float, float, int]:
    """Wall seconds, processor seconds and bytes of one process, modules compiled beforehand, as by pip."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    walls, cpus, most = [], [], 0
    for _ in range(_ROUNDS + 1):
        start = time.perf_counter()
        command = [sys.executable, "-m", "nearfar", "portrait", *words]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
        most = max(most, _peak(child.pid))
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise RuntimeError(f"nearfar portrait ended with {child.returncode}")
        walls.append(time.perf_counter() - start)
        cpus.append(used.ru_utime + used.ru_stime)
    return statistics.median(walls[1:]), statistics.median(cpus[1:]), most


def _peak(process: int) -> int:
    """Bytes, watched until the process ends: its resource usage would count the process that started it."""
    most = 0
    while True:
        with open(f"/proc/{process}/status") as status:
            found = [int(line.split()[1]) for line in status if line.startswith("VmHWM")]
        if not found:  # it has ended
            return most
        most = max(most, found[0] * 1024)
        time.sleep(0.01)
