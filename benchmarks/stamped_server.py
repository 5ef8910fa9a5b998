"""`nearfar serve` in a process of its own, with the stamped camera."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Served:
    """A server that answers: the address to load, and its process."""

    url: str
    pid: int

    @property
    def resident(self) -> int:
        """Bytes of memory that the process has, as Linux tells."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    @property
    def seconds(self) -> float:
        """Of processor time that it has used, as Linux tells."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(folder: Path, device: str, *options: str) -> Iterator[Served]:
    """Serve `folder`/pages, made where it is not there, with a `stamped:` device among others."""
    (folder / "pages").mkdir(exist_ok=True)
    info = folder / "stamped_camera-1.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stamped-camera\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[nearfar.devices]\nstamped = benchmarks.stamped_camera:StampedCamera\n"
    )
    path = os.pathsep.join((str(folder), str(Path(__file__).parents[1])))
    words = ["serve", str(folder / "pages"), "--device", device, "--port", "0", *options]
    command, environment = [sys.executable, "-m", "nearfar", *words], dict(os.environ, PYTHONPATH=path)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield Served(server.stdout.readline().strip(), server.pid)
        finally:
            server.terminate()
