"""Where the viewer is and where the camera's picture hangs: laws of geometry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

CAMERA = {"left": 0.7, "right": 0.5, "up": 0.45, "down": 0.4}
MOVED = np.array(
    [[0.96, 0.0, -0.28, 0.2], [0.0, 1.0, 0.0, -0.1], [0.28, 0.0, 0.96, 0.3], [0.0, 0.0, 0.0, 1.0]]
)
"""Somewhere beside the camera, looking another way."""


@pytest.fixture
def pointer(page: Page, bundled: Callable[[str], Path]) -> Callable[[], np.ndarray]:
    """A page whose clock stands unless told, with a viewer that can be moved; gives its (4, 4) pose."""
    page.clock.install(time=0)
    page.goto("about:blank")
    page.clock.pause_at(1000)
    page.add_script_tag(path=bundled("device/pointer_pose"))
    page.evaluate("globalThis.pointer = new room.PointerPose(); pointer.start()")

    def pose() -> np.ndarray:
        numbers = page.evaluate("pointer.deviceFromViewer && [...pointer.deviceFromViewer]")
        return np.eye(4) if numbers is None else np.reshape(numbers, (4, 4)).T

    return pose


def test_keys_walk_and_turn(page: Page, pointer: Callable[[], np.ndarray]) -> None:
    assert page.evaluate("pointer.deviceFromViewer") is None
    page.keyboard.down("KeyW")
    page.clock.run_for(1000)
    np.testing.assert_allclose(pointer()[:3, 3], [0, 0, -0.5], atol=1e-6)
    page.clock.run_for(1000)
    page.keyboard.up("KeyW")
    page.clock.run_for(1000)
    np.testing.assert_allclose(pointer()[:3, 3], [0, 0, -1], atol=1e-6)
    page.keyboard.down("ArrowLeft")
    page.clock.run_for(1571)
    page.keyboard.up("ArrowLeft")
    np.testing.assert_allclose(-pointer()[:3, 2], [-1, 0, 0], atol=1e-3)  # looks to the left
    for key in ("KeyW", "KeyE"):
        page.keyboard.down(key)
        page.clock.run_for(1000)
        page.keyboard.up(key)
    np.testing.assert_allclose(pointer()[:3, 3], [-0.5, 0.5, -1], atol=1e-3)
    page.keyboard.press("Home")
    assert page.evaluate("pointer.deviceFromViewer") is None


def test_a_drag_pulls_the_world_along(page: Page, pointer: Callable[[], np.ndarray]) -> None:
    page.mouse.move(300, 200)
    page.mouse.move(320, 220)
    assert page.evaluate("pointer.deviceFromViewer") is None  # no button is held
    page.mouse.down()
    page.mouse.move(420, 170)
    page.mouse.up()
    looks = -pointer()[:3, 2]
    assert looks[0] < -0.3
    assert looks[1] < -0.15
    np.testing.assert_allclose(np.arctan2(-looks[0], -looks[2]), 0.4, atol=1e-6)
    np.testing.assert_allclose(np.arcsin(looks[1]), -0.2, atol=1e-6)


def test_typing_moves_nobody(page: Page, pointer: Callable[[], np.ndarray]) -> None:
    page.set_content("<input id=name>")
    page.locator("#name").press_sequentially("wasd")
    page.keyboard.down("KeyW")
    page.clock.run_for(500)
    assert page.evaluate("pointer.deviceFromViewer") is None
    assert page.locator("#name").input_value() == "wasdw"


def placed(page: Page, picture: dict[str, object], view: dict[str, object], pose: np.ndarray) -> np.ndarray:
    """(4, 4): CSS's matrix."""
    numbers = page.evaluate(
        "([picture, view, pose]) => [...room.placement(picture, view, new Float32Array(pose))]",
        [picture, view, pose.T.ravel().tolist()],
    )
    return np.reshape(numbers, (4, 4)).T


def shown_at(matrix: np.ndarray, x: float, y: float) -> np.ndarray:
    point = matrix @ [x, y, 0, 1]
    return point[:2] / point[3]


def test_a_picture_fills_the_view_of_its_camera(page: Page, bundled: Callable[[str], Path]) -> None:
    page.add_script_tag(path=bundled("device/camera_picture"))
    picture = {"width": 640, "height": 480, "edges": CAMERA}
    view = {"width": 300, "height": 200, "edges": CAMERA}
    matrix = placed(page, picture, view, np.eye(4))
    for x, y in ((0, 0), (640, 0), (640, 480), (0, 480), (100, 333)):
        np.testing.assert_allclose(shown_at(matrix, x, y), [x * 300 / 640, y * 200 / 480], atol=1e-3)
    narrow = {"left": 0.2, "right": 0.3, "up": 0.1, "down": 0.4}
    matrix = placed(page, picture, {"width": 300, "height": 200, "edges": narrow}, np.eye(4))
    column = (0.7 - 0.2) / 1.2 * 640
    np.testing.assert_allclose(shown_at(matrix, column, 480), [0, 200], atol=1e-3)


def test_a_moved_viewer_sees_the_picture_where_it_hangs(page: Page, bundled: Callable[[str], Path]) -> None:
    page.add_script_tag(path=bundled("device/camera_picture"))
    picture = {"width": 64, "height": 48, "edges": CAMERA}
    view = {"width": 300, "height": 200, "edges": CAMERA}
    view_from_camera = np.linalg.inv(MOVED)
    matrix = placed(page, picture, view, view_from_camera)
    for x, y in ((0, 0), (64, 48), (20, 30)):
        hung = np.array([-0.7 + x / 64 * 1.2, 0.45 - y / 48 * 0.85, -1, 0.5]) * 2  # two metres off
        right, up, back, _ = view_from_camera @ hung
        expected = [(right / -back + 0.7) / 1.2 * 300, (0.45 - up / -back) / 0.85 * 200]
        np.testing.assert_allclose(shown_at(matrix, x, y), expected, atol=1e-2)
