"""Our example pages, with three.js and Babylon.js as npm has them, in Chromium: depth read, things hidden."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, Route

import nearfar as nf
from browser.ramp_camera import ramp
from browser.serving import free_port, installed_ramp, serving
from conftest import missing

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples/webxr"
MODULES = ROOT / "web/node_modules"
PHOTO = "photos/apple/iphone13pro_dualwide.heic"
FARTHEST = 65.535
"""Metres that 16 bits of millimetres hold."""
BALL, RADIUS = 0.5, 0.08
"""Metres: behind the dog, before the wall."""


@pytest.fixture(scope="module", params=["spec", "arcore", "quest"])
def profile(request: pytest.FixtureRequest) -> str:
    """Which kind of device pages meet."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def ramp_address(profile: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The examples, with the ramp as their device."""
    environment = installed_ramp(tmp_path_factory.mktemp("installed"))
    more = ("--profile", profile)
    with serving(EXAMPLES, "ramp:", *more, port=free_port(), environment=environment) as address:
        yield address


@pytest.fixture
def with_modules(page: Page) -> Page:
    """A page that finds what `npm install` would put beside the examples."""
    for name in ("three", "@babylonjs/core"):
        if not (MODULES / name).is_dir():
            missing(f"{name} is not installed: make .venv/.web")

    def module(route: Route) -> None:
        route.fulfill(path=MODULES / route.request.url.split("/node_modules/", 1)[1])

    page.route("**/node_modules/**", module)
    return page


def at(metres: NDArray[Any], points: list[list[float]]) -> NDArray[Any]:
    """What a buffer has at points 0..1 from its top left."""
    height, width = metres.shape
    return np.array([metres[int(y * height), int(x * width)] for x, y in points])


def as_seen(profile: str) -> NDArray[Any]:
    """The ramp as a profile's view has it: a phone held upright shows it turned."""
    return np.rot90(ramp()) if profile == "arcore" else ramp()


@pytest.mark.parametrize(
    ("profile", "usage"),
    [
        ("spec", "cpu-optimized"),
        ("spec", "gpu-optimized"),
        ("arcore", "cpu-optimized"),
        ("arcore", "gpu-optimized"),
        ("quest", "gpu-optimized"),  # a headset has depth for the GPU alone
    ],
    indirect=["profile"],
)
@pytest.mark.parametrize("depth_format", ["luminance-alpha", "unsigned-short", "float32"])
def test_the_inspector_shows_what_the_device_measured(
    page: Page, profile: str, ramp_address: str, usage: str, depth_format: str
) -> None:
    page.goto(f"{ramp_address}depth-inspector.html?usage={usage}&format={depth_format}&start")
    page.wait_for_function("globalThis.inspected?.views.length > 0")
    found = page.evaluate("inspected")
    assert (found["depthUsage"], found["depthDataFormat"]) == (usage, depth_format)
    (view,) = found["views"]
    truth = at(as_seen(profile), view["points"])
    if profile == "arcore" or depth_format != "float32":
        truth = np.where(truth < FARTHEST, truth, 0)
    assert np.count_nonzero(truth) >= 5
    np.testing.assert_allclose(view["shown"], truth, rtol=0.01)
    if usage == "cpu-optimized":
        np.testing.assert_allclose(view["told"], truth, rtol=0.01)


@pytest.mark.parametrize("usage", ["cpu", "gpu"])
@pytest.mark.parametrize("profile", ["spec"], indirect=True)
def test_babylon_reads_what_the_device_measured(with_modules: Page, ramp_address: str, usage: str) -> None:
    with_modules.goto(f"{ramp_address}babylon-depth/?usage={usage}&format=float&start")
    with_modules.wait_for_function("globalThis.read")
    found = with_modules.evaluate("read")
    assert (found["depthUsage"], found["depthDataFormat"]) == (usage, "float")
    np.testing.assert_allclose(found["metres"], at(ramp(), found["points"]), rtol=0.01)


@pytest.fixture(scope="module")
def photo_address(samples: Path) -> Iterator[str]:
    """The examples on a headset that sees a photo, from where it was taken."""
    device = f"photo:{samples / PHOTO}?sway=0"
    with serving(EXAMPLES, device, "--profile", "quest", port=free_port()) as address:
        yield address


@pytest.fixture(scope="module")
def photo_depth(samples: Path) -> NDArray[np.float32]:
    """(H, W) metres that the photo's device has."""
    device = nf.xr.CameraDevice(f"photo:{samples / PHOTO}?sway=0")
    device.start()
    try:
        frame = device.next_frame(30)
    finally:
        device.stop()
    assert frame is not None
    assert frame.depth is not None
    return frame.depth.raw


def test_a_photo_is_as_deep_in_a_texture_as_it_is(
    page: Page, photo_address: str, photo_depth: NDArray[np.float32]
) -> None:
    page.goto(f"{photo_address}depth-inspector.html?usage=gpu-optimized&format=float32&start")
    page.wait_for_function("globalThis.inspected?.views.length > 0")
    (view,) = page.evaluate("inspected.views")
    np.testing.assert_allclose(view["shown"], at(photo_depth, view["points"]), rtol=0.01)


def test_three_hides_a_ball_behind_what_is_nearer(
    with_modules: Page, photo_address: str, photo_depth: NDArray[np.float32]
) -> None:
    with_modules.goto(f"{photo_address}three-occlusion/?distance={BALL}&radius={RADIUS}&start")
    with_modules.wait_for_function("shown.occluding && shown.frames > 5")
    height, width = photo_depth.shape
    seen = Image.open(io.BytesIO(with_modules.screenshot())).convert("RGB").resize((width, height))
    red, green, blue = np.moveaxis(np.asarray(seen, np.int32), -1, 0)
    orange = (red - blue > 110) & (red - green > 60)
    rows, columns = np.mgrid[:height, :width]
    reach = 0.75 * 0.75 * width * RADIUS / BALL  # the photo's focal length is 0.75 of its width
    inside = np.hypot(columns - width / 2, rows - height / 2) < reach
    nearer, farther = photo_depth < BALL - RADIUS - 0.01, photo_depth > BALL + 0.01
    assert np.count_nonzero(inside & nearer) > 1000
    assert np.count_nonzero(inside & farther) > 1000
    assert orange[inside & nearer].mean() < 0.02
    assert orange[inside & farther].mean() > 0.98
