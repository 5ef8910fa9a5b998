"""A real browser, without a window: Debian's Chromium, driven by Playwright, with software WebGL."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from conftest import missing
from core_page import prepare
from xr_page import XRPage

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # as root it starts in no other way
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
)


@pytest.fixture(scope="module")  # not longer: while Playwright runs, other files could not use asyncio
def browser() -> Iterator[Browser]:
    """Chromium, one for each file; skips visibly where there is none."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        missing("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    context = browser.new_context(viewport={"width": 640, "height": 480})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """An empty page; what it threw and did not catch fails the test."""
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    assert not thrown, f"the page threw: {thrown}"


@pytest.fixture(scope="session")
def scripts() -> Path:
    """The folder of the built browser scripts that the package carries."""
    return Path(str(resources.files("nearfar.studio") / "static"))


@pytest.fixture(scope="session")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Bundles a source of the runtime, or of the studio ("studio/…"): what it exports is a page's `room`."""
    tool = ROOT / "web/node_modules/.bin/esbuild"
    if not tool.exists():
        missing("the tools of web/ are not here: make web")
    folder = tmp_path_factory.mktemp("bundled")
    environment = dict(os.environ, PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")

    def build(name: str) -> Path:
        out = folder / f"{name.replace('/', '-')}.js"
        package, source = (
            ("studio", name.removeprefix("studio/")) if name.startswith("studio/") else ("webxr", name)
        )
        entry = ROOT / "web" / package / "src" / f"{source}.ts"
        arguments = [tool, entry, "--bundle", "--format=iife", "--global-name=room", f"--outfile={out}"]
        subprocess.run(arguments, env=environment, check=True, capture_output=True)
        return out

    return build


@pytest.fixture(params=["webgl", "webgl2"])
def xr(request: pytest.FixtureRequest, page: Page, scripts: Path) -> XRPage:
    """A page with the runtime and its test API, once for each kind of context."""
    return XRPage(page, scripts, request.param)


@pytest.fixture
def run(page: Page, scripts: Path) -> Callable[..., Any]:
    """Runs the body of an async function in a page that has the runtime and a device."""
    prepare(page, scripts)
    return lambda body: page.evaluate(f"async () => {{ {body} }}")


@pytest.fixture
def phone(browser: Browser, scripts: Path) -> Iterator[Page]:
    """A page with the runtime and a device, on a screen of touches and fine pixels."""
    context = browser.new_context(
        viewport={"width": 640, "height": 480}, has_touch=True, device_scale_factor=2.0
    )
    page = context.new_page()
    prepare(page, scripts)
    yield page
    context.close()
