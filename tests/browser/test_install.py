"""The built scripts are what their sources say, and a browser takes them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

from conftest import missing

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("room", ["webxr", "studio"])
def test_built_files_are_those_of_their_sources(room: str, scripts: Path, tmp_path: Path) -> None:
    if not (ROOT / "web/node_modules/esbuild").is_dir():
        missing("the tools of web/ are not here: make web")
    node = Path(sys.executable).with_name("node")
    environment = dict(os.environ, PATH=f"{node.parent}:{os.environ['PATH']}")
    command = [node, f"web/{room}/build.mjs", tmp_path]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    built = {
        path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()
    }
    assert built, "nothing was built"
    for name, content in built.items():
        assert content == (scripts / name).read_bytes(), f"{name} is stale: make web"
    if room == "studio":
        carried = {path.relative_to(scripts) for path in (scripts / room).rglob("*") if path.is_file()}
        assert carried == set(built), "the package carries files that are no longer built: make web"


def test_scripts_load_ahead_of_a_page(page: Page, scripts: Path) -> None:
    for name in ("nearfar-webxr.js", "nearfar-webxr-test.js"):
        page.add_init_script(path=scripts / name)
    page.goto("about:blank")
    assert page.evaluate(
        "[Symbol.for('nearfar.webxr') in globalThis, `${navigator.xr}`, `${navigator.xr.test}`]"
    ) == [
        True,
        "[object XRSystem]",
        "[object XRTest]",
    ]
