"""Make the pictures of the studio: README's first one, and those of docs/guide/studio.md.

``python docs/studio_pictures.py`` starts `nearfar studio` on a virtual camera, uses it in Chromium and writes
docs/images/studio-*.jpg. Without Chromium they stay as they are.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
FLAGS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
QUALITY = 88
PATIENCE = 60_000
"""Milliseconds: software draws, and renders 12 megapixels."""


def main() -> None:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        print("studio-*.jpg: kept, no Chromium; apt-get install chromium")
        return
    with tempfile.TemporaryDirectory() as folder, _studio(Path(folder)) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=FLAGS)
        live(_opened(browser, address, "light"))
        portrait(_opened(browser, f"{address}#photos", "dark"))
        take(_opened(browser, f"{address}#takes", "light"))
        ar(_opened(browser, f"{address}ar/", "light"))
        browser.close()


def live(page: Page) -> None:
    """The live view, with a photo taken."""
    page.get_by_role("region", name="Live").wait_for()
    page.wait_for_timeout(3000)  # until the frame rate is one
    page.keyboard.press("Space")
    page.locator(".last img").first.evaluate("(picture) => picture.decode()")
    page.mouse.move(810, 360)
    page.wait_for_timeout(4000)  # until the frame rate is that without a photo
    _save(page, "studio-live")


def portrait(page: Page) -> None:
    """The photo at f/1.4, beside the same as taken."""
    page.get_by_role("slider", name="Aperture").press("Home")
    page.get_by_text("full quality").wait_for()
    page.mouse.click(580, 545)  # the cup
    page.wait_for_timeout(1000)
    page.get_by_text("full quality").wait_for()
    page.get_by_role("button", name="Before and after").click()
    page.wait_for_timeout(1000)
    _save(page, "studio-portrait")


def take(page: Page) -> None:
    """A take that plays."""
    page.get_by_role("button", name="Record").click()
    page.wait_for_timeout(4000)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(2500)
    _save(page, "studio-take")


def ar(page: Page) -> None:
    """Balls on a desk."""
    page.get_by_role("button", name="Start AR").click()
    page.get_by_role("button", name="Throw").wait_for()
    page.wait_for_timeout(2000)
    for x in range(500, 800, 60):
        page.mouse.click(x, 420)
        page.wait_for_timeout(700)
    page.wait_for_timeout(1500)
    _save(page, "studio-ar")


def _opened(browser: Browser, address: str, scheme: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    return page


def _save(page: Page, name: str) -> None:
    target = IMAGES / f"{name}.jpg"
    page.screenshot(path=target, type="jpeg", quality=QUALITY)
    page.close()
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB")


@contextmanager
def _studio(folder: Path) -> Iterator[str]:
    """The address of a studio that keeps things in `folder`."""
    command = [sys.executable, "-m", "nearfar", "studio", "--no-browser", "--port", "0", "--folder", folder]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield next(line.strip() for line in process.stdout if line.startswith("http"))
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
