"""Takes come from strangers: what is wrong in one is said, with its place, before much is spent on it."""

from __future__ import annotations

import io
import json
import os
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard

import nearfar as nf
from capture.takes.made import record, scene
from nearfar.capture import Take
from nearfar.capture.takes import mcap_records as mcap
from nearfar.capture.takes import protobuf
from nearfar.capture.takes.chunks import Chunk, Contents, closing, compressor, moved
from nearfar.capture.takes.packing import CHANNELS, SCHEMAS, FramePacker
from nearfar.capture.takes.scanning import TakeFile, scan
from nearfar.errors import CorruptFile, LimitExceeded, UnsupportedFile

FRAME = scene(1, (16, 12))[0]


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("take") / "a.mcap"
    record(path, [FRAME], color="raw", compression="none")
    return path.read_bytes()


def forged(change: Any = None, frame: nf.Frame = FRAME, color: str = "raw", depth: str = "float") -> bytes:
    """A take of one frame whose messages were changed: `change` gets and gives {topic: bytes}."""
    contents = {c.topic: b"".join(c.parts) for c in FramePacker(color, 90, depth).pack(frame, 1000)}
    contents = contents if change is None else change(contents)
    head, file, chunk = mcap.MAGIC + mcap.header("a test"), Contents(), Chunk()
    for topic, data in contents.items():
        channel = CHANNELS[topic]
        schema = next((each for each in SCHEMAS.values() if each.id == channel.schema), None)
        head += file.declare(channel, schema)
        chunk.add(channel.id, 0, (1000, 1000), [data])
    unit = chunk.unit(compressor("none"))
    file.add(moved(unit.index, len(head)))
    head += unit.data
    return head + closing(file, len(head))


def said(change: Any) -> Any:
    """A change of what the frame's record says."""

    def apply(contents: dict[str, bytes]) -> dict[str, bytes]:
        record_ = json.loads(contents["/frame"])
        change(record_)
        return {**contents, "/frame": json.dumps(record_).encode()}

    return apply


def test_what_is_forged_without_a_change_is_read() -> None:
    for color, depth in (("raw", "float"), ("jpeg", "packed"), ("raw", "millimetres")):
        assert Take(forged(color=color, depth=depth))[0].sequence == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda said: said.update(time="now"), "could not convert"),
        (lambda said: said.update(sequence=-1), "sequence"),
        (lambda said: said.update(sequence=True), "sequence"),
        (lambda said: said.pop("time"), "time"),
        (lambda said: said["color"].update(width=17), "not what the frame's record says"),
        (lambda said: said["color"].update(width=0), "cannot be 0"),
        (lambda said: said["color"].update(encoding="jpeg"), "/color_jpeg is missing"),
        (lambda said: said["color"].update(encoding="bgr8"), "not what the frame's record says"),
        (lambda said: said["depth"].update(encoding="64FC1"), "64FC1"),
        (lambda said: said["depth"].update(encoding="packed"), "/depth_packet is missing"),
        (lambda said: said["depth"].update(dtype="float64"), "float64"),
        (lambda said: said["depth"].update(kind="height"), "height"),
        (lambda said: said["depth"].update(kind="disparity"), "/disparity is missing"),
        (lambda said: said["depth"].update(confidence=True), "/confidence is missing"),
        (lambda said: said["depth"].update(calibration=[]), "calibration"),
        (lambda said: said.update(pose={"rotation": 1}), "pose"),
        (lambda said: said.update(dropped={"color": "late-data"}), "dropped"),
        (lambda said: said.update(dropped=7), "record"),
    ],
)
def test_a_record_that_does_not_fit_is_corrupt(change: Any, words: str) -> None:
    with Take(forged(said(change))) as take, pytest.raises(CorruptFile, match=words) as caught:
        take[0]
    assert caught.value.offset is not None


def test_pictures_that_do_not_fit_are_corrupt() -> None:
    def cut(topic: str) -> Any:
        return lambda contents: {**contents, topic: contents[topic][:-5]}

    for topic in ("/color", "/depth"):
        with pytest.raises(CorruptFile):
            Take(forged(cut(topic)))[0]
    with pytest.raises(CorruptFile, match="JPEG cannot be decoded"):
        Take(forged(lambda c: {**c, "/color_jpeg": squeezed(c["/color_jpeg"])}, color="jpeg"))[0]
    with pytest.raises(CorruptFile, match="depth packet"):
        Take(forged(lambda c: {**c, "/depth_packet": c["/depth_packet"][:-9]}, depth="packed"))[0]
    negative = np.full((12, 16), -1.0, np.float32)

    def bent(contents: dict[str, bytes]) -> dict[str, bytes]:
        return {**contents, "/depth": contents["/depth"][: -negative.nbytes] + negative.tobytes()}

    with pytest.raises(CorruptFile, match="negative"):
        Take(forged(bent))[0]


