"""Where no pictures come the page says why, and has a button that does something about it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

import nearfar as nf
from browser.serving import free_port
from browser.studio_page import running_studio
from nearfar.capture import Recorder
from nearfar.studio.messages import Wanted
from nearfar.studio.wire import encode

pytestmark = pytest.mark.browser

BUSY = 30_000
"""Milliseconds that a machine on which much runs may take for what takes a second."""

LOST = "The studio does not answer; this page tries again by itself."
NO_ROOM = "The studio sends no pictures: 32 pages are watching"


@pytest.fixture
def desk(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


def picture(page: Page) -> Locator:
    return page.locator(".pane.depth:not(.empty)")


def fill(page: Page) -> None:
    """As many watch as there is room for."""
    taken = page.evaluate(
        """(wanted) => Promise.all(Array.from({ length: 32 }, () => new Promise((done) => {
          const socket = new WebSocket('/nearfar/stream');
          socket.onopen = () => socket.send(new Uint8Array(wanted)); // else it would be sent away soon
          socket.onmessage = () => done(socket);
        }))).then((sockets) => { window.sockets = sockets; return sockets.length; })""",
        list(encode(Wanted(depth=None, color=False))),
    )
    assert taken == 32


def pause(page: Page) -> None:
    """Nothing that the page has put off happens."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 0.2)


def test_a_camera_that_is_gone_is_started_again(tmp_path: Path, desk: BrowserContext) -> None:
    with running_studio(tmp_path, "--device", "faulty:virtual:lidar?unplug=2") as studio:
        page = studio.open(desk)
        trouble = page.get_by_role("alert").filter(has_text=re.compile("Choose another device, or start"))
        expect(trouble).to_be_visible(timeout=BUSY)
        page.get_by_role("button", name="Start it again").click()
        expect(trouble).to_be_hidden(timeout=BUSY)
        expect(picture(page)).to_be_visible(timeout=BUSY)
        expect(trouble).to_be_visible(timeout=BUSY)  # it comes loose once more
        assert studio.noise == []


def test_a_take_that_is_over_is_played_again(tmp_path: Path, desk: BrowserContext) -> None:
    depth = nf.DepthMap(np.ones((60, 80), np.float32), nf.DepthKind.DEPTH)
    with Recorder(tmp_path / "short.mcap") as recorder:
        for number in range(20):
            frame = nf.Frame(number / 10, number, np.zeros((60, 80, 3), np.uint8), depth)
            recorder.write(frame, wait=True)
    with running_studio(tmp_path / "studio", "--device", f"take:{tmp_path}/short.mcap") as studio:
        page = studio.open(desk)
        over = page.get_by_text("It has come to its end: this is the last picture.")
        expect(over).to_be_visible(timeout=BUSY)
        expect(picture(page)).to_be_visible()
        page.get_by_role("button", name="Start it again").click()
        expect(over).to_be_hidden(timeout=BUSY)
        expect(over).to_be_visible(timeout=BUSY)
        assert studio.noise == []


def test_a_studio_that_has_no_room_is_asked_again(tmp_path: Path, desk: BrowserContext) -> None:
    with running_studio(tmp_path, "--device", "virtual:lidar") as studio:
        other = studio.open(desk, "#photos")
        fill(other)
        page = desk.new_page()
        page.clock.install()
        page.goto(studio.url)
        refused = page.get_by_role("alert").filter(has_text=NO_ROOM)
        expect(refused).to_be_visible(timeout=BUSY)
        pause(page)  # it would try by itself
        other.evaluate("sockets.forEach((socket) => socket.close())")
        with page.expect_websocket() as opened:
            page.get_by_role("button", name="Try again now").click()
        assert "/nearfar/stream" in opened.value.url
        expect(refused).to_be_hidden(timeout=BUSY)
        page.clock.resume()
        expect(picture(page)).to_be_visible(timeout=BUSY)


def test_a_studio_that_had_no_room_and_was_ended_is_said_to_be_silent(
    tmp_path: Path, desk: BrowserContext
) -> None:
    with running_studio(tmp_path, "--device", "virtual:lidar") as studio:
        fill(studio.open(desk, "#photos"))
        page = studio.open(desk)
        expect(page.get_by_role("alert").filter(has_text=NO_ROOM)).to_be_visible(timeout=BUSY)
    expect(page.get_by_role("alert").filter(has_text=LOST)).to_be_visible(timeout=BUSY)


def test_a_studio_that_was_ended_is_found_again_at_once(tmp_path: Path, desk: BrowserContext) -> None:
    port = free_port()
    with running_studio(tmp_path, "--device", "virtual:lidar", port=port) as studio:
        page = desk.new_page()
        page.clock.install()
        page.goto(studio.url)
        expect(picture(page)).to_be_visible(timeout=BUSY)
    expect(page.get_by_text(LOST)).to_be_visible(timeout=BUSY)
    pause(page)
    with running_studio(tmp_path, "--device", "virtual:truedepth", port=port):
        page.get_by_role("button", name="Try again now").click()
        expect(page.get_by_text(LOST)).to_be_hidden(timeout=BUSY)
        expect(page.get_by_label("Device")).to_have_value("virtual:truedepth", timeout=BUSY)
        page.clock.resume()
        expect(picture(page)).to_be_visible(timeout=BUSY)


def test_a_camera_that_cannot_be_opened_is_tried_again(tmp_path: Path, desk: BrowserContext) -> None:
    depth = nf.DepthMap(np.ones((60, 80), np.float32), nf.DepthKind.DEPTH)
    with Recorder(tmp_path / "there.mcap") as recorder:
        recorder.write(nf.Frame(0.0, 0, np.zeros((60, 80, 3), np.uint8), depth), wait=True)
    device = f"take:{tmp_path}/room.mcap"
    with running_studio(tmp_path / "studio", "--device", device) as studio:
        page = studio.open(desk)
        expect(page.get_by_role("alert").filter(has_text="room.mcap")).to_be_visible(timeout=BUSY)
        shutil.copy(tmp_path / "there.mcap", tmp_path / "room.mcap")
        page.get_by_role("button", name="Start it again").click()
        expect(picture(page)).to_be_visible(timeout=BUSY)


def test_a_recording_that_ends_by_itself_is_told_and_may_be_begun_again(
    tmp_path: Path, desk: BrowserContext
) -> None:
    with running_studio(tmp_path, "--device", "faulty:virtual:lidar?unplug=4") as studio:
        page = studio.open(desk, "#takes")
        page.get_by_role("button", name="Record").click()
        expect(page.get_by_role("status").filter(has_text="The recording ended")).to_be_visible(timeout=BUSY)
        expect(page.get_by_role("link", name="Recorded:")).to_be_visible()
        expect(picture(page)).to_be_visible(timeout=BUSY)
        expect(page.get_by_role("button", name="Record")).to_be_enabled()
        assert studio.noise == []


def test_a_studio_that_fails_without_a_word_is_not_quoted(tmp_path: Path, desk: BrowserContext) -> None:
    with running_studio(tmp_path, "--device", "virtual:lidar") as studio:
        page = desk.new_page()
        page.route("**/studio/photos", lambda route: route.fulfill(status=500, body="Internal Server Error"))
        page.goto(f"{studio.url}#photos")
        expect(page.get_by_role("alert")).to_contain_text("The studio failed at this")
