"""A `Frame` as messages: pictures that any viewer shows, and the record from which the frame is made again.

color ──▶ /color           CompressedImage (jpeg) or RawImage (rgb8)
depth ──▶ /depth           RawImage: 32FC1 metres, or 16UC1 millimetres   (/disparity: 32FC1, 1/metres)
          /confidence      RawImage: 32FC1
          (or /depth_packet, /confidence_packet: what `depth.encode_frame` makes of them)
          /camera, /depth_camera   CameraCalibration, when it changes
          /depth_pose      FrameTransform: "depth_camera" stands where "camera" does
pose  ──▶ /pose            FrameTransform from "camera" to "world"
the rest ▶ /frame          JSON, last
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nearfar.capture.takes import foxglove
from nearfar.capture.takes.foxglove import Image, Stamp
from nearfar.capture.takes.frame_record import SCHEMA, Writer
from nearfar.capture.takes.mcap_records import Channel, Schema
from nearfar.depth import Calibration, DepthKind, DepthMap, Frame, Pose, encode_frame

__all__ = ["CHANNELS", "SCHEMAS", "ColorCoding", "Content", "DepthCoding", "FramePacker"]

ColorCoding = Literal["jpeg", "raw"]
DepthCoding = Literal["float", "millimetres", "packed"]

_EVENT = {
    "title": "nearfar.Event",
    "type": "object",
    "required": ["event"],
    "properties": {"event": {"type": "string"}, "message": {"type": "string"}},
}
_IMAGE, _JPEG = "foxglove.RawImage", "foxglove.CompressedImage"
_CAMERA, _TRANSFORM = "foxglove.CameraCalibration", "foxglove.FrameTransform"

SCHEMAS = {
    name: Schema(number, name, "protobuf", foxglove.descriptor_set(name))
    for number, name in enumerate((_IMAGE, _JPEG, _CAMERA, _TRANSFORM), 1)
} | {
    name: Schema(number, name, "jsonschema", json.dumps(schema).encode())
    for number, (name, schema) in enumerate({"nearfar.Frame": SCHEMA, "nearfar.Event": _EVENT}.items(), 5)
}

FRAME, EVENTS, COLOR, COLOR_JPEG = "/frame", "/events", "/color", "/color_jpeg"
DEPTH, DISPARITY, CONFIDENCE = "/depth", "/disparity", "/confidence"
DEPTH_PACKET, CONFIDENCE_PACKET = "/depth_packet", "/confidence_packet"
PICTURES = (COLOR, COLOR_JPEG, DEPTH, DISPARITY, DEPTH_PACKET)
"""Of what a frame is there for."""
CAMERA, DEPTH_CAMERA, POSE, DEPTH_POSE = "/camera", "/depth_camera", "/pose", "/depth_pose"

_CONTENT = {
    FRAME: "nearfar.Frame",
    EVENTS: "nearfar.Event",
    COLOR: _IMAGE,
    COLOR_JPEG: _JPEG,
    DEPTH: _IMAGE,
    DISPARITY: _IMAGE,
    CONFIDENCE: _IMAGE,
    DEPTH_PACKET: "",
    CONFIDENCE_PACKET: "",
    CAMERA: _CAMERA,
    DEPTH_CAMERA: _CAMERA,
    POSE: _TRANSFORM,
    DEPTH_POSE: _TRANSFORM,
}
_ENCODINGS = {"foxglove": "protobuf", "nearfar": "json", "": "nearfar.depth-frame"}
CHANNELS = {
    topic: Channel(number, SCHEMAS[schema].id if schema else 0, topic, _ENCODINGS[schema.split(".")[0]])
    for number, (topic, schema) in enumerate(_CONTENT.items(), 1)
}

_MAX_JPEG_SIDE = 65_500


@dataclass(frozen=True, slots=True)
class Content:
    """What one message says, in pieces; its topic says where."""

    topic: str
    parts: list[bytes | memoryview]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(len(part) for part in self.parts)


class FramePacker:
    """Makes the messages of each frame.

    Args:
        color: "jpeg" (lossy, a tenth of the size) or "raw".
        quality: of the JPEG, 1 to 100.
        depth: "float" keeps every bit, for any viewer; "packed" keeps every bit in less space, for nearfar;
            "millimetres" rounds depth to 16-bit millimetres, as many tools want it. Disparity is then stored
            as depth, and a map without a unit stays float.

    Attributes:
        beyond: whether depth beyond 65.535 m was met, which has no place in 16-bit millimetres.
    """

    def __init__(self, color: ColorCoding, quality: int, depth: DepthCoding) -> None:
        self._color, self._quality, self._depth = color, quality, depth
        self._records = Writer()
        self._camera: tuple[Calibration | None, object, object] = (None, None, None)
        self._color_size: tuple[int, int] | None = None
        self.beyond = False

    def pack(self, frame: Frame, time: int) -> list[Content]:
        """The messages of a frame, stamped with a time in nanoseconds; the record comes last."""
        stamp, depth_stamp = Stamp(time, "camera"), Stamp(time, "depth_camera")
        contents: list[Content] = []
        color = depth = ""
        stored = frame.depth
        if frame.color is not None:
            self._color_size = (frame.color.shape[1], frame.color.shape[0])
            color, content = self._pack_color(frame.color, stamp)
            contents.append(content)
        if stored is not None:
            depth, stored, content = self._pack_depth(stored, depth_stamp)
            contents.append(content)
            if stored.confidence is not None:
                contents.append(self._pack_confidence(stored.confidence, depth_stamp))
            contents += self._pack_cameras(stored, stamp)
        if frame.pose is not None and not frame.pose.is_mirrored:
            contents.append(Content(POSE, [foxglove.frame_transform(stamp, "world", frame.pose)]))
        contents.append(Content(FRAME, [self._records.record(frame, color, depth, stored)]))
        return contents

    def _pack_color(self, color: NDArray[np.uint8], stamp: Stamp) -> tuple[str, Content]:
        height, width = color.shape[:2]
        if self._color == "jpeg" and max(width, height) <= _MAX_JPEG_SIDE:
            coded = _jpeg(color, self._quality)
            return "jpeg", Content(COLOR_JPEG, foxglove.compressed_image(stamp, coded, "jpeg"))
        image = Image(width, height, "rgb8", _memory(color))
        return "rgb8", Content(COLOR, image.message(stamp))

    def _pack_depth(self, depth: DepthMap, stamp: Stamp) -> tuple[str, DepthMap, Content]:
        if self._depth == "millimetres" and depth.metric:
            depth = depth.to(DepthKind.DEPTH)
            image = Image(depth.width, depth.height, "16UC1", self._millimetres(depth))
            return "16UC1", depth, Content(DEPTH, image.message(stamp))
        if self._depth == "packed":
            return "packed", depth, Content(DEPTH_PACKET, [encode_frame(depth)])
        topic = DEPTH if depth.kind is DepthKind.DEPTH else DISPARITY
        return "32FC1", depth, Content(topic, _floats(depth.values).message(stamp))

    def _pack_confidence(self, confidence: NDArray[np.float32], stamp: Stamp) -> Content:
        if self._depth == "packed":
            # Any map of floats can be packed; what it is called does not matter here.
            return Content(CONFIDENCE_PACKET, [encode_frame(DepthMap(confidence))])
        return Content(CONFIDENCE, _floats(confidence).message(stamp))

    def _millimetres(self, depth: DepthMap) -> memoryview:
        rounded = np.rint(depth.values.astype(np.float64) * 1000.0)
        beyond = rounded > 65_535
        self.beyond |= bool(beyond.any())
        kept = np.where(beyond | np.isnan(rounded), 0.0, rounded).astype("<u2")
        return _memory(kept)

    def _pack_cameras(self, depth: DepthMap, stamp: Stamp) -> list[Content]:
        now = (depth.calibration, depth.size, self._color_size)
        if now[0] is self._camera[0] and now[1:] == self._camera[1:]:
            return []
        self._camera = now
        if depth.calibration is None:
            return []
        depth_stamp = Stamp(stamp.time, "depth_camera")
        camera = foxglove.camera_calibration(depth_stamp, depth.calibration, depth.size)
        place = foxglove.frame_transform(depth_stamp, "camera", Pose.identity())
        contents = [Content(DEPTH_CAMERA, [camera]), Content(DEPTH_POSE, [place])]
        if self._color_size is not None:
            camera = foxglove.camera_calibration(stamp, depth.calibration, self._color_size)
            contents.append(Content(CAMERA, [camera]))
        return contents


def pack_event(event: str, details: dict[str, Any]) -> Content:
    """The message of an event."""
    return Content(EVENTS, [json.dumps({"event": event, **details}).encode()])


def _floats(values: NDArray[np.floating[Any]]) -> Image:
    plain = values.astype("<f4", copy=False)
    return Image(values.shape[1], values.shape[0], "32FC1", _memory(plain))


def _memory(array: NDArray[Any]) -> memoryview:
    return memoryview(array.data).cast("B")


def _jpeg(color: NDArray[np.uint8], quality: int) -> bytes:
    from PIL import Image as Pillow

    out = io.BytesIO()
    Pillow.fromarray(color).save(out, "JPEG", quality=quality)
    return out.getvalue()
