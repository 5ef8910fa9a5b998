"""What goes over the stream between a server and its pages, message by message.

    server ── Hello, then FrameMessage …, Problem, Ended ──▶ page
           ◀── Wanted, then Taken for each frame ──────────

The studio answers with messages over HTTP, too, where depth is asked for: `PhotoDepth`.

`wire` puts them into bytes; `typescript` writes them as the types that pages are built with. On the wire,
and in TypeScript, names are in camel case. The stream is described in full in docs/stream-format.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, NewType, TypeAlias

from nearfar.xr import DepthDataFormat, DepthType, DepthUsage

__all__ = [
    "FROM_PAGE",
    "FROM_SERVER",
    "FROM_STUDIO",
    "PROTOCOL",
    "Blob",
    "ColorPart",
    "ConfidencePart",
    "DepthAccuracy",
    "DepthCoding",
    "DepthPart",
    "DepthSupportPart",
    "Ended",
    "FrameMessage",
    "Hello",
    "Matrix",
    "Message",
    "PhotoDepth",
    "Problem",
    "Taken",
    "ViewPart",
    "Wanted",
]

PROTOCOL = 2
"""The version that `Hello` states. Server and script come in one package: a page takes no other."""

Blob = NewType("Blob", memoryview)
"""Bytes that stand behind a message's header, each blob at a multiple of 8 bytes."""

Matrix = NewType("Matrix", tuple[float, ...])
"""16 numbers, column by column, each a float32."""

Eye: TypeAlias = Literal["none", "left", "right"]
SessionMode: TypeAlias = Literal["inline", "immersive-vr", "immersive-ar"]
GPULayout: TypeAlias = Literal["linear", "window-space"]
Profile: TypeAlias = Literal["spec", "arcore", "quest"]
DepthAccuracy: TypeAlias = Literal["relative", "absolute"]
DepthCoding: TypeAlias = Literal["plain", "short", "packed"]
"""``plain``: the buffer as it is, row by row, little-endian. ``short``: the same in 16 bits, floats as
millimetres: half the bytes, for sessions that have agreed on 16 bits. ``packed``: a packet of
docs/frame-format.md, smaller, for slow ways; a hole is 0 in 16 bits and NaN in floats there."""


