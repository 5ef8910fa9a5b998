"""The rooms of the page's end of the stream, one by one: bytes from the Python side, read in Chromium."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import websockets.sync.server
from playwright.sync_api import Page
from websockets.sync.server import ServerConnection

import nearfar as nf
from nearfar.studio import messages, wire
from nearfar.xr import DepthType

pytestmark = pytest.mark.browser

ASK = """async ({ packet }) => {
  const bytes = Uint8Array.from(atob(packet), (c) => c.charCodeAt(0));
  try {
    const frame = await room.decodeFrame(bytes);
    let text = '';
    for (const byte of frame.bytes) text += String.fromCharCode(byte);
    return { ...frame, bytes: btoa(text) };
  } catch (error) {
    return error.name;
  }
}"""


@pytest.fixture
def ask_codec(page: Page, bundled: Callable[[str], Path]) -> Callable[[bytes], Any]:
    """Decodes a packet in the page: what came out, or the error's name."""
    page.add_script_tag(path=bundled("stream/frame_codec"))
    return lambda packet: page.evaluate(ASK, {"packet": base64.b64encode(packet).decode()})


def depths(dtype: type, levels: int) -> np.ndarray:
    """(48, 64) with holes: few levels make the encoder take a palette."""
    random = np.random.default_rng(5)
    raw = random.integers(0, levels, (48, 64)) * (60000 // levels)
    values = np.where(
        raw == 0, np.nan if dtype is np.float32 else 0, raw * (0.001 if dtype is np.float32 else 1)
    )
    return values.astype(dtype)


@pytest.mark.parametrize("levels", [7, 400, 60000])
def test_sixteen_bits_arrive_as_they_were_sent(ask_codec: Callable[[bytes], Any], levels: int) -> None:
    sent = depths(np.uint16, levels)
    packet = nf.depth.encode_frame(sent, scale=0.002, compression="deflate")
    got = ask_codec(packet)
    assert (got["width"], got["height"], got["format"]) == (64, 48, "unsigned-short")
    assert got["rawValueToMeters"] == float(np.float32(0.002))
    assert np.array_equal(np.frombuffer(base64.b64decode(got["bytes"]), np.uint16).reshape(48, 64), sent)


def test_the_codecs_tests_reach_both_predictions() -> None:
    codings = [nf.depth.encode_frame(depths(np.uint16, n), compression="deflate")[3] & 4 for n in (7, 60000)]
    assert codings == [4, 0]


def test_floats_arrive_with_zero_for_holes(ask_codec: Callable[[bytes], Any]) -> None:
    sent = depths(np.float32, 400)
    got = ask_codec(nf.depth.encode_frame(nf.DepthMap(sent, nf.DepthKind.DEPTH), compression="deflate"))
    assert (got["format"], got["rawValueToMeters"]) == ("float32", 1)
    found = np.frombuffer(base64.b64decode(got["bytes"]), np.float32).reshape(48, 64)
    assert np.isnan(sent).any()
    assert np.array_equal(found, np.nan_to_num(sent))


def test_a_changed_packet_is_refused(ask_codec: Callable[[bytes], Any]) -> None:
    packet = nf.depth.encode_frame(depths(np.uint16, 60000), compression="deflate")
    larger, smaller = bytearray(packet), bytearray(packet)
    larger[4], smaller[4] = 65, 63
    assert ask_codec(larger) == "FrameError"
    assert ask_codec(smaller) == "FrameError"
    assert ask_codec(packet[:10]) == "FrameError"
    assert ask_codec(b"no" + packet[2:]) == "FrameError"
    assert ask_codec(packet[:-9]) == "TypeError"  # the browser's: the stream ends early
    assert ask_codec(packet + b"\0") == "TypeError"  # and here it goes on


def test_messages_are_read_where_they_lie(page: Page, bundled: Callable[[str], Path]) -> None:
    page.add_script_tag(path=bundled("stream/wire"))
    identity = messages.Matrix(
        (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    )
    raw = np.arange(15, dtype=np.uint16)
    depth = messages.DepthPart(
        data=messages.Blob(memoryview(raw.tobytes())),
        coding="plain",
        depth_type=DepthType.RAW,
        format=nf.xr.DepthDataFormat.UNSIGNED_SHORT,
        width=5,
        height=3,
        raw_value_to_meters=0.5,
        accuracy="relative",
        norm_depth_buffer_from_norm_view=identity,
        projection=None,
        view_offset=None,
    )
    color = messages.ColorPart(messages.Blob(memoryview(b"jpeg!")), 1, 1)
    view = messages.ViewPart("none", (1.0, 1.0, 0.5, 0.5), identity)
    packet = wire.encode(messages.FrameMessage(3, 0.25, depth, color, (view,), None))
    got = page.evaluate(
        """(packet) => {
          const bytes = Uint8Array.from(atob(packet), (c) => c.charCodeAt(0));
          const { header, blobs } = room.readMessage(bytes.buffer);
          const shared = blobs.every((blob) => blob.buffer === bytes.buffer && blob.byteOffset % 8 === 0);
          const cut = [3, 20, bytes.length - 8].map((length) => {
            try { room.readMessage(bytes.slice(0, length).buffer); } catch (error) { return error.name; }
          });
          return { header, shared, cut, blobs: blobs.map((blob) => [...blob]) };
        }""",
        base64.b64encode(packet).decode(),
    )
    assert got["shared"]
    assert got["cut"] == ["WireError"] * 3
    assert got["blobs"] == [list(raw.tobytes()), list(b"jpeg!")]
    assert got["header"]["depth"]["width"] == 5
    assert got["header"]["views"][0]["tangents"] == [1, 1, 0.5, 0.5]


def test_what_a_page_says_is_understood(page: Page, bundled: Callable[[str], Path]) -> None:
    page.add_script_tag(path=bundled("stream/wire"))
    said = page.evaluate(
        """() => [
          { type: 'wanted', depth: 'packed', color: true, depthType: 'raw', confidence: true },
          { type: 'wanted', depth: null, color: false, depthType: null, confidence: false },
          { type: 'taken', sequence: 2 ** 40 },
        ].map((message) => [...new Uint8Array(room.writeMessage(message))])"""
    )
    assert [wire.decode(bytes(packet), messages.FROM_PAGE) for packet in said] == [
        messages.Wanted("packed", True, DepthType.RAW, True),
        messages.Wanted(None, False),
        messages.Taken(2**40),
    ]


def test_depth_is_packed_only_for_another_machine(page: Page, bundled: Callable[[str], Path]) -> None:
    page.add_script_tag(path=bundled("stream/address"))
    found = page.evaluate(
        """() => [
          ['/nearfar/stream', 'http://localhost:8080/a/page.html'],
          ['ws://127.0.0.1:9/s', 'https://example.org/'],
          ['/nearfar/stream?x=1', 'https://depth.example.org/'],
          ['stream', 'http://localhost.example.org/a/'],
          ['stream', 'http://[::1]:81/'],
        ].map(([source, base]) => {
          const address = room.streamAddress(source, base);
          const codings = ['float32', 'luminance-alpha'].map((format) => room.codingFor(address, format));
          return [address.href, ...codings];
        })"""
    )
    assert found == [
        ["ws://localhost:8080/nearfar/stream", "plain", "short"],
        ["ws://127.0.0.1:9/s", "plain", "short"],
        ["wss://depth.example.org/nearfar/stream?x=1", "packed", "packed"],
        ["ws://localhost.example.org/a/stream", "packed", "packed"],
        ["ws://[::1]:81/stream", "plain", "short"],
    ]


def test_attempts_become_rarer(page: Page, bundled: Callable[[str], Path]) -> None:
    page.add_script_tag(path=bundled("stream/client"))
    delays = page.evaluate("() => [0, 1, 2, 3, 9, 2000].map(room.delayAfter)")
    assert delays == [250, 500, 1000, 2000, 4000, 4000]


def test_a_device_that_fails_as_it_starts_is_asked_ever_more_rarely(
    page: Page, bundled: Callable[[str], Path]
) -> None:
    times: list[float] = []
    fourth = threading.Event()
    hello = messages.Hello(messages.PROTOCOL, "failing", "spec", ("inline",), (), None, "linear", 0.0, "")

    def greet_and_close(connection: ServerConnection) -> None:
        times.append(time.monotonic())
        if len(times) == 4:
            fourth.set()
        connection.send(wire.encode(hello))

    with websockets.sync.server.serve(greet_and_close, "localhost", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        page.add_script_tag(path=bundled("stream/client"))
        port = server.socket.getsockname()[1]
        page.evaluate(
            """(url) => {
              globalThis.client = new room.StreamClient(url, { hello() {}, frame() {}, lost() {} });
            }""",
            f"ws://localhost:{port}/",
        )
        try:
            assert fourth.wait(30)
        finally:
            page.evaluate("client.close()")
            server.shutdown()
            thread.join()
    assert times[3] - times[2] > 0.9  # a second is waited by then, and a timer is never early


def test_a_stream_that_is_closed_before_it_is_open_makes_no_noise(
    page: Page, bundled: Callable[[str], Path]
) -> None:
    closed, said = threading.Event(), []
    page.on("console", lambda message: said.append(message.text))

    def wait_for_the_end(connection: ServerConnection) -> None:
        for _ in connection:
            pass
        closed.set()

    with websockets.sync.server.serve(wait_for_the_end, "localhost", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        page.add_script_tag(path=bundled("stream/client"))
        address = f"ws://localhost:{server.socket.getsockname()[1]}/"
        try:
            page.evaluate(
                "url => new room.StreamClient(url, { hello() {}, frame() {}, lost() {} }).close()", address
            )
            assert closed.wait(30)
        finally:
            server.shutdown()
            thread.join()
    assert said == []
