"""Large frames beside the WebSocket: over a real server, real sockets and real HTTP."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPResponse

import pytest

from nearfar.studio import PageServer
from nearfar.studio.messages import FROM_SERVER, FrameMessage, Taken, Wanted
from nearfar.studio.wire import decode
from studio.conftest import PATIENCE, PLAIN, OpenStream, Serve
from studio.hand_fed import HandFed, frame_of

Ask = Callable[[PageServer, str], HTTPResponse]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """The answer to a request for the lane of a key."""
    with ExitStack() as closing:

        def asked(server: PageServer, key: str) -> HTTPResponse:
            connection = HTTPConnection("localhost", server.port, timeout=PATIENCE)
            closing.callback(connection.close)
            connection.request("GET", f"/nearfar/stream/{key}", headers={"Connection": "close"})
            answer = connection.getresponse()
            closing.callback(answer.close)
            return answer

        yield asked


def frame_from(lane: HTTPResponse) -> FrameMessage:
    """The next one in a lane's body."""
    (length,) = struct.unpack("<I", lane.read(4))
    message = decode(lane.read(length), FROM_SERVER)
    assert isinstance(message, FrameMessage)
    return message


def test_frames_come_by_the_lane_once_it_is_asked_for(
    serve: Serve, open_stream: OpenStream, device: HandFed, ask: Ask
) -> None:
    server = serve()
    page = open_stream(server)
    device.give(frame_of(1))
    assert page.take().sequence == 1
    lane = ask(server, page.lane)
    for sequence in range(2, 9):
        device.give(frame_of(sequence, 640, 480))
        frame = frame_from(lane)
        assert frame.sequence == sequence
        assert frame.depth is not None
        assert frame.depth.data.nbytes == 640 * 480 * 2
        page.say(Taken(sequence))


def test_a_lane_ends_with_the_wish_for_depth_and_can_be_asked_for_again(
    serve: Serve, open_stream: OpenStream, device: HandFed, ask: Ask
) -> None:
    server = serve()
    page = open_stream(server)
    device.give(frame_of(1))
    page.take()
    for sequence in (2, 4):
        lane = ask(server, page.lane)
        device.give(frame_of(sequence))
        assert frame_from(lane).sequence == sequence
        page.say(Taken(sequence))
        page.say(Wanted(None, color=False))
        assert lane.read() == b""
        assert page.take().sequence == sequence  # once more, as it is wanted now
        page.say(PLAIN)
        assert page.take().sequence == sequence


def test_a_lane_ends_with_its_stream(
    serve: Serve, open_stream: OpenStream, device: HandFed, ask: Ask
) -> None:
    server = serve()
    page = open_stream(server)
    lane = ask(server, page.lane)
    page.connection.close()
    assert lane.read() == b""
    assert ask(server, page.lane).status == 404


def test_a_lane_that_breaks_off_leaves_the_stream(
    serve: Serve, open_stream: OpenStream, device: HandFed, ask: Ask
) -> None:
    server = serve()
    page = open_stream(server)
    ask(server, page.lane).close()
    answers = (ask(server, page.lane) for _ in range(1000))
    answer = next(answer for answer in answers if answer.status != 409)  # once the server has heard of it
    device.give(frame_of(1))
    assert frame_from(answer).sequence == 1


def test_only_so_many_lanes_are_open(
    serve: Serve, open_stream: OpenStream, device: HandFed, ask: Ask
) -> None:
    server = serve()
    pages = [open_stream(server) for _ in range(4)]
    assert [ask(server, page.lane).status for page in pages] == [200, 200, 200, 503]
    assert ask(server, pages[0].lane).status == 409
    assert ask(server, "no-such-key").status == 404
    device.give(frame_of(1))
    assert pages[3].take().sequence == 1  # by its WebSocket
