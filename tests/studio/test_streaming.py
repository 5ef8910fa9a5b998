"""One device, many pages: over a real server and real WebSockets."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from nearfar.depth import Accuracy, decode_frame
from nearfar.errors import DeviceBusy, DeviceLost
from nearfar.studio.messages import PROTOCOL, DepthCoding, Ended, Hello, Problem, Taken, Wanted
from nearfar.studio.streaming import Limits
from nearfar.studio.wire import encode
from nearfar.xr import (
    DepthDataFormat,
    DepthSupport,
    DepthType,
    DeviceFrame,
    DeviceView,
    FieldOfView,
    NativeDepth,
    RigidTransform,
)
from studio.conftest import PATIENCE, PLAIN, OpenStream, PageEnd, Serve
from studio.hand_fed import HandFed, frame_of

TURNED = RigidTransform((1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 1.0))
ASIDE = RigidTransform((0.02, 0.0, 0.0))
PROJECTION = np.arange(16, dtype=np.float32) / 7


def test_hello_says_what_the_device_is(serve: Serve, device: HandFed) -> None:
    server = serve(profile="quest")
    with connect(f"ws://localhost:{server.port}/nearfar/stream", origin=server.url[:-1]) as connection:  # type: ignore[arg-type]
        hello = PageEnd(connection).hear()
    assert (hello.type, hello.protocol, hello.device, hello.profile) == (
        "hello",
        PROTOCOL,
        "hand-fed",
        "quest",
    )
    assert hello.modes == ("immersive-ar", "inline")
    assert hello.features == ("depth-sensing", "local", "viewer")
    support = DepthSupport()
    assert hello.depth_support is not None
    assert hello.depth_support.types == support.types[:1]
    assert hello.depth_support.formats == support.formats
    assert hello.gpu_layout == "linear"


def test_a_frame_arrives_whole(serve: Serve, open_stream: OpenStream, device: HandFed) -> None:
    raw = np.random.default_rng(1).random((5, 7), np.float32)
    depth = NativeDepth(raw, DepthDataFormat.FLOAT32, 0.5, TURNED, PROJECTION, ASIDE)
    views = (
        DeviceView(FieldOfView(0.1, 0.2, 0.3, 0.4), "left", ASIDE),
        DeviceView(FieldOfView(0.5, 0.6, 0.7, 0.8), "right"),
    )
    color = np.full((20, 30, 3), (200, 100, 50), np.uint8)
    page = open_stream(serve(), Wanted("plain", color=True))
    device.give(DeviceFrame(41, 12.25, views, color, depth, TURNED))
    frame = page.take()
    assert (frame.sequence, frame.time) == (41, 12.25)
    assert [(view.eye, view.tangents) for view in frame.views] == [
        ("left", (0.1, 0.2, 0.3, 0.4)),
        ("right", (0.5, 0.6, 0.7, 0.8)),
    ]
    assert frame.views[0].offset == tuple(ASIDE.matrix.tolist())
    assert frame.viewer_pose == tuple(TURNED.matrix.tolist())
    assert frame.depth is not None
    assert np.array_equal(np.frombuffer(frame.depth.data, np.float32).reshape(5, 7), raw)
    assert (frame.depth.format, frame.depth.raw_value_to_meters) == ("float32", 0.5)
    assert frame.depth.norm_depth_buffer_from_norm_view == tuple(TURNED.matrix.tolist())
    assert frame.depth.projection == tuple(PROJECTION.tolist())
    assert frame.depth.view_offset == tuple(ASIDE.matrix.tolist())
    assert frame.color is not None
    assert (frame.color.width, frame.color.height) == (30, 20)
    with Image.open(io.BytesIO(frame.color.data)) as picture:
        assert np.abs(np.asarray(picture).astype(int) - color).max() <= 3


@pytest.mark.parametrize("data_format", list(DepthDataFormat))
def test_packed_depth_is_the_same_depth(
    serve: Serve, open_stream: OpenStream, device: HandFed, data_format: DepthDataFormat
) -> None:
    raw = np.random.default_rng(2).integers(0, 900, (12, 9)).astype(np.uint16)
    raw[3] = 0
    if data_format == DepthDataFormat.FLOAT32:
        raw = (raw / 300).astype(np.float32)
    page = open_stream(serve(), Wanted("packed", color=False))
    views = (DeviceView(FieldOfView(1.0, 1.0, 1.0, 1.0)),)
    device.give(DeviceFrame(1, 0.0, views, depth=NativeDepth(raw, data_format, 0.001)))
    depth = page.take().depth
    assert depth is not None
    assert (depth.coding, depth.format) == ("packed", data_format)
    assert np.array_equal(np.nan_to_num(decode_frame(depth.data).values, nan=0.0), raw)


@pytest.mark.parametrize("data_format", list(DepthDataFormat))
def test_short_depth_is_the_same_in_millimetres(
    serve: Serve, open_stream: OpenStream, device: HandFed, data_format: DepthDataFormat
) -> None:
    raw = np.random.default_rng(2).integers(0, 900, (12, 9)).astype(np.uint16)
    raw[3] = 0
    given = (raw / 1000).astype(np.float32) if data_format == DepthDataFormat.FLOAT32 else raw
    scale = 1.0 if data_format == DepthDataFormat.FLOAT32 else 0.25
    page = open_stream(serve(), Wanted("short", color=False))
    views = (DeviceView(FieldOfView(1.0, 1.0, 1.0, 1.0)),)
    device.give(DeviceFrame(1, 0.0, views, depth=NativeDepth(given, data_format, scale, TURNED)))
    depth = page.take().depth
    assert depth is not None
    assert (depth.coding, depth.format != "float32") == ("short", True)
    assert depth.raw_value_to_meters == (np.float32(0.001) if scale == 1.0 else scale)
    assert np.array_equal(np.frombuffer(depth.data, np.uint16).reshape(12, 9), raw)
    assert depth.norm_depth_buffer_from_norm_view == tuple(TURNED.matrix.tolist())


def test_a_page_gets_what_it_wants(serve: Serve, open_stream: OpenStream, device: HandFed) -> None:
    page = open_stream(serve(), Wanted(None, color=False))
    device.give(frame_of(1))
    frame = page.take()
    assert (frame.depth, frame.color) == (None, None)
    page.say(Wanted("plain", color=True))
    again = page.take()
    assert again.sequence == 1, "the last frame, as it is wanted now"
    assert again.depth is not None
    assert again.color is not None


@pytest.mark.parametrize("coding", ["plain", "short", "packed"])
def test_depth_comes_with_its_confidence_and_accuracy(
    serve: Serve, open_stream: OpenStream, device: HandFed, coding: DepthCoding
) -> None:
    sure = np.array([[0.0, 0.5, 1.0], [0.2, 1 / 3, 0.999]], np.float32)
    depth = NativeDepth(
        np.ones((2, 3), np.float32),
        DepthDataFormat.FLOAT32,
        1.0,
        accuracy=Accuracy.RELATIVE,
        confidence=sure,
    )
    views = (DeviceView(FieldOfView(1.0, 1.0, 1.0, 1.0)),)
    page = open_stream(serve(), Wanted(coding, color=False))
    device.give(DeviceFrame(1, 0.0, views, depth=depth))
    frame = page.take()
    assert frame.confidence is None, "it was not asked for"
    assert frame.depth is not None
    assert frame.depth.accuracy == "relative"
    page.say(Wanted(coding, color=False, confidence=True))
    part = page.take().confidence
    assert part is not None
    assert (part.width, part.height) == (3, 2)
    assert list(part.data) == [0, 128, 255, 51, 85, 255]
    page.say(Wanted(None, color=False, confidence=True))
    assert page.take().confidence is None, "there is no depth that it would be of"


def test_a_device_that_does_not_know_says_nothing_of_confidence(
    serve: Serve, open_stream: OpenStream, device: HandFed
) -> None:
    page = open_stream(serve(), Wanted("plain", color=False, confidence=True))
    device.give(frame_of(1))
    frame = page.take()
    assert frame.confidence is None
    assert frame.depth is not None
    assert frame.depth.accuracy == "absolute"


def test_nothing_is_sent_before_something_is_wanted(
    serve: Serve, open_stream: OpenStream, device: HandFed
) -> None:
    page = open_stream(serve(), None)
    for sequence in range(5):
        device.give(frame_of(sequence))
    page.say(PLAIN)
    assert page.take().sequence == 4


def test_at_most_two_frames_are_on_their_way_and_the_newest_comes_next(
    serve: Serve, open_stream: OpenStream, device: HandFed
) -> None:
    page = open_stream(serve())
    device.give(frame_of(1))
    assert page.frame().sequence == 1
    device.give(frame_of(2))
    assert page.frame().sequence == 2
    for sequence in range(3, 60):
        device.give(frame_of(sequence))
    page.say(Taken(1))
    assert page.frame().sequence == 59, "what lay between was passed over"
    page.say(Taken(2))
    page.say(Taken(59))
    device.give(frame_of(60))
    assert page.frame().sequence == 60


def test_a_page_that_stalls_holds_up_no_other(serve: Serve, open_stream: OpenStream, device: HandFed) -> None:
    server = serve()
    stalled, lively = open_stream(server), open_stream(server)
    for sequence in range(200):
        device.give(frame_of(sequence, 320, 240))  # 31 MB: more than sockets hold
        assert lively.take().sequence == sequence
    assert [stalled.take().sequence, stalled.take().sequence] == [0, 1]
    assert stalled.take().sequence == 199


def test_the_device_runs_while_anyone_watches(serve: Serve, open_stream: OpenStream, device: HandFed) -> None:
    server = serve()
    assert device.starts == 0
    first, second = open_stream(server), open_stream(server)
    assert device.starts == 1
    first.connection.close()
    device.give(frame_of(1))
    assert second.take().sequence == 1
    second.connection.close()
    device.wait_until_stopped()
    again = open_stream(server)
    device.give(frame_of(7))
    assert again.take().sequence == 7
    assert (device.starts, device.stops) == (2, 1)


def test_who_comes_late_gets_the_frame_that_stands(
    serve: Serve, open_stream: OpenStream, device: HandFed
) -> None:
    server = serve()
    first = open_stream(server)
    device.give(frame_of(3))
    assert first.take().sequence == 3
    assert open_stream(server).take().sequence == 3


def test_a_device_that_ends_leaves_its_last_frame(
    serve: Serve, open_stream: OpenStream, device: HandFed
) -> None:
    server = serve()
    first = open_stream(server)
    device.give(frame_of(3))
    first.take()
    device.end()
    assert isinstance(first.hear(), Ended)
    late = open_stream(server)
    assert late.take().sequence == 3
    assert isinstance(late.hear(), Ended)
    first.say(Wanted("packed", color=True))
    assert first.take().sequence == 3


def closing_of(page: PageEnd) -> tuple[str, int]:
    """The server's last words, and the code it closes with."""
    problem = page.hear()
    assert isinstance(problem, Problem)
    with pytest.raises(ConnectionClosed) as closed:
        page.connection.recv(PATIENCE)
    assert closed.value.rcvd is not None
    return problem.reason, closed.value.rcvd.code


