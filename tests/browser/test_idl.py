"""Our interfaces have the shape that the specifications publish (@webref/idl).

Names, lengths, inheritance, enumerability, brand checks, constructors that nobody may call: where one is
another, the table says why.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from conftest import missing

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]

LAYERS = "a module of its own, the session's 'layers' feature, which we never grant"
DEVIATIONS = {
    LAYERS: [
        "XRCompositionLayer: absent",
        "XRProjectionLayer: absent",
        "XRQuadLayer: absent",
        "XRCylinderLayer: absent",
        "XREquirectLayer: absent",
        "XRCubeLayer: absent",
        "XRSubImage: absent",
        "XRWebGLSubImage: absent",
        "XRMediaBinding: absent",
        "XRLayerEvent: absent",
        "XRWebGLBinding.createProjectionLayer: absent",
        "XRWebGLBinding.createQuadLayer: absent",
        "XRWebGLBinding.createCylinderLayer: absent",
        "XRWebGLBinding.createEquirectLayer: absent",
        "XRWebGLBinding.createCubeLayer: absent",
        "XRWebGLBinding.getSubImage: absent",
        "XRWebGLBinding.getViewSubImage: absent",
        "XRWebGLBinding.foveateBoundTexture: absent",
        "XRRenderState.layers: absent",
        "XRSession.maxRenderLayers: absent",
    ],
    "there is no WebGPU binding yet": [
        "XRGPUDepthInformation: absent",
        "XRGPUBinding: absent",
    ],
    "a canvas has no parts that its lens hides": ["XRVisibilityMaskChangeEvent: absent"],
    "no permission is asked for": ["XRPermissionStatus: absent"],
}


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    """What web/webxr/conformance/idl.mjs reads in the published IDL."""
    if not (ROOT / "web/node_modules/@webref/idl").is_dir():
        missing("the tools of web/ are not here: make web")
    node = Path(sys.executable).with_name("node")
    environment = dict(os.environ, PATH=f"{node.parent}:{os.environ['PATH']}")
    found = subprocess.run(
        [node, "web/webxr/conformance/idl.mjs"], cwd=ROOT, env=environment, check=True, capture_output=True
    )
    shapes: dict[str, Any] = json.loads(found.stdout)
    return shapes


def shape_errors(page: Page, shapes: dict[str, Any]) -> list[str]:
    page.route(
        "http://localhost/", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html")
    )
    page.goto("http://localhost/")
    page.add_script_tag(path=ROOT / "web/webxr/conformance/shape.js")
    found: list[str] = page.evaluate("shapeErrors", shapes)
    return found


def test_interfaces_have_the_published_shape(page: Page, scripts: Path, published: dict[str, Any]) -> None:
    page.add_init_script(path=scripts / "nearfar-webxr.js")
    known = [line for lines in DEVIATIONS.values() for line in lines]
    assert sorted(shape_errors(page, published)) == sorted(known)


def test_the_check_knows_what_a_browser_gives(page: Page, published: dict[str, Any]) -> None:
    """Chromium's own interfaces pass it as far as it has them: the check asks for nothing of its own."""
    natives = ("XRRigidTransform", "XRSessionEvent", "XRInputSourceArray", "XRReferenceSpace")
    shapes = {name: dict(published[name], ours=True) for name in natives}
    page.add_init_script("Function.prototype.toString = () => 'as if it were ours';")
    assert shape_errors(page, shapes) == []
