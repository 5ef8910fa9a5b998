"""Large frames in Chromium: by the lane where it can be had, by the WebSocket where not."""

from __future__ import annotations

import io
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route

from browser.test_stream import PAGES, page_color
from nearfar.studio import PageServer
from nearfar.studio.messages import Blob, ColorPart, DepthPart, FrameMessage, Matrix, Problem
from nearfar.studio.wire import encode
from nearfar.xr import DepthDataFormat, RigidTransform
from studio.hand_fed import HandFed, frame_of

pytestmark = pytest.mark.browser

SEES = "(metres) => next([[0.5, 0.5]]).then((found) => Math.abs(found.metres[0] - metres) < 1e-4)"

FORBID = """() => document.head.append(Object.assign(document.createElement('meta'),
  { httpEquiv: 'Content-Security-Policy', content: "worker-src 'none'" }))"""


class Fed:
    """A page with a session, and the device that feeds it."""

    def __init__(self, page: Page, device: HandFed, server: PageServer) -> None:
        self.page, self.device = page, device
        self.lanes: list[str] = []
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on(
            "request", lambda request: self.lanes.append(request.url) if "/stream/" in request.url else None
        )
        page.goto(f"{server.url}depth.html")

    def give(self, sequence: int, width: int, height: int) -> None:
        """A frame of a device that knows where it is."""
        self.device.give(replace(frame_of(sequence, width, height), viewer_pose=RigidTransform()))

    def sees(self, *sequences: int, width: int = 640, height: int = 480) -> None:
        """Each frame that the device gives comes to the page."""
        for sequence in sequences:
            self.give(sequence, width, height)
            self.page.wait_for_function(SEES, arg=sequence / 1000)


@pytest.fixture
def fed(page: Page) -> Iterator[Fed]:
    with _running(device := HandFed()) as server:
        yield Fed(page, device, server)
        page.goto("about:blank")


