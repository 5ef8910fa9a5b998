"""Foxglove's schemas, as far as takes use them: pictures, cameras and their poses.

Foxglove, Rerun and other viewers of MCAP know these messages by name. Each is protobuf; its schema in the
file is a ``FileDescriptorSet``, written here from the tables below.

Source: https://github.com/foxglove/foxglove-sdk, schemas/proto.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nearfar.capture.takes import protobuf
from nearfar.depth import BrownConrady, Calibration, Fisheye, Pose

__all__ = ["MESSAGES", "Image", "Stamp", "camera_calibration", "compressed_image", "descriptor_set"]

_DOUBLE, _INT64, _INT32, _FIXED32, _STRING, _MESSAGE, _BYTES = 1, 3, 5, 7, 9, 11, 12
_OPTIONAL, _REPEATED = 1, 3
_TIMESTAMP = "google.protobuf.Timestamp"

MESSAGES: dict[str, tuple[tuple[str, int, int | str], ...]] = {
    _TIMESTAMP: (("seconds", 1, _INT64), ("nanos", 2, _INT32)),
    "foxglove.Vector3": (("x", 1, _DOUBLE), ("y", 2, _DOUBLE), ("z", 3, _DOUBLE)),
    "foxglove.Quaternion": (("x", 1, _DOUBLE), ("y", 2, _DOUBLE), ("z", 3, _DOUBLE), ("w", 4, _DOUBLE)),
    "foxglove.CompressedImage": (
        ("timestamp", 1, _TIMESTAMP), ("frame_id", 4, _STRING), ("data", 2, _BYTES), ("format", 3, _STRING),
    ),
    "foxglove.RawImage": (
        ("timestamp", 1, _TIMESTAMP), ("frame_id", 7, _STRING), ("width", 2, _FIXED32),
        ("height", 3, _FIXED32), ("encoding", 4, _STRING), ("step", 5, _FIXED32), ("data", 6, _BYTES),
    ),
    "foxglove.CameraCalibration": (
        ("timestamp", 1, _TIMESTAMP), ("frame_id", 9, _STRING), ("width", 2, _FIXED32),
        ("height", 3, _FIXED32), ("distortion_model", 4, _STRING), ("D", 5, -_DOUBLE), ("K", 6, -_DOUBLE),
        ("R", 7, -_DOUBLE), ("P", 8, -_DOUBLE),
    ),
    "foxglove.FrameTransform": (
        ("timestamp", 1, _TIMESTAMP), ("parent_frame_id", 2, _STRING), ("child_frame_id", 3, _STRING),
        ("translation", 4, "foxglove.Vector3"), ("rotation", 5, "foxglove.Quaternion"),
    ),
}  # fmt: skip
"""Each message's fields: name, number, type (a message, or protobuf's number: negative if repeated)."""


@lru_cache
def descriptor_set(name: str) -> bytes:
    """The ``FileDescriptorSet`` of one message and of those it is made of."""
    needed = dict.fromkeys(kind for _, _, kind in MESSAGES[name] if isinstance(kind, str))
    return b"".join(protobuf.message(1, *_file(each)) for each in (*needed, name))


def _file(name: str) -> Sequence[bytes]:
    package, _, plain = name.rpartition(".")
    needed = dict.fromkeys(kind for _, _, kind in MESSAGES[name] if isinstance(kind, str))
    rows = [protobuf.message(2, *_field(*row)) for row in MESSAGES[name]]
    return (
        protobuf.text(1, _path(name)),
        protobuf.text(2, package),
        *(protobuf.text(3, _path(each)) for each in needed),
        protobuf.message(4, protobuf.text(1, plain), *rows),
        protobuf.text(12, "proto3"),
    )


def _path(name: str) -> str:
    return "google/protobuf/timestamp.proto" if name == _TIMESTAMP else f"{name.replace('.', '/')}.proto"


def _field(name: str, number: int, kind: int | str) -> Sequence[bytes]:
    repeated = isinstance(kind, int) and kind < 0
    parts = [protobuf.text(1, name), protobuf.integer(3, number)]
    parts.append(protobuf.integer(4, _REPEATED if repeated else _OPTIONAL))
    parts.append(protobuf.integer(5, _MESSAGE if isinstance(kind, str) else abs(kind)))
    return [*parts, protobuf.text(6, f".{kind}")] if isinstance(kind, str) else parts


# Messages


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a message holds and for which camera.

    Attributes:
        time: nanoseconds.
        frame: the name of the coordinate frame.
    """

    time: int
    frame: str

    def field(self) -> bytes:
        """The message's timestamp."""
        seconds, nanos = divmod(self.time, 1_000_000_000)
        return protobuf.message(1, protobuf.integer(1, seconds), protobuf.integer(2, nanos))


