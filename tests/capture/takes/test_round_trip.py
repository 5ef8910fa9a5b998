"""What is recorded comes back, bit by bit; and others read it, too."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nearfar as nf
from capture.takes.made import assert_same, frames, record, scene
from nearfar.capture import DeviceInfo, DevicePosition, DeviceType
from nearfar.capture.takes import mcap_records as mcap
from nearfar.capture.takes.recorder import Recorder
from nearfar.capture.takes.recovery import recover
from nearfar.capture.takes.take import Take
from nearfar.errors import LossWarning, UnsupportedFile


@settings(max_examples=60)
@given(
    st.lists(frames(), max_size=8), st.sampled_from(["zstd", "none"]), st.sampled_from(["float", "packed"])
)
def test_frames_of_all_kinds_come_back_bit_by_bit(made: list[nf.Frame], compression: str, depth: str) -> None:
    with tempfile.TemporaryDirectory() as room:
        path = Path(room, "a.mcap")
        counts = record(path, made, color="raw", compression=compression, depth=depth)
        assert (counts.received, counts.written, counts.waiting) == (len(made), len(made), 0)
        with Take(path) as take:
            assert len(take) == len(made)
            for found, frame in zip(take, made, strict=True):
                assert_same(found, frame)
            assert np.all(np.diff(take.times) >= 0)
            pictures = [frame.color is not None or frame.depth is not None for frame in made]
            assert take.filled.tolist() == pictures


def test_every_half_float_comes_back() -> None:
    """They are stored as floats of twice the size, which hold each of them."""
    values = np.arange(1 << 16, dtype=np.uint16).view(np.float16).reshape(256, 256)
    fine = ~np.isnan(values) & ~np.isneginf(values)
    depth = nf.DepthMap(np.where(fine, values, np.float16(np.nan)), nf.DepthKind.DISPARITY)
    data = recorded([nf.Frame(0.0, depth=depth)])
    assert_same(Take(data)[0], nf.Frame(0.0, depth=depth))


def recorded(made: list[nf.Frame], **options: object) -> bytes:
    class Kept(io.BytesIO):
        def close(self) -> None:
            self.kept = self.getvalue()

    file = Kept()
    with Recorder(file, **options) as recorder:
        for frame in made:
            recorder.write(frame, wait=True)
    return file.kept


def test_a_jpeg_is_near_the_colour_and_all_else_exact() -> None:
    made = scene(confidence=True)
    take = Take(recorded(made, quality=95))
    for found, frame in zip(take, made, strict=True):
        assert_same(found, frame, color=False)
        assert np.abs(found.color.astype(int) - frame.color).mean() < 12


def test_millimetres_are_rounded_and_holes_stay_holes() -> None:
    values = np.array([[0.0, 0.0004, 1.2344, 65.535, 70.0, np.inf, np.nan]], np.float32)
    disparity = nf.DepthMap([[2.0, 0.5]], nf.DepthKind.DISPARITY)
    unitless = nf.DepthMap([[7.0]], metric=False)
    made = [
        nf.Frame(k / 30, k, depth=each) for k, each in enumerate([nf.DepthMap(values), disparity, unitless])
    ]
    with pytest.warns(LossWarning, match=r"65\.535 m"):
        data = recorded(made, depth="millimetres")
    first, second, third = Take(data)
    expected = np.array([[np.nan, np.nan, 1.234, 65.535, np.nan, np.nan, np.nan]], np.float32)
    np.testing.assert_array_equal(first.depth.values, expected)
    np.testing.assert_array_equal(second.depth.values, np.float32([[0.5, 2.0]]))
    assert second.depth.kind is nf.DepthKind.DEPTH
    assert_same(third, made[2])


def test_a_take_is_the_users_own_and_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    os.umask(before := os.umask(0))
    record(path, scene(2))
    assert os.umask(before) == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    old = path.read_bytes()
    with pytest.raises(FileExistsError):
        Recorder(path)
    assert path.read_bytes() == old
    record(path, scene(3), overwrite=True)
    assert len(Take(path)) == 3


def test_who_records_into_a_file_has_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with Recorder(path) as recorder, pytest.raises(BlockingIOError):
        Recorder(path, overwrite=True)
    assert recorder.error is None
    assert len(Take(path)) == 0


def test_the_camera_is_remembered() -> None:
    info = DeviceInfo(
        "mine:0", "A camera", DeviceType.DUAL_CAMERA, DevicePosition.BACK, constituents=("a", "b")
    )
    found = Take(recorded(scene(1), device=info)).device
    assert (found.title, found.type, found.position) == (info.title, info.type, info.position)
    assert found.constituents == info.constituents


def test_options_that_there_are_not_are_refused(tmp_path: Path) -> None:
    for options in ({"color": "png"}, {"quality": 0}, {"depth": "metres"}, {"compression": "lz4"}):
        with pytest.raises(ValueError, match=next(iter(options))):
            Recorder(tmp_path / "a.mcap", **options)
    assert not list(tmp_path.iterdir())


def test_frames_are_found_by_number(tmp_path: Path) -> None:
    made = scene(5)
    record(tmp_path / "a.mcap", made, color="raw")
    with Take(tmp_path / "a.mcap") as take:
        assert_same(take[-1], made[-1])
        assert [frame.sequence for frame in take[1:4]] == [1, 2, 3]
        assert take.duration == pytest.approx(4 / 30)
        np.testing.assert_allclose(take.times, np.arange(5) / 30, atol=1e-8)
        with pytest.raises(IndexError):
            take[5]
        assert take.complete


def test_a_frame_that_cannot_be_recorded_is_counted_and_the_next_one_is(tmp_path: Path) -> None:
    made = scene(2)
    counts = record(tmp_path / "a.mcap", [made[0].replace(sequence=1 << 70), made[1]])
    assert (counts.written, counts.failed, counts.waiting) == (1, 1, 0)
    with Take(tmp_path / "a.mcap") as take:
        assert [event["event"] for event in take.events()] == ["frame-failed"]
        assert_same(take[0], made[1], color=False)


# Others


def decoded(data: bytes) -> dict[str, list[object]]:
    """The messages by topic, as Foxglove's own schemas and protobuf read them."""
    import google.protobuf.message_factory as factory
    from google.protobuf import descriptor_pb2, descriptor_pool
    from mcap.reader import make_reader

    found: dict[str, list[object]] = {}
    for schema, channel, message in make_reader(io.BytesIO(data), validate_crcs=True).iter_messages():
        if schema.encoding == "jsonschema":
            json.loads(schema.data)
            found.setdefault(channel.topic, []).append(json.loads(message.data))
            continue
        pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(schema.data).file:
            pool.Add(file)
        kind = factory.GetMessageClass(pool.FindMessageTypeByName(schema.name))
        found.setdefault(channel.topic, []).append(
            (schema.name, message.log_time, kind.FromString(message.data))
        )
    return found


