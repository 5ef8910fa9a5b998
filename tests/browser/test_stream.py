"""`nearfar serve` and Chromium, both real: what a device has is what a page gets."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from browser.ramp_camera import HEIGHT, LEFT, RIGHT, WIDTH, ramp
from browser.serving import free_port, installed_ramp, serving

pytestmark = pytest.mark.browser

PAGES = Path(__file__).parent / "pages"
COLUMNS, ROWS = np.meshgrid(np.arange(1, WIDTH, 9), np.arange(1, HEIGHT - 1, 7))
POINTS = np.stack([(COLUMNS.ravel() + 0.5) / WIDTH, (ROWS.ravel() + 0.5) / HEIGHT], 1).tolist()
COUNTER = [(WIDTH - 0.5) / WIDTH, (HEIGHT - 0.5) / HEIGHT]

Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """Starts a server of the ramp."""
    environment = installed_ramp(tmp_path_factory.mktemp("installed"))
    return partial(serving, PAGES, "ramp:", environment=environment)


@pytest.fixture(scope="module")
def address(serve: Serve) -> Iterator[str]:
    """A server of the ramp."""
    with serve(port=free_port()) as address:
        yield address


@pytest.mark.parametrize("asked", ["luminance-alpha", "unsigned-short", "float32"])
def test_a_page_reads_what_the_device_measured(page: Page, address: str, asked: str) -> None:
    page.goto(f"{address}depth.html")
    assert page.evaluate("(asked) => begin({ dataFormatPreference: [asked] })", asked) == asked
    found = page.evaluate("(points) => next(points)", POINTS)
    truth = ramp()[ROWS, COLUMNS].ravel()
    if asked != "float32":
        truth = np.where(truth < 65.535, truth, 0)
    assert (found["width"], found["height"], found["aligned"]) == (WIDTH, HEIGHT, True)
    np.testing.assert_allclose(found["metres"], truth, atol=0 if asked == "float32" else 5e-4)


def test_frames_go_on(page: Page, address: str) -> None:
    page.goto(f"{address}depth.html")
    page.evaluate("begin({ dataFormatPreference: ['float32'] })")
    counts = [page.evaluate("(point) => next([point])", COUNTER)["metres"][0] for _ in range(9)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    assert all(count == round(count) for count in counts)


def test_the_camera_is_seen_behind_a_page_that_draws_nothing(page: Page, address: str) -> None:
    page.goto(f"{address}depth.html")
    page.evaluate("begin()")
    page.evaluate("(point) => next([point])", COUNTER)
    left, right = (page_color(page, 640 * share, 240) for share in (0.25, 0.75))
    np.testing.assert_allclose(left, LEFT, atol=12)
    np.testing.assert_allclose(right, RIGHT, atol=12)
    page.evaluate("session.end()")
    np.testing.assert_allclose(page_color(page, 160, 300), (0, 170, 0), atol=2)  # the page itself again


def test_a_page_that_styles_canvases_leaves_the_camera_as_it_is(page: Page, address: str) -> None:
    page.goto(f"{address}depth.html")
    page.add_style_tag(content="canvas, div { display: none; width: 50%; opacity: 0.5; margin: 3em }")
    page.evaluate("begin()")
    page.evaluate("(point) => next([point])", COUNTER)
    np.testing.assert_allclose(page_color(page, 160, 240), LEFT, atol=12)
    np.testing.assert_allclose(page_color(page, 480, 240), RIGHT, atol=12)


def test_no_camera_is_seen_where_the_world_is_shut_out(page: Page, address: str) -> None:
    page.goto(f"{address}depth.html")
    page.evaluate("begin({}, 'immersive-vr')")
    page.evaluate("(point) => next([point])", COUNTER)
    assert page_color(page, 160, 240) == (0, 0, 0)


def page_color(page: Page, x: float, y: float) -> tuple[int, ...]:
    """What is seen at a place of the window."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    color = picture.getpixel((int(x), int(y)))
    assert isinstance(color, tuple)
    return color


def test_a_server_that_comes_back_is_found_again(page: Page, serve: Serve) -> None:
    said: list[str] = []
    port = free_port()
    page.on("console", lambda message: said.append(message.text))
    with serve(port=port) as address:
        page.goto(f"{address}depth.html")
        page.evaluate("begin({ dataFormatPreference: ['float32'] })")
        page.evaluate("(point) => next([point])", COUNTER)
    page.wait_for_timeout(1200)  # several attempts
    with serve(port=port):
        found = page.evaluate("(points) => next(points)", POINTS)
    np.testing.assert_array_equal(np.float32(found["metres"]), ramp()[ROWS, COLUMNS].ravel())
    assert len([text for text in said if "trying again" in text]) == 1
    assert len([text for text in said if "is back" in text]) == 1


def test_a_viewer_who_goes_aside_sees_another_depth(page: Page, address: str) -> None:
    page.goto(f"{address}depth.html?nearfar-move")
    page.evaluate("begin({ dataFormatPreference: ['float32'] })")
    still = page.evaluate("(points) => next(points)", POINTS)
    assert still["aligned"]
    page.mouse.move(300, 200)
    page.mouse.down()
    page.mouse.move(320, 200)
    page.mouse.up()
    turned = page.evaluate("(points) => next(points)", POINTS)
    assert turned["aligned"]  # what a page is given is reprojected to its view
    expected = np.eye(4)
    expected[[0, 2], [0, 2]], expected[0, 2], expected[2, 0] = np.cos(0.08), np.sin(0.08), -np.sin(0.08)
    np.testing.assert_allclose(np.reshape(turned["viewer"], (4, 4)).T, expected, atol=1e-6)
    assert turned["metres"] != still["metres"]


def test_a_page_that_was_not_told_to_move_stays(page: Page, address: str) -> None:
    page.goto(f"{address}depth.html")
    page.evaluate("begin({ dataFormatPreference: ['float32'] })")
    page.mouse.move(300, 200)
    page.mouse.down()
    page.mouse.move(320, 200)
    page.mouse.up()
    found = page.evaluate("(points) => next(points)", POINTS)
    np.testing.assert_array_equal(np.reshape(found["viewer"], (4, 4)), np.eye(4))
