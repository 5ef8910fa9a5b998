"""The runtime as the npm package gives it: an ES module, with types."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from conftest import missing

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "web/webxr"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def node() -> Callable[..., str]:
    """Runs a program of Node in the package; what it printed."""
    if not (ROOT / "web/node_modules/esbuild").is_dir():
        missing("the tools of web/ are not here: make web")
    folder = Path(sys.executable).parent
    environment = dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}")

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            [folder / command[0], *command[1:]], cwd=PACKAGE, env=environment, check=True, capture_output=True
        )
        return done.stdout.decode()

    return run


def test_the_readme_makes_a_device(page: Page, node: Callable[..., str], tmp_path: Path) -> None:
    """Its code, in a page as it stands there, is a device whose depth a session gets."""
    node("node", "build.mjs", tmp_path)
    [code] = re.findall(r"```js\n(.*?)```", (PACKAGE / "README.md").read_text(), re.DOTALL)
    html = f"""<!doctype html>
      <script type="importmap">{{"imports": {{"nearfar-webxr": "/module.mjs"}}}}</script>
      <script type="module">{code} globalThis.device = device;</script>"""
    page.route("http://localhost/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.route("**/module.mjs", lambda route: route.fulfill(path=PACKAGE / "dist/nearfar-webxr.mjs"))
    page.goto("http://localhost/")
    page.wait_for_function("globalThis.device")
    assert page.evaluate("""async () => {
      const session = await navigator.xr.requestSession('immersive-ar', { requiredFeatures: ['depth-sensing'],
        depthSensing: { usagePreference: ['cpu-optimized'], dataFormatPreference: ['float32'] } });
      const gl = document.createElement('canvas').getContext('webgl2');
      session.updateRenderState({ baseLayer: new XRWebGLLayer(session, gl) });
      const space = await session.requestReferenceSpace('local');
      const metres = await new Promise(done => session.requestAnimationFrame((time, frame) => {
        const [view] = frame.getViewerPose(space).views;
        done(frame.getDepthInformation(view).getDepthInMeters(0.5, 0.5));
      }));
      await session.end();
      return metres;
    }""") == pytest.approx(1.5)


def test_the_package_holds_what_it_names(node: Callable[..., str]) -> None:
    node("npm", "run", "prepack", "--silent")
    packed = json.loads(node("npm", "pack", "--dry-run", "--json", "--ignore-scripts"))
    files = {entry["path"] for entry in packed[0]["files"]}
    package = json.loads((PACKAGE / "package.json").read_text())
    named = {package["main"], package["types"], "LICENSE", "README.md"}
    for target in package["exports"].values():
        named.update(target.values() if isinstance(target, dict) else [target])
    assert {name.removeprefix("./") for name in named} <= files


CONSUMER = """
import { connect, connectStream, PROFILES, type Device, type NativeDepth } from 'nearfar-webxr';
connect(null);
connectStream('/nearfar/stream', { movable: true });
export const depths = (device: Device): NativeDepth | null => device.current?.depth ?? null;
export const layout: 'linear' | 'window-space' = PROFILES.quest.gpu;
// @ts-expect-error  a device is no number
connect(5);
// @ts-expect-error  an address is a string
connectStream(5);
// @ts-expect-error  there is no such kind of device
PROFILES.toaster;
"""


@pytest.mark.parametrize(("module", "resolution"), [("NodeNext", "NodeNext"), ("ESNext", "Bundler")])
def test_the_types_are_there_however_a_project_resolves(
    node: Callable[..., str], tmp_path: Path, module: str, resolution: str
) -> None:
    """Every error that has to be found is found, and no other: not one in the declarations themselves."""
    node("npm", "run", "prepack", "--silent")
    package = tmp_path / "node_modules/nearfar-webxr"
    package.mkdir(parents=True)
    shutil.copy(PACKAGE / "package.json", package)
    shutil.copytree(PACKAGE / "dist", package / "dist")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "main.ts").write_text(CONSUMER)
    options = {"strict": True, "noEmit": True, "module": module, "moduleResolution": resolution, "types": []}
    options.update(target="ES2022", lib=["ES2022", "DOM", "DOM.Iterable"])
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["main.ts"]}))
    node("node", ROOT / "web/node_modules/typescript/bin/tsc", "-p", tmp_path)