def squeezed(message: bytes) -> bytes:
    """The message of a JPEG whose second half is missing."""
    data = bytes(protobuf.fields(memoryview(message))[2])
    return protobuf.message(2, data[: len(data) // 2])


def test_a_jpeg_that_is_larger_than_it_says_is_not_decoded() -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (2000, 2000)).save(out, "JPEG")
    bomb = protobuf.message(2, out.getvalue())
    with pytest.raises(CorruptFile, match="not the size"):
        Take(forged(lambda contents: {**contents, "/color_jpeg": bomb}, color="jpeg"))[0]


def test_more_pixels_than_allowed_are_refused(take: bytes) -> None:
    with pytest.raises(LimitExceeded, match="192 pixels") as caught:
        Take(take, max_pixels=191)[0]
    assert (caught.value.limit, caught.value.value) == (191, 192)
    huge = said(lambda record: record["depth"].update(width=1 << 30, height=1 << 30))
    with pytest.raises(LimitExceeded):
        Take(forged(huge))[0]


def with_chunk(take: bytes, **fields: int) -> bytes:
    """The take with other numbers in its chunk's record."""
    places = {"size": 16, "crc": 24}
    chunk = scan(TakeFile(take)).chunks[0]
    bent = bytearray(take)
    for name, value in fields.items():
        struct.pack_into("<I" if name == "crc" else "<Q", bent, chunk.offset + 9 + places[name], value)
    return bytes(bent)


def test_a_chunk_that_lies_is_refused(take: bytes) -> None:
    with pytest.raises(CorruptFile, match="checksum"):
        Take(with_chunk(take, crc=1))[0]
    with pytest.raises(CorruptFile, match="not as long"):
        Take(with_chunk(take, size=5))[0]
    with pytest.raises(LimitExceeded, match="too large"):
        Take(with_chunk(take, size=1 << 60))[0]


def chunked(name: str, stored: bytes, size: int) -> bytes:
    """A file with one chunk of any content."""
    head = mcap.MAGIC + mcap.header("") + CHANNELS["/frame"].record()
    index = mcap.message_index(CHANNELS["/frame"].id, [(5, 0)])
    return head + mcap.chunk_head((5, 5), size, 0, name, len(stored)) + stored + index + mcap.TAIL


def test_bombs_are_not_unfolded() -> None:
    bomb = zstandard.compress(bytes(300 << 20))
    for size in (len(bomb), 1 << 20, 300 << 20):
        with pytest.raises((CorruptFile, LimitExceeded)) as caught:
            Take(chunked("zstd", bomb, size))[0]
        assert caught.value.offset is not None
    unsaid = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(1 << 20))
    with pytest.raises(CorruptFile):
        Take(chunked("zstd", unsaid, 1 << 10))[0]
    with pytest.raises(CorruptFile, match="unfolded"):
        Take(chunked("zstd", b"no zstd at all", 100))[0]


def test_what_is_unknown_is_unsupported(take: bytes) -> None:
    with pytest.raises(UnsupportedFile, match="lz4"):
        Take(chunked("lz4", b"", 0))[0]
    for data in (b"", b"\x89MCAP", b"\x89MCAP1\r\n" + take[8:]):
        with pytest.raises(UnsupportedFile, match="not an MCAP file"):
            Take(data)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_before_anybody_waits_for_it(tmp_path: Path) -> None:
    pipe = tmp_path / "never.mcap"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/null")):
        with pytest.raises(UnsupportedFile, match=f"{path}: this is a pipe or a device"):
            Take(path)
    with pytest.raises(IsADirectoryError):
        Take(tmp_path)


def test_lengths_beyond_the_file_are_corrupt_where_the_file_was_not_cut(take: bytes) -> None:
    chunk = scan(TakeFile(take)).chunks[0]
    bent = bytearray(take)
    struct.pack_into("<Q", bent, chunk.offset + 1, 1 << 62)
    with pytest.raises(CorruptFile, match="longer than the rest") as caught:
        Take(bytes(bent))
    assert caught.value.offset == chunk.offset
    assert len(Take(bytes(bent[:-1]))) == 0  # so a torn end looks


def test_a_large_record_that_is_no_chunk_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with path.open("wb") as file:
        file.write(mcap.MAGIC + mcap.RECORD_HEAD.pack(mcap.Opcode.SCHEMA, 1 << 30))
        file.truncate((1 << 30) + 100)
    with pytest.raises(LimitExceeded, match="record"):
        Take(path)


def test_an_index_of_frames_that_are_not_there_is_corrupt(take: bytes) -> None:
    with Take(chunked("", b"", 0)) as found:
        assert len(found) == 1
        with pytest.raises(CorruptFile, match="/frame is missing"):
            found[0]


def unindexed(*contents: bytes) -> bytes:
    """A file of chunks without message indexes."""
    chunks = []
    for content in contents:
        stored = zstandard.ZstdCompressor(level=1).compress(content)
        chunks += [mcap.chunk_head((1, 1), len(content), 0, "zstd", len(stored)), stored]
    head = mcap.MAGIC + mcap.header("a test") + mcap.metadata("nearfar.take", {})
    return b"".join((head, *chunks, mcap.TAIL))


def message(size: int) -> bytes:
    body = mcap.MESSAGE_HEAD.pack(1, 0, 0, 0) + bytes(size)
    return mcap.RECORD_HEAD.pack(mcap.Opcode.MESSAGE, len(body)) + body


def test_chunks_without_an_index_are_not_kept_unfolded() -> None:
    """Hundreds of megabytes fit into a few kilobytes; opening them holds one chunk at a time."""
    size, count = 8 << 20, 8
    bomb = unindexed(*[message(size)] * count)
    tracemalloc.start()
    try:
        take = Take(bomb)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(take) == 0
    assert most < 4 * size


def test_a_chunk_of_countless_messages_is_refused() -> None:
    with pytest.raises(LimitExceeded, match="262,144 messages"):
        Take(unindexed(message(0) * 300_000))


def test_times_that_run_backwards_are_held() -> None:
    channel = CHANNELS["/frame"]
    rows = b"".join(
        mcap.RECORD_HEAD.pack(mcap.Opcode.MESSAGE, 22) + mcap.MESSAGE_HEAD.pack(channel.id, 0, time, 0)
        for time in (3_000_000_000, 1, 5_000_000_000)
    )
    found = Take(unindexed(channel.record() + rows))
    assert found.times.tolist() == [0.0, 0.0, 2.0]
    assert found.duration == 2.0