@contextmanager
def _running(device: HandFed) -> Iterator[PageServer]:
    server = PageServer(PAGES, device, port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


def begin(fed: Fed) -> None:
    fed.give(1, 8, 6)
    fed.page.evaluate("begin({}, 'immersive-ar')")


def test_large_frames_take_the_lane_while_the_session_lasts(fed: Fed) -> None:
    begin(fed)
    fed.sees(2, 3, width=8, height=6)
    assert fed.lanes == []  # small ones need none
    fed.sees(*range(4, 12))
    assert len(fed.lanes) == 1
    (worker,) = fed.page.workers  # which reads it
    with worker.expect_event("close"):
        fed.page.evaluate("session.end()")
    begin(fed)
    fed.sees(*range(20, 24))
    assert len(fed.lanes) == 2  # the first had ended
    assert not any("trying again" in text for text in fed.said)


@pytest.mark.parametrize("trouble", ["forbidden", "not there", "broken"])
def test_a_page_without_workers_reads_its_lane_itself(fed: Fed, trouble: str) -> None:
    asked: list[str] = []
    if trouble == "forbidden":
        fed.page.evaluate(FORBID)
    else:
        fed.page.on("request", lambda request: asked.append(request.url) if ".js" in request.url else None)
        answer = {"status": 404} if trouble == "not there" else {"body": "window.nothing.is.here"}
        fed.page.route("**/nearfar-webxr.js", lambda route: route.fulfill(**answer))
    begin(fed)
    fed.sees(*range(2, 12))
    assert len(fed.lanes) == 1
    assert fed.page.workers == []
    before = [*fed.said, *asked]
    assert before
    fed.page.evaluate("session.end()")
    begin(fed)
    fed.sees(*range(20, 30))
    assert len(fed.lanes) == 2
    assert [*fed.said, *asked] == before, "it is not tried again"


def test_the_camera_is_seen_by_the_lane(fed: Fed) -> None:
    begin(fed)
    fed.sees(*range(2, 12))
    assert len(fed.lanes) == 1
    np.testing.assert_allclose(page_color(fed.page, 320, 240), (90, 90, 90), atol=3)


def test_frames_go_on_where_all_lanes_are_taken(fed: Fed) -> None:
    fed.page.route("**/nearfar/stream/*", lambda route: route.fulfill(status=503, body="taken"))
    begin(fed)
    fed.sees(*range(2, 9))
    assert len(fed.lanes) == 1


def test_frames_go_on_where_a_lane_breaks_off(fed: Fed) -> None:
    def break_off(route: Route) -> None:
        route.fulfill(status=200, body=struct.pack("<I", 9999) + b"half")

    fed.page.route("**/nearfar/stream/*", break_off)
    begin(fed)
    with fed.page.expect_console_message(lambda message: "is back" in message.text):
        fed.give(2, 640, 480)
    fed.sees(*range(3, 9))
    assert len(fed.lanes) == 1  # it was not tried again


def test_a_lane_is_read_message_by_message(page: Page, bundled: Callable[[str], Path]) -> None:
    whole = b"".join(struct.pack("<I", size) + bytes([size % 251]) * size for size in (8, 0, 300_000))
    page.route("http://a.test/**", lambda route: route.fulfill(status=200, body=b"<!doctype html>"))
    page.route("http://a.test/whole", lambda route: route.fulfill(status=200, body=whole))
    page.route("http://a.test/cut", lambda route: route.fulfill(status=200, body=whole[:-1]))
    page.route("http://a.test/none", lambda route: route.fulfill(status=404, body=whole))
    page.goto("http://a.test/")
    page.add_script_tag(path=bundled("stream/lane"))
    found = page.evaluate(
        """() => Promise.all(['whole', 'cut', 'none'].map(async (name) => {
          const got = [];
          const take = (message) => {
            const bytes = new Uint8Array(message);
            got.push([bytes.length, bytes.every((byte) => byte === bytes.length % 251)]);
          };
          const lane = room.readLane(name, new AbortController().signal, take);
          return [await lane.catch((error) => error.name), got];
        }))"""
    )
    assert found == [
        [True, [[8, True], [0, True], [300_000, True]]],
        ["TypeError", [[8, True], [0, True]]],
        [False, []],
    ]


ASIDE = """(name) => {
  const aborting = new AbortController();
  const got = [];
  const take = ({ message, frame, error }) => {
    const { depth, picture } = frame ?? {};
    const size = picture && [picture.width, picture.height, picture.constructor.name];
    got.push([message?.type, error?.name, depth && [...depth.bytes], size]);
  };
  const script = name === 'foreign' ? 'http://b.test/runtime.js' : 'runtime.js';
  const address = new URL(name, location.href).href;
  return room.readLaneAside(script, address, aborting.signal, take).then(
    (works) => [works, got],
    (error) => [error.name, got],
  );
}"""


def test_a_worker_reads_a_lane_and_decodes_what_is_in_it(
    page: Page, bundled: Callable[[str], Path], scripts: Path
) -> None:
    jpeg = io.BytesIO()
    Image.new("RGB", (16, 8), (90, 90, 90)).save(jpeg, "JPEG")
    identity = tuple(np.eye(4).ravel().tolist())
    raw = bytes([1, 0, 2, 0])
    depth = DepthPart(
        Blob(memoryview(raw)), "short", None, DepthDataFormat.UNSIGNED_SHORT, 2, 1, 0.001, "absolute",
        Matrix(identity), None, None,
    )  # fmt: skip
    good, bad = (ColorPart(Blob(memoryview(data)), 16, 8) for data in (jpeg.getvalue(), b"no picture"))
    packets = [
        encode(FrameMessage(1, 0.0, depth, good, (), None)),
        encode(FrameMessage(2, 0.1, depth, bad, (), None)),
        b"\xff\xff\xff\xff",
        encode(FrameMessage(3, 0.2, depth, None, (), None)),
        encode(Problem("over")),
    ]
    whole = b"".join(struct.pack("<I", len(packet)) + packet for packet in packets)
    page.route("http://a.test/**", lambda route: route.fulfill(status=200, body=b"<!doctype html>"))
    page.route("http://a.test/whole", lambda route: route.fulfill(status=200, body=whole))
    page.route("http://a.test/cut", lambda route: route.fulfill(status=200, body=whole[:-1]))
    page.route("http://a.test/none", lambda route: route.fulfill(status=404, body=whole))
    page.route("http://a.test/runtime.js", lambda route: route.fulfill(path=scripts / "nearfar-webxr.js"))
    page.goto("http://a.test/")
    page.add_script_tag(path=bundled("stream/lane_worker"))
    arrived = [
        ["frame", None, [1, 0, 2, 0], [16, 8, "ImageBitmap"]],
        ["frame", "InvalidStateError", None, None],
        [None, "Error", None, None],  # classes of our own are not known to the page
        ["frame", None, [1, 0, 2, 0], None],
        ["problem", None, None, None],
    ]
    works, got = page.evaluate(ASIDE, "whole")
    assert works is True
    assert sorted(got, key=str) == sorted(arrived, key=str)  # in any order: pictures take their time
    failed, got = page.evaluate(ASIDE, "cut")
    assert failed == "TypeError"
    assert page.evaluate(ASIDE, "none") == [False, []]
    assert page.evaluate(ASIDE, "foreign") == [None, []]
    assert page.workers == []


def test_a_lane_is_for_pages_of_the_same_server(page: Page, bundled: Callable[[str], Path]) -> None:
    page.route("http://a.test/**", lambda route: route.fulfill(status=200, body=b"<!doctype html>"))
    page.goto("http://a.test/")
    page.add_script_tag(path=bundled("stream/lane"))
    streams = ["ws://a.test/nearfar/stream", "ws://a.test:8080/nearfar/stream", "wss://b.test/nearfar/stream"]
    assert page.evaluate("(all) => all.map((each) => room.hasLanes(new URL(each)))", streams) == [
        True,
        False,
        False,
    ]
    assert page.evaluate("room.laneAddress('ws://a.test/nearfar/stream?x=1', 'k')") == (
        "http://a.test/nearfar/stream/k?x=1"
    )
