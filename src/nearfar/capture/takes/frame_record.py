"""What a take says of each frame beside its pictures, so that the very same `Frame` can be made again.

A message of JSON on the topic ``/frame``. It is written after the frame's other messages, so that a frame
whose record is there is whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nearfar.depth import Accuracy, Calibration, DepthKind, DepthMap, DropReason, Frame, Pose, Quality

__all__ = ["SCHEMA", "FrameRecord", "Shape", "Writer", "read_record"]

MAX_BYTES = 16 << 20
"""Of a frame's record; the longest lens table takes a tenth of it."""

SCHEMA = {
    "title": "nearfar.Frame",
    "type": "object",
    "required": ["time", "sequence"],
    "properties": {
        "time": {"type": "number", "description": "seconds of the host's clock"},
        "sequence": {"type": "integer"},
        "color": {"type": ["object", "null"], "description": "encoding, width and height of /color"},
        "depth": {"type": ["object", "null"], "description": "what a DepthMap says beside its values"},
        "pose": {"type": ["object", "null"], "description": "world_from_camera: rotation, translation"},
        "dropped": {"type": "object", "description": "streams that were captured and lost, and why"},
    },
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A picture's encoding ("jpeg", "rgb8", "32FC1", "16UC1", "packed") and its size in px."""

    encoding: str
    width: int
    height: int

    @classmethod
    def parse(cls, said: Mapping[str, Any]) -> Shape:
        """The shape that a record tells; ValueError, KeyError or TypeError where it is none."""
        width, height = said["width"], said["height"]
        if type(width) is not int or type(height) is not int or min(width, height) < 1:
            raise ValueError(f"a picture cannot be {width!r}×{height!r}")
        return cls(str(said["encoding"]), width, height)


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """A frame's record, read.

    Attributes:
        time: seconds, as the frame had it.
        sequence: as the frame had it.
        color: how the picture is stored; None for none.
        depth: how the map is stored; None for none.
        dtype: of the map: "float16" or "float32".
        confidence: whether the map has one.
        about: the map's other fields, by name.
        pose: world_from_camera, or None.
        dropped: as the frame had it.
    """

    time: float
    sequence: int
    color: Shape | None
    depth: Shape | None
    dtype: str
    confidence: bool
    about: Mapping[str, Any]
    pose: Pose | None
    dropped: Mapping[str, DropReason]


class Writer:
    """Writes frames' records; remembers the last calibration's text, since frames share it."""

    def __init__(self) -> None:
        self._calibration: Calibration | None = None
        self._text = "null"

    def record(self, frame: Frame, color: str, depth: str, stored: DepthMap | None) -> bytes:
        """The record of a frame that is stored so: encodings, and the map as it will be read again."""
        said = {
            "time": frame.time,
            "sequence": _whole(int(frame.sequence)),
            "color": None if frame.color is None else _shape(color, frame.color.shape[1::-1]),
            "pose": None if frame.pose is None else frame.pose.to_dict(),
            "dropped": {stream: reason.value for stream, reason in frame.dropped.items()},
            "depth": None,
        }
        if stored is None:
            return _compact(said).encode()
        about = {
            **_shape(depth, stored.size),
            "dtype": stored.dtype.name,
            "kind": stored.kind.value,
            "accuracy": stored.accuracy.value,
            "quality": stored.quality.value,
            "filtered": stored.filtered,
            "metric": stored.metric,
            "confidence": stored.confidence is not None,
        }
        rest = f'{_compact(about)[:-1]},"calibration":{self._calibration_text(stored.calibration)}}}'
        return f"{_compact(said).removesuffix('null}')}{rest}}}".encode()

    def _calibration_text(self, calibration: Calibration | None) -> str:
        if calibration is not self._calibration:
            self._calibration = calibration
            self._text = "null" if calibration is None else _compact(calibration.to_dict())
        return self._text


def _shape(encoding: str, size: tuple[int, ...]) -> dict[str, Any]:
    return {"encoding": encoding, "width": size[0], "height": size[1]}


def _compact(value: Mapping[str, Any]) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def read_record(data: memoryview, known: dict[str, Calibration]) -> FrameRecord:
    """A record from its bytes.

    Args:
        data: the message.
        known: calibrations by their text; those of this record are taken from it, or added to it.

    Raises:
        ValueError: it is none.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"a frame's record has {len(data):,} bytes")
    try:
        said = json.loads(bytes(data))
        depth = said.get("depth")
        return FrameRecord(
            time=float(said["time"]),
            sequence=_whole(said["sequence"]),
            color=None if said.get("color") is None else Shape.parse(said["color"]),
            depth=None if depth is None else Shape.parse(depth),
            dtype="" if depth is None else str(depth["dtype"]),
            confidence=depth is not None and bool(depth["confidence"]),
            about={} if depth is None else _about(depth, known),
            pose=None if said.get("pose") is None else Pose.from_dict(said["pose"]),
            dropped={str(k): DropReason(v) for k, v in said.get("dropped", {}).items()},
        )
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"a frame's record is not as it should be: {error!r}") from None


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise ValueError(f"a sequence number cannot be {value!r}")
    return value


def _about(said: Mapping[str, Any], known: dict[str, Calibration]) -> dict[str, Any]:
    if said["dtype"] not in ("float16", "float32"):
        raise ValueError(f"a depth map cannot be {said['dtype']!r}")
    return {
        "kind": DepthKind(said["kind"]),
        "accuracy": Accuracy(said["accuracy"]),
        "quality": Quality(said["quality"]),
        "filtered": bool(said["filtered"]),
        "metric": bool(said["metric"]),
        "calibration": _calibration(said.get("calibration"), known),
    }


def _calibration(said: Any, known: dict[str, Calibration]) -> Calibration | None:
    if said is None:
        return None
    text = _compact(said)
    if text not in known:
        if len(known) >= 16:
            known.clear()
        known[text] = Calibration.from_dict(said)
    return known[text]