def test_plain_mcap_and_protobuf_read_it() -> None:
    made = scene(3, confidence=True)
    topics = decoded(recorded(made, color="raw"))
    for number, frame in enumerate(made):
        kind, time, image = topics["/depth"][number]
        assert (kind, image.encoding, image.frame_id) == ("foxglove.RawImage", "32FC1", "depth_camera")
        assert image.timestamp.seconds * 10**9 + image.timestamp.nanos == time
        assert (image.width, image.height, image.step) == (64, 48, 256)
        assert image.data == frame.depth.values.tobytes()
        assert topics["/color"][number][2].data == frame.color.tobytes()
        assert topics["/confidence"][number][2].data == frame.depth.confidence.tobytes()
        pose = topics["/pose"][number][2]
        assert (pose.parent_frame_id, pose.child_frame_id) == ("world", "camera")
        assert pose.translation.x == pytest.approx(0.01 * number)
        assert (pose.rotation.x, pose.rotation.w) == (0.0, 1.0)
        assert topics["/frame"][number]["sequence"] == number
    assert len(topics["/camera"]) == 1
    camera = topics["/depth_camera"][0][2]
    fx, cx = made[0].depth.calibration.fx, made[0].depth.calibration.cx
    assert list(camera.K) == pytest.approx([fx, 0, cx - 0.5, 0, fx, 23.5, 0, 0, 1])
    assert list(camera.P)[:4] == pytest.approx([fx, 0, cx - 0.5, 0])


