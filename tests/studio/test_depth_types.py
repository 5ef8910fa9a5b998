"""Pages of one device that want depth of different types, over a real server and real WebSockets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from websockets.sync.client import connect

import nearfar as nf
from nearfar.depth import decode_frame
from nearfar.studio.messages import DepthPart, Ended, FrameMessage, Hello, Taken, Wanted
from nearfar.xr import CameraDevice, DepthDataFormat, DepthType, NativeDepth
from studio.conftest import OpenStream, PageEnd, Serve
from studio.hand_fed import HandFed, frame_of
from xr_sessions import FixedCamera

RAW, SMOOTH = DepthType.RAW, DepthType.SMOOTH
HOLES = np.s_[4:8, 10:14]
DOUBTFUL = np.s_[20:22, 5:9]


def wanting(depth_type: DepthType | None, coding: Any = "plain") -> Wanted:
    return Wanted(coding, color=False, depth_type=depth_type)


def noisy(*, over: bool = False) -> FixedCamera:
    """A wall that is measured badly: noise, holes, and places of low confidence."""
    values = np.random.default_rng(3).normal(2.0, 0.01, (30, 40)).astype(np.float32)
    values[HOLES] = np.nan
    confidence = np.ones((30, 40), np.float32)
    confidence[DOUBTFUL] = 0.1
    depth = nf.DepthMap(values, accuracy=nf.Accuracy.ABSOLUTE, confidence=confidence)
    color = np.full((30, 40, 3), 120, np.uint8)
    return FixedCamera(*(nf.Frame(0.0, 0, color, depth) for _ in range(20 if over else 1)), over=over)


def measured() -> Any:
    """The wall as raw depth has it."""
    depth = noisy()._frames[0].depth
    assert depth is not None
    raw = np.nan_to_num(depth.values)
    raw[DOUBTFUL] = 0.0
    return raw


def metres(depth: DepthPart | None) -> Any:
    assert depth is not None
    if depth.coding == "packed":
        return np.nan_to_num(decode_frame(depth.data).values)
    return np.frombuffer(depth.data, np.float32).reshape(depth.height, depth.width)


def next_of(page: PageEnd, depth_type: DepthType | None) -> DepthPart:
    """The depth of the next frame; those that were on their way when the page changed its mind are passed."""
    for _ in range(5):
        depth = page.take().depth
        if depth is not None and depth.depth_type == depth_type:
            return depth
    raise AssertionError(f"no {depth_type} depth came")


def check(page: PageEnd, depth_type: DepthType | None) -> None:
    """That the page's next depth is what it wants."""
    found, raw = metres(next_of(page, depth_type)), measured()
    if depth_type == RAW:
        np.testing.assert_array_equal(found, raw)
    else:
        assert (found > 0).all(), "filtered depth has no holes"
        assert np.abs(np.diff(found)).mean() < np.abs(np.diff(raw[:, 15:])).mean()


def test_pages_get_each_their_own_type_at_the_same_time(serve: Serve, open_stream: OpenStream) -> None:
    server = serve(CameraDevice(noisy()))
    wanted = [wanting(RAW), wanting(SMOOTH), wanting(None), wanting(RAW, "packed")]
    pages = [(open_stream(server, each), each.depth_type) for each in wanted]
    for _ in range(4):
        for page, depth_type in pages:
            check(page, depth_type)


def test_a_page_may_change_its_mind(serve: Serve, open_stream: OpenStream) -> None:
    page = open_stream(serve(CameraDevice(noisy())), wanting(SMOOTH))
    for depth_type in (SMOOTH, RAW, None, RAW):
        page.say(wanting(depth_type))
        check(page, depth_type)


def test_the_last_frame_of_a_device_at_its_end_is_there_in_either_type(
    serve: Serve, open_stream: OpenStream
) -> None:
    server = serve(CameraDevice(noisy(over=True)))
    first = open_stream(server, wanting(SMOOTH))
    while not isinstance(news := first.hear(), Ended):
        assert isinstance(news, FrameMessage)
        first.say(Taken(news.sequence))
    first.say(wanting(RAW))
    check(first, RAW)
    check(open_stream(server, wanting(SMOOTH)), SMOOTH)


@pytest.mark.parametrize("shared", [True, False])
def test_hello_lists_what_can_be_had(serve: Serve, device: HandFed, shared: bool) -> None:
    server = serve(CameraDevice(noisy()) if shared else device)
    with connect(f"ws://localhost:{server.port}/nearfar/stream", origin=server.url[:-1]) as connection:  # type: ignore[arg-type]
        hello = PageEnd(connection).hear()
    assert isinstance(hello, Hello)
    assert hello.depth_support is not None
    assert hello.depth_support.types == ((SMOOTH, RAW) if shared else device.depth_support.types[:1])


class Shared(HandFed):
    """It tells what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[int, DepthType | None]] = []

    def start_shared(self) -> None:
        self.start()

    def give_of(self, sequence: int) -> None:
        """A frame whose raw depth is its number, and whose smooth depth is 1000 more."""
        frame = frame_of(sequence)

        def depth_of(depth_type: DepthType | None) -> NativeDepth:
            self.asked.append((sequence, depth_type))
            value = sequence + 1000 * (depth_type == SMOOTH)
            return NativeDepth(np.full((6, 8), value, np.uint16), DepthDataFormat.UNSIGNED_SHORT, 0.001)

        self.give(replace(frame, depth=None, depth_of=depth_of))


def test_depth_of_a_type_that_nobody_wants_is_never_made(serve: Serve, open_stream: OpenStream) -> None:
    device = Shared()
    server = serve(device)
    blind, raw = open_stream(server, wanting(SMOOTH, None)), open_stream(server, wanting(RAW))
    for sequence in (1, 2, 3):
        device.give_of(sequence)
        assert blind.take().depth is None
        depth = raw.take().depth
        assert depth is not None
        assert (depth.depth_type, depth.data[0]) == (RAW, sequence)
    assert {depth_type for _, depth_type in device.asked} == {RAW}


def test_a_frame_without_depth_has_none_of_any_type(serve: Serve, open_stream: OpenStream) -> None:
    device = Shared()
    page = open_stream(serve(device), wanting(RAW))
    device.give(replace(frame_of(1), depth=None))
    assert page.take().depth is None