@dataclass(frozen=True, slots=True)
class Image:
    """A RawImage: `encoding` says what the pixels are (rgb8, 32FC1, 16UC1), `data` holds them row by row."""

    width: int
    height: int
    encoding: str
    data: memoryview

    def message(self, stamp: Stamp) -> list[bytes | memoryview]:
        """The message, in pieces, so that the pixels are not copied."""
        head = (
            stamp.field()
            + protobuf.text(7, stamp.frame)
            + protobuf.fixed32(2, self.width)
            + protobuf.fixed32(3, self.height)
            + protobuf.text(4, self.encoding)
            + protobuf.fixed32(5, len(self.data) // self.height)
            + protobuf.blob(6, len(self.data))
        )
        return [head, self.data]

    @classmethod
    def parse(cls, data: memoryview) -> Image:
        """The image of a message; ValueError where it is none."""
        found = protobuf.fields(data)
        width, height, encoding, pixels = (found.get(number) for number in (2, 3, 4, 6))
        if (
            not isinstance(width, int)
            or not isinstance(height, int)
            or not isinstance(encoding, memoryview)
            or not isinstance(pixels, memoryview)
        ):
            raise ValueError("a RawImage lacks its size, encoding or pixels")
        return cls(width, height, str(encoding, "utf-8"), pixels)


def compressed_image(stamp: Stamp, data: bytes, format: str) -> list[bytes | memoryview]:
    """A picture in a format of its own (jpeg), in pieces."""
    head = stamp.field() + protobuf.text(4, stamp.frame) + protobuf.text(3, format)
    return [head + protobuf.blob(2, len(data)), memoryview(data)]


def compressed_data(data: memoryview) -> memoryview:
    """The coded picture of a CompressedImage message; ValueError where there is none."""
    coded = protobuf.fields(data).get(2)
    if not isinstance(coded, memoryview):
        raise ValueError("a CompressedImage has no data")
    return coded


def camera_calibration(stamp: Stamp, calibration: Calibration, size: tuple[int, int]) -> bytes:
    """How a viewer should see a camera whose pictures have `size` (width, height).

    Foxglove counts from the centre of pixel 0, as OpenCV does. A lens that it has no name for is left out.
    """
    camera = calibration.scaled_to(size)
    matrix = np.array(camera.intrinsics)
    matrix[:2, 2] -= 0.5
    lens, model = camera.distortion, ""
    coefficients: tuple[float, ...] = ()
    if isinstance(lens, BrownConrady):
        model, coefficients = "rational_polynomial", lens.coefficients
    elif isinstance(lens, Fisheye):
        model, coefficients = "kannala_brandt", lens.coefficients
    projection = np.hstack([matrix, np.zeros((3, 1))])
    return b"".join(
        (
            stamp.field(),
            protobuf.text(9, stamp.frame),
            protobuf.fixed32(2, size[0]),
            protobuf.fixed32(3, size[1]),
            protobuf.text(4, model) if model else b"",
            protobuf.doubles(5, coefficients) if model else b"",
            protobuf.doubles(6, matrix.ravel().tolist()),
            protobuf.doubles(7, np.eye(3).ravel().tolist()),
            protobuf.doubles(8, projection.ravel().tolist()),
        )
    )


def frame_transform(stamp: Stamp, parent: str, pose: Pose) -> bytes:
    """Where the camera stands in its parent frame; the pose must not be mirrored."""
    place, turn = pose.translation.tolist(), pose.to_quaternion().tolist()
    return b"".join(
        (
            stamp.field(),
            protobuf.text(2, parent),
            protobuf.text(3, stamp.frame),
            protobuf.message(4, *(protobuf.double(i + 1, value) for i, value in enumerate(place))),
            protobuf.message(5, *(protobuf.double(i + 1, value) for i, value in enumerate(turn))),
        )
    )
