"""How soon the studio shows something, and how much of it a browser has to load.

    make run ──▶ address printed ──▶ page ──▶ first live frame drawn

The browser runs already, as a user's does.
"""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.measure import Row
from benchmarks.webxr_stream import FLAGS

ROOT = Path(__file__).parents[1]
RUNS = 5
LAZY = ("three.js",)
"""Loaded when points are shown."""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
DRAWN = """() => [...document.querySelectorAll('main canvas')].some((canvas) => {
  if (canvas.width < 100) return false;
  const small = new OffscreenCanvas(8, 8).getContext('2d');
  small.drawImage(canvas, 0, 0, 8, 8);
  const { data } = small.getImageData(0, 0, 8, 8);
  return new Set(data).size > 16;
})"""


def rows() -> list[Row]:
    """Time to the first live frame and to the first paint, and the page's weight."""
    pages = Path(str(resources.files("nearfar.studio") / "static/studio"))
    weights = {
        path.name: _weight(path)
        for path in pages.iterdir()
        if path.suffix in (".html", ".css", ".js", ".svg")
    }
    first = sum(weight for name, weight in weights.items() if name not in LAZY)
    weight = Row(
        "the studio's page, gzip; with three.js, for points",
        f"{first / 1000:.0f} KB; {sum(weights.values()) / 1000:.0f} KB",
        "",
        "",
        "≤ 400 KB",
    )
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        return [Row("the studio's start", "no Chromium here", "", "", ""), weight]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        found = [_start(browser) for _ in range(RUNS)]
        browser.close()
    frames, paints = zip(*found, strict=True)
    return [
        Row("`make run` to the first live frame in the page", _seconds(frames), "", "", "≤ 3 s"),
        Row("first paint of the page, on loopback", _seconds(paints), "", "", "≤ 1 s"),
        weight,
    ]


def _weight(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def _seconds(values: tuple[float, ...]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f}) s"


def _start(browser: Browser) -> tuple[float, float]:
    """Seconds to the first live frame, and of the page to its first paint."""
    began = time.monotonic()
    with _running() as address:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address, wait_until="commit")
        while not page.evaluate(DRAWN):  # the page's policy forbids what waits for a function
            time.sleep(0.02)
        frame = time.monotonic() - began
        while (paint := page.evaluate(PAINT)) is None:
            time.sleep(0.02)
        page.close()
    return frame, paint / 1000


@contextmanager
def _running() -> Iterator[str]:
    """The address of a studio that was started as a newcomer starts it."""
    with tempfile.TemporaryDirectory() as home:
        environment = dict(os.environ, CI="1", XDG_DATA_HOME=home, PYTHONUNBUFFERED="1")
        process = subprocess.Popen(
            ["make", "-s", "run"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            yield next(line.strip() for line in process.stdout if line.startswith("http"))
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait()
