"""`nearfar serve` as a process of its own, as its users start it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 30.0
"""Seconds until a server must answer; machines that run tests are busy."""


DEVICES = """[nearfar.devices]
ramp = ramp_camera:RampCamera
held = ramp_camera:HeldCamera
"""


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def installed_ramp(folder: Path) -> dict[str, str]:
    """An environment in which `ramp:` and `held:` name devices, as a package that is installed would."""
    info = folder / "ramp_camera-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ramp-camera\nVersion: 1\n")
    (info / "entry_points.txt").write_text(DEVICES)
    return dict(os.environ, PYTHONPATH=os.pathsep.join((str(folder), str(HERE))))


@contextmanager
def serving(
    folder: Path, device: str, *more: str, port: int, environment: dict[str, str] | None = None
) -> Iterator[str]:
    """The address of a server that runs inside the block."""
    command: Sequence[str | Path] = (sys.executable, "-m", "nearfar", "serve", folder, "--device", device)
    process = subprocess.Popen(
        [*command, "--port", str(port), *more],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_for(port, process)
        yield f"http://localhost:{port}/"
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until a server listens; AssertionError where it ends instead, or takes too long."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            output = process.communicate()[0].decode()
            raise AssertionError(f"nearfar ended with {process.returncode}: {output}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nearfar did not listen on {port} within {PATIENCE:g} s")