def test_a_device_that_is_lost_is_told_of(serve: Serve, open_stream: OpenStream, device: HandFed) -> None:
    page = open_stream(serve())
    device.end(DeviceLost("unplugged", device="hand-fed"))
    assert closing_of(page) == ("hand-fed: unplugged", 1011)


def test_a_device_that_cannot_start_is_told_of_and_may_start_later(
    serve: Serve, open_stream: OpenStream, device: HandFed
) -> None:
    server = serve()
    device.refusal = DeviceBusy("another program has it", device="hand-fed")
    with connect(f"ws://localhost:{server.port}/nearfar/stream", origin=server.url[:-1]) as connection:  # type: ignore[arg-type]
        assert closing_of(PageEnd(connection)) == ("hand-fed: another program has it", 1011)
    device.refusal = None
    page = open_stream(server)
    device.give(frame_of(1))
    assert page.take().sequence == 1


@pytest.mark.parametrize("part", ["start", "depth_support"])
def test_a_device_that_raises_what_it_may_not_is_told_of(
    serve: Serve, device: HandFed, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def fails(*_: object) -> object:
        raise OSError("the cable is out")

    server = serve()
    monkeypatch.setattr(HandFed, part, fails if part == "start" else property(fails))
    with connect(f"ws://localhost:{server.port}/nearfar/stream", origin=server.url[:-1]) as connection:  # type: ignore[arg-type]
        assert closing_of(PageEnd(connection)) == ("OSError: the cable is out", 1011)


@pytest.mark.parametrize("words", ["no " * 50_000, "no file \udcff.heic"], ids=["long", "no Unicode"])
def test_whatever_a_device_says_the_page_is_told(
    serve: Serve, open_stream: OpenStream, device: HandFed, words: str
) -> None:
    page = open_stream(serve())
    device.end(DeviceLost(words))
    reason, code = closing_of(page)
    assert reason.startswith("no ")
    assert code == 1011


def test_a_frame_that_cannot_be_sent_is_told_of(
    serve: Serve, open_stream: OpenStream, device: HandFed
) -> None:
    page = open_stream(serve(), Wanted("plain", color=True))
    device.give(replace(frame_of(1), color=np.zeros((4, 4, 2), np.float32)))
    reason, code = closing_of(page)
    assert reason.startswith("TypeError: ")
    assert code == 1011


class Slow(HandFed):
    """It starts when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.starting, self.let, self.stopped = (threading.Event() for _ in range(3))

    def start(self, depth_type: DepthType | None = None) -> None:
        self.starting.set()
        assert self.let.wait(PATIENCE)
        super().start(depth_type)

    def stop(self) -> None:
        super().stop()
        self.stopped.set()


def test_pages_that_wait_for_the_device_count_as_watching(serve: Serve) -> None:
    device = Slow()
    server = serve(device, limits=Limits(pages=1))
    address, origin = f"ws://localhost:{server.port}/nearfar/stream", server.url[:-1]
    with connect(address, origin=origin) as first, connect(address, origin=origin) as second:  # type: ignore[arg-type]
        assert closing_of(PageEnd(second))[1] == 1013
        device.let.set()
        assert isinstance(PageEnd(first).hear(), Hello)


def test_a_server_ends_quietly_while_its_device_starts(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    device = Slow()
    server = serve(device)
    with connect(f"ws://localhost:{server.port}/nearfar/stream", origin=server.url[:-1]) as page:  # type: ignore[arg-type]
        assert device.starting.wait(PATIENCE)
        server.stop()
        threading.Timer(1.5, device.let.set).start()  # later than the server waits for its pages
        assert device.stopped.wait(PATIENCE)
        with pytest.raises(ConnectionClosed):
            page.recv(PATIENCE)
    assert device.starts == 1
    assert not caplog.records


def flood(page: PageEnd) -> None:
    """More than the server hears out."""
    with suppress(ConnectionClosed):
        for _ in range(200):
            page.say(PLAIN)


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (lambda page: page.connection.send("hello"), "a text came"),
        (lambda page: page.connection.send(b"\xff\xff\xff\xff"), "header of 4,294,967,295"),
        (lambda page: page.say(Ended("me")), "of type 'ended', not wanted or taken"),
        (lambda page: page.say(Taken(5)), "frame 5 was taken, which was not on its way"),
        (flood, "more than 20 messages a second"),
    ],
    ids=["text", "header", "type", "taken", "rate"],
)
def test_a_page_at_fault_is_told_so(
    serve: Serve, open_stream: OpenStream, says: Callable[[PageEnd], object], words: str
) -> None:
    page = open_stream(serve(limits=Limits(messages_per_second=20)), None)
    says(page)
    reason, code = closing_of(page)
    assert words in reason
    assert code == 1008


def test_a_page_that_says_nothing_is_let_go(serve: Serve, open_stream: OpenStream, device: HandFed) -> None:
    page = open_stream(serve(limits=Limits(first_word=0.05)), None)
    assert closing_of(page) == ("the page did not say within 0.05 s what it wants", 1008)
    device.wait_until_stopped()


def test_a_page_that_takes_nothing_is_let_go(serve: Serve, open_stream: OpenStream, device: HandFed) -> None:
    page = open_stream(serve(limits=Limits(stalled=0.05)))
    device.give(frame_of(1))
    page.frame()
    device.give(frame_of(2))
    page.frame()
    assert closing_of(page) == ("the page took no frame for 0.05 s", 1008)


def test_a_message_too_long_is_not_read(serve: Serve, open_stream: OpenStream) -> None:
    page = open_stream(serve())
    page.connection.send(bytes(1 << 20))
    with pytest.raises(ConnectionClosed) as closed:
        page.connection.recv(PATIENCE)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_more_pages_than_may_watch_are_told_so(serve: Serve, open_stream: OpenStream) -> None:
    server = serve(limits=Limits(pages=1))
    open_stream(server)
    with connect(f"ws://localhost:{server.port}/nearfar/stream", origin=server.url[:-1]) as connection:  # type: ignore[arg-type]
        reason, code = closing_of(PageEnd(connection))
    assert "1 pages are watching already" in reason
    assert code == 1013


@pytest.mark.parametrize(
    ("origin", "host", "status", "words"),
    [
        (None, None, 403, "the request has no Origin"),
        ("http://evil.example", None, 403, "the Origin was http://evil.example"),
        ("null", None, 403, "the Origin was null"),
        ("http://localhost:1", None, 403, "the Origin was http://localhost:1"),
        ("http://evil.example:{port}", "evil.example:{port}", 421, "asked for was evil.example"),
    ],
)
def test_a_foreign_page_gets_no_stream(
    serve: Serve,
    device: HandFed,
    caplog: pytest.LogCaptureFixture,
    origin: str | None,
    host: str | None,
    status: int,
    words: str,
) -> None:
    server = serve()
    name = (host or "localhost:{port}").format(port=server.port)
    stated = None if origin is None else origin.format(port=server.port)
    with (
        socket.create_connection(("127.0.0.1", server.port)) as way,
        pytest.raises(InvalidStatus) as refused,
        connect(f"ws://{name}/nearfar/stream", sock=way, origin=stated),  # type: ignore[arg-type]
    ):
        pass
    assert refused.value.response.status_code == status
    assert words in refused.value.response.body.decode()
    assert device.starts == 0
    own = [record for record in caplog.records if record.name != "websockets.client"]  # the test's own end
    assert not own, "none of it is the server's fault"


def test_a_server_that_ends_lets_its_pages_know(
    serve: Serve, open_stream: OpenStream, device: HandFed
) -> None:
    server = serve()
    page = open_stream(server)
    server.stop()
    with pytest.raises(ConnectionClosed) as closed:
        page.connection.recv(PATIENCE)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    device.wait_until_stopped()


def test_the_stream_lives_through_garbage(
    serve: Serve, open_stream: OpenStream, device: HandFed, caplog: pytest.LogCaptureFixture
) -> None:
    """Other pages' faults are theirs."""
    server = serve()
    good = open_stream(server)
    address = f"ws://localhost:{server.port}/nearfar/stream"
    for length in (*range(40), 5_000, 100_000):
        with (
            suppress(ConnectionClosed),
            connect(address, origin=server.url[:-1], compression=None) as bad,  # type: ignore[arg-type]
        ):
            bad.send((encode(Taken(1)) + bytes(100_000))[:length])
    device.give(frame_of(1))
    assert good.take().sequence == 1
    own = [record for record in caplog.records if record.name != "websockets.client"]  # the test's own end
    assert not own, "none of it is the server's fault"
