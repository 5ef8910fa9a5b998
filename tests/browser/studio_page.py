"""`nearfar studio` as a process of its own, and its page in a browser."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from browser.serving import free_port, wait_for


@dataclass
class Studio:
    """A studio that runs.

    Attributes:
        url: its address.
        folder: of its library.
    """

    url: str
    folder: Path
    noise: list[str] = field(default_factory=list)

    def open(self, context: BrowserContext, place: str = "") -> Page:
        """Its page; what it prints to the console as a warning or an error is kept in `noise`."""
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.noise.append(f"thrown: {error}"))
        page.goto(f"{self.url}{place}")
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("warning", "error"):
            self.noise.append(f"{message.type}: {message.text}")


@contextmanager
def running_studio(
    folder: Path, *arguments: str, port: int | None = None, environment: dict[str, str] | None = None
) -> Iterator[Studio]:
    """A studio that keeps things in `folder`, until the block is left. `port`: where it listens."""
    port = port or free_port()
    command = [sys.executable, "-m", "nearfar", "studio", "--no-browser", "--folder", str(folder)]
    process = subprocess.Popen(
        [*command, "--port", str(port), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_for(port, process)
        yield Studio(f"http://localhost:{port}/", folder)
    finally:
        process.terminate()
        process.communicate(timeout=30)