@dataclass(frozen=True, slots=True)
class DepthSupportPart:
    """What a device can do where depth is asked for; the first of each is what it prefers."""

    types: tuple[DepthType, ...]
    formats: tuple[DepthDataFormat, ...]
    usages: tuple[DepthUsage, ...]


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message to a page: what feeds it. It comes again where another device feeds it from then on.

    Attributes:
        protocol: `PROTOCOL`.
        device: its name, for people.
        profile: as which device it shows itself.
        modes: the modes of session that it takes.
        features: the feature descriptors that it can grant.
        depth_support: None where it senses no depth.
        gpu_layout: how its depth textures are laid out.
        time_origin: seconds from 1970 to when the clock of `FrameMessage.time` showed 0. Their sum compares
            with ``performance.timeOrigin + performance.now()`` of a page, which counts milliseconds.
        lane: the key to the broad way for large frames, a name below the stream's address.
    """

    type: ClassVar[str] = "hello"
    protocol: int
    device: str
    profile: Profile
    modes: tuple[SessionMode, ...]
    features: tuple[str, ...]
    depth_support: DepthSupportPart | None
    gpu_layout: GPULayout
    time_origin: float
    lane: str


@dataclass(frozen=True, slots=True)
class ViewPart:
    """One picture that a page draws.

    Attributes:
        eye: for which eye.
        tangents: of the angles from the axis to the left, right, upper and lower edge; positive where the
            axis lies inside.
        offset: where it is in the viewer's space.
    """

    eye: Eye
    tangents: tuple[float, float, float, float]
    offset: Matrix


@dataclass(frozen=True, slots=True)
class DepthPart:
    """A device's depth buffer.

    Attributes:
        data: the buffer, coded as ``coding`` says.
        coding: how it is sent.
        depth_type: what was done to it, as `Wanted` had it.
        format: what the decoded buffer holds: 16-bit numbers or float32, 0 for a hole.
        width: columns.
        height: rows.
        raw_value_to_meters: what a raw value of 1 is in metres, a float32.
        accuracy: whether metres hold in the world; relative ones are nominal.
        norm_depth_buffer_from_norm_view: from the view's 0..1 (top left, y down) to the buffer's.
        projection: the sensor's; None where it is the view's.
        view_offset: where the sensor is in the viewer's space; None where it is the view.
    """

    data: Blob
    coding: DepthCoding
    depth_type: DepthType | None
    format: DepthDataFormat
    width: int
    height: int
    raw_value_to_meters: float
    accuracy: DepthAccuracy
    norm_depth_buffer_from_norm_view: Matrix
    projection: Matrix | None
    view_offset: Matrix | None


@dataclass(frozen=True, slots=True)
class ColorPart:
    """A camera's picture, upright as the first view is: a JPEG."""

    data: Blob
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ConfidencePart:
    """How far each value of a depth buffer is to be believed.

    Attributes:
        data: one byte each, row by row, without padding: 0 not at all, 255 fully.
        width: columns, as many as the buffer has.
        height: rows.
    """

    data: Blob
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class FrameMessage:
    """What a device knows of one moment.

    Attributes:
        sequence: counts what the device gave; gaps are frames that were passed over for newer ones.
        time: seconds of the server's clock.
        depth: None where this moment has none, or the page wants none.
        color: None likewise.
        views: one or two.
        viewer_pose: the viewer in the world; None where it is not known.
        confidence: of the depth in this message; None where it is not known, or the page wants none.
    """

    type: ClassVar[str] = "frame"
    sequence: int
    time: float
    depth: DepthPart | None
    color: ColorPart | None
    views: tuple[ViewPart, ...]
    viewer_pose: Matrix | None
    confidence: ConfidencePart | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, in words; the server closes the stream after it."""

    type: ClassVar[str] = "problem"
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The device has come to its end: no frame follows, the last one stands. The stream stays open."""

    type: ClassVar[str] = "ended"
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What frames are to carry. A page sends it first, and again when it changes its mind.

    Attributes:
        depth: how depth is to be coded, None: none is wanted.
        color: whether pictures are wanted.
        depth_type: which of the types that `Hello` lists, whatever other pages want; None leaves it to the
            device.
        confidence: whether the confidence of that depth is wanted.
    """

    type: ClassVar[str] = "wanted"
    depth: DepthCoding | None
    color: bool
    depth_type: DepthType | None = None
    confidence: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The page has taken a frame. At most two are on their way to it; meanwhile newer ones replace others."""

    type: ClassVar[str] = "taken"
    sequence: int


@dataclass(frozen=True, slots=True)
class PhotoDepth:
    """The depth of a photo, aligned with its upright picture: an answer over HTTP.

    Attributes:
        depth: float32, plain, distances from the camera's plane; 0 for a hole and for what is infinitely far.
            Its size may be smaller than that of the picture and of the map in the file.
        tangents: of the angles from the axis to the left, right, upper and lower edge of the picture; the
            lens counts as rectilinear.
        assumed: whether the view is a guess, for the file does not tell the camera's.
        metric: whether distances have a unit, metres; else they mean something only to one another.
    """

    type: ClassVar[str] = "photo-depth"
    depth: DepthPart
    tangents: tuple[float, float, float, float]
    assumed: bool
    metric: bool


Message: TypeAlias = Hello | FrameMessage | Problem | Ended | Wanted | Taken | PhotoDepth

FROM_SERVER: tuple[type[Hello | FrameMessage | Problem | Ended], ...] = (Hello, FrameMessage, Problem, Ended)
FROM_PAGE: tuple[type[Wanted | Taken], ...] = (Wanted, Taken)
FROM_STUDIO: tuple[type[PhotoDepth], ...] = (PhotoDepth,)
"""What the studio answers with over HTTP."""
