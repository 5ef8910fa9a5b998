"""What the studio's page and its server say to one another over HTTP, as plain data.

    page ── GET, POST, DELETE /studio/… ──▶ server
         ◀── one of these as JSON, in camel case; or {"reason": …} where it cannot be ──

`json_answers` writes and reads them; `typescript` writes them as the types that the page is built with.
Pictures and depth do not go this way: see `messages`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from nearfar.depth import MatteKind

__all__ = [
    "CameraChoice",
    "CameraState",
    "DepthWords",
    "DeviceEntry",
    "DroppedFrames",
    "EditWish",
    "Effort",
    "FormatEntry",
    "Line",
    "PhotoDetails",
    "PhotoEntry",
    "PhotoShelf",
    "RecordingState",
    "RecordingWish",
    "TakeDetails",
    "TakeEntry",
    "TakeShelf",
]

Effort: TypeAlias = Literal["fast", "standard", "best"]
DeviceSort: TypeAlias = Literal["camera", "take", "photo"]
Container: TypeAlias = Literal["heic", "jpeg"]


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A device that can be looked through.

    Attributes:
        name: by which it is opened.
        title: what people call it.
        sort: a camera, real or virtual; or a take or a photo of the library.
    """

    name: str
    title: str
    sort: DeviceSort


@dataclass(frozen=True, slots=True)
class FormatEntry:
    """What a camera can be set to give.

    Attributes:
        title: its size and rate, in words.
        width: of the picture, px.
        height: px.
        rate: frames a second.
        depth: the size of the depth, in words; None where it gives none.
    """

    title: str
    width: int
    height: int
    rate: float
    depth: str | None


@dataclass(frozen=True, slots=True)
class DroppedFrames:
    """Frames that were captured and not shown.

    Attributes:
        count: how many since the camera started.
        reason: why, in words.
    """

    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class RecordingState:
    """A recording that is under way.

    Attributes:
        name: of the take.
        seconds: since its first frame.
        frames: written.
        bytes: of the file.
        late: frames that disk or processor could not keep up with.
    """

    name: str
    seconds: float
    frames: int
    bytes: int
    late: int


@dataclass(frozen=True, slots=True)
class CameraState:
    """The camera, and how it fares.

    Attributes:
        device: its name.
        title: what people call it.
        formats: what it can be set to.
        format: which of them it is set to.
        efforts: what effort its depth may be made with; empty where nothing is to choose.
        effort: the one that is chosen; None where nothing is to choose.
        has_depth: whether it senses depth.
        can_shoot: whether it takes photos.
        running: whether it runs: it does while somebody watches or it records.
        rate: frames a second that it gave in the last seconds; 0 where it does not run.
        frames: that it gave since it started.
        dropped: frames that were lost, by reason; empty where none were.
        shooting: whether a photo is being taken; another device, format or effort waits for it.
        recording: None where nothing is recorded.
        problem: what it ended with, in words; None where nothing is wrong.
    """

    device: str
    title: str
    formats: tuple[FormatEntry, ...]
    format: int
    efforts: tuple[Effort, ...]
    effort: Effort | None
    has_depth: bool
    can_shoot: bool
    running: bool
    rate: float
    frames: int
    dropped: tuple[DroppedFrames, ...]
    shooting: bool
    recording: RecordingState | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class CameraChoice:
    """What is to be another: what is None stays.

    Attributes:
        device: a name, as `DeviceEntry` has it.
        format: a place in `CameraState.formats`.
        effort: one of `CameraState.efforts`.
    """

    device: str | None = None
    format: int | None = None
    effort: Effort | None = None


@dataclass(frozen=True, slots=True)
class RecordingWish:
    """Whether it is to be recorded."""

    on: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what a photo says of itself.

    Attributes:
        label: what it is about.
        text: what is so.
    """

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class DepthWords:
    """What the depth of a photo is.

    Attributes:
        width: columns of the map.
        height: rows.
        metric: whether it has a unit; else distances mean nothing.
        relative: whether its metres are nominal.
    """

    width: int
    height: int
    metric: bool
    relative: bool


@dataclass(frozen=True, slots=True)
class PhotoEntry:
    """A photo of the library, as the strip shows it.

    Attributes:
        id: names it in addresses.
        name: of its file.
        version: changes when the file does: for addresses of its pictures.
        width: of the upright picture, px.
        height: px.
        has_depth: whether it carries depth.
        bytes: of the file.
        problem: why it cannot be shown, in words; None where it can.
    """

    id: str
    name: str
    version: str
    width: int
    height: int
    has_depth: bool
    bytes: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class PhotoDetails:
    """All that the page shows of a photo in words.

    Attributes:
        entry: as in the strip.
        container: of the file.
        lines: what is inside, line by line.
        depth: None where it has none.
        mattes: the mattes that it carries.
        f_number: the aperture that a portrait of it has at first: the stored one, else f/2.8.
        stored_f_number: None where no edit is stored.
        focus: what is sharp at first, (x, y) in 0..1 from the top left; None where there is no depth.
        stored_focus: None where no edit is stored.
    """

    entry: PhotoEntry
    container: Container
    lines: tuple[Line, ...]
    depth: DepthWords | None
    mattes: tuple[MatteKind, ...]
    f_number: float
    stored_f_number: float | None
    focus: tuple[float, float] | None
    stored_focus: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class PhotoShelf:
    """The photos that are kept on this machine.

    Attributes:
        folder: where they are.
        bytes: of all.
        photos: the newest first.
    """

    folder: str
    bytes: int
    photos: tuple[PhotoEntry, ...]


@dataclass(frozen=True, slots=True)
class EditWish:
    """An edit that is to be stored in a photo; its picture and depth stay as they are.

    Attributes:
        f_number: aperture in 35 mm terms.
        focus: what is sharp, (x, y) in 0..1 from the top left; None leaves what is stored.
    """

    f_number: float
    focus: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class TakeEntry:
    """A take of the library.

    Attributes:
        id: names it in addresses.
        name: of its file.
        version: changes when the file does.
        title: of the camera that it was recorded from.
        seconds: from the first frame to the last.
        frames: how many.
        bytes: of the file.
        written: when it was written last, seconds since 1970.
        device: the name by which it is opened as a camera.
        recording: whether it is being recorded now.
        problem: why it cannot be played, in words; None where it can.
    """

    id: str
    name: str
    version: str
    title: str
    seconds: float
    frames: int
    bytes: int
    written: float
    device: str
    recording: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class TakeDetails:
    """A take, frame by frame.

    Attributes:
        entry: as in the list.
        times: seconds of each frame since the first.
    """

    entry: TakeEntry
    times: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TakeShelf:
    """The takes that are kept on this machine.

    Attributes:
        folder: where they are.
        bytes: of all.
        takes: the newest first.
    """

    folder: str
    bytes: int
    takes: tuple[TakeEntry, ...]