def test_foxgloves_own_schemas_are_the_same() -> None:
    import foxglove_schemas_protobuf.CameraCalibration_pb2 as camera
    import foxglove_schemas_protobuf.CompressedImage_pb2 as compressed
    import foxglove_schemas_protobuf.FrameTransform_pb2 as transform
    import foxglove_schemas_protobuf.RawImage_pb2 as raw

    from nearfar.capture.takes.foxglove import MESSAGES

    kinds = {
        "foxglove.CameraCalibration": camera.CameraCalibration,
        "foxglove.CompressedImage": compressed.CompressedImage,
        "foxglove.FrameTransform": transform.FrameTransform,
        "foxglove.RawImage": raw.RawImage,
    }
    for name, kind in kinds.items():
        theirs = {
            (field.name, field.number, field.message_type.full_name if field.message_type else field.type)
            for field in kind.DESCRIPTOR.fields
        }
        ours = {(field, number, abs(t) if isinstance(t, int) else t) for field, number, t in MESSAGES[name]}
        assert ours == theirs


def test_the_lens_is_told_in_foxgloves_words() -> None:
    lenses = {
        "rational_polynomial": nf.BrownConrady(0.1, -0.2, 0.001, 0.002, 0.03),
        "kannala_brandt": nf.Fisheye(0.01, 0.02, 0.03, 0.04),
        "": nf.LensTable([0.0, 0.1], None, (32.0, 24.0)),
    }
    frame = scene(1)[0]
    for model, lens in lenses.items():
        camera = frame.depth.calibration.replace(distortion=lens)
        data = recorded([frame.replace(depth=frame.depth.replace(calibration=camera))])
        told = decoded(data)["/camera"][0][2]
        assert told.distortion_model == model
        assert list(told.D) == (list(lens.coefficients) if model else [])


def test_files_cut_anew_by_other_tools_are_read(tmp_path: Path) -> None:
    """Other tools put each message where they like: pictures into another chunk than their frame's record."""
    from mcap.reader import make_reader
    from mcap.writer import Writer

    made = scene(4)
    out = io.BytesIO()
    writer = Writer(out, chunk_size=9000)
    writer.start()
    ids: dict[str, int] = {}
    for schema, channel, message in make_reader(io.BytesIO(recorded(made, color="raw"))).iter_messages():
        if channel.topic not in ids:
            number = writer.register_schema(schema.name, schema.encoding, schema.data)
            ids[channel.topic] = writer.register_channel(channel.topic, channel.message_encoding, number)
        writer.add_message(ids[channel.topic], message.log_time, message.data, message.publish_time)
    writer.finish()
    take = Take(out.getvalue())
    assert len(take._scan.chunks) > len(made)
    for found, frame in zip(take, made, strict=True):
        assert_same(found, frame)


def test_an_mcap_of_others_is_not_a_take() -> None:
    from mcap.writer import Writer

    out = io.BytesIO()
    writer = Writer(out)
    writer.start()
    channel = writer.register_channel("/other", "json", 0)
    writer.add_message(channel, 1, b"{}", 1)
    writer.finish()
    with pytest.raises(UnsupportedFile, match="no topic /frame"):
        Take(out.getvalue())
    with pytest.raises(UnsupportedFile, match="not an MCAP file"):
        Take(b"RIFF")


@pytest.mark.tools
def test_rerun_opens_it(tool: Callable[[str], str], tmp_path: Path) -> None:
    """Pictures, cameras and poses; also of a recording that was killed, by Rerun's leave or recovered."""
    rerun, path = tool("rerun"), tmp_path / "a.mcap"
    record(path, scene(3))
    whole = path.read_bytes()
    assert_shown(rerun, path)
    path.write_bytes(whole[: whole.index(mcap.DATA_END)] + mcap.TAIL)
    assert_shown(rerun, path, "--recover")
    assert recover(path).frames == 3
    assert_shown(rerun, path)


def assert_shown(rerun: str, path: Path, *options: str) -> None:
    rrd = path.with_suffix(".rrd")
    subprocess.run([rerun, "mcap", "convert", *options, path, "-o", rrd], check=True, capture_output=True)
    said = subprocess.run([rerun, "rrd", "print", rrd], check=True, capture_output=True, text=True).stdout
    for word in ("Pinhole:image_from_camera", "Image:buffer", "EncodedImage:blob", "Transform3D:translation"):
        assert word in said
    rrd.unlink()
