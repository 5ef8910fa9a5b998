"""What holds of each frame, and of the frames of a stream one after the other.

Frame ──┬─ color   of the format's size, uint8, read-only
        ├─ depth   asked for, of the kind, dtype and size that were asked for, its camera's view the picture's
        └─ time, sequence   increase in each stream; host times lie on the clock
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from nearfar.capture import DeviceInfo, Format, Still
from nearfar.depth import Accuracy, Calibration, DepthMap, Frame
from nearfar.errors import CaptureError
from nearfar.testing.watching import Seen, arrays_of, require

__all__ = ["check_frame", "check_order", "check_still", "check_times"]

_ASPECT_SLACK = 0.02
"""How far two aspect ratios may be apart: phones' own are up to 1 %."""
_STREAMS = ("color", "depth", "pose")


def check_frame(frame: Frame, format: Format) -> None:
    """The laws of one frame of a source that was started with a format."""
    require(
        bool(frame.dropped) or frame.color is not None or frame.depth is not None,
        "a frame carries colour or depth, or says in `dropped` what it lost",
        frame,
    )
    for array in arrays_of(frame):
        require(
            not array.flags.writeable, "arrays that leave a source are read-only", f"{array.shape} writable"
        )
    if frame.color is not None:
        height, width = frame.color.shape[:2]
        require(
            (width, height) == format.size,
            f"colour has the format's size, {format.width}×{format.height}",
            f"{width}×{height}",
        )
    if frame.depth is not None:
        _check_depth(frame.depth, format)


def _check_depth(depth: DepthMap, format: Format) -> None:
    asked = format.depth
    require(asked is not None, "depth comes only if the format's depth_format asks for it", depth)
    if asked is None:
        return
    found = f"{depth.kind.value} {depth.dtype} {depth.width}×{depth.height}"
    require(
        (depth.kind, depth.dtype.name, depth.size) == (asked.kind, asked.dtype, asked.size),
        f"depth is exactly what the format asks for, {asked}",
        found,
    )
    _check_meaning(depth, format.size)


def _check_meaning(depth: DepthMap, size: tuple[int, int]) -> None:
    require(
        depth.metric or depth.accuracy is Accuracy.RELATIVE,
        "numbers without a unit are not absolute",
        f"metric={depth.metric} and {depth.accuracy}",
    )
    if depth.calibration is not None:
        _check_aspect(depth.calibration, size)


def _check_aspect(calibration: Calibration, size: tuple[int, int]) -> None:
    """The calibration of a picture is of the same field of view, so of the same aspect ratio."""
    width, height = calibration.reference_size
    slack = max(_ASPECT_SLACK, 1.0 / width + 1.0 / height)
    require(
        abs(width * size[1] / (height * size[0]) - 1.0) <= slack,
        f"the calibration is of the picture's field of view and aspect ratio, {size[0]}×{size[1]}",
        f"reference_size {width}×{height}",
    )


def check_order(seen: Sequence[Seen]) -> None:
    """Numbers and times increase within each stream; an error comes last, once."""
    for number, each in enumerate(seen):
        require(
            isinstance(each.item, (Frame, CaptureError)),
            "emit is called with a Frame, or at the end with a CaptureError",
            f"{type(each.item).__name__}: {each.item!r}",
        )
        if isinstance(each.item, CaptureError):
            require(
                number == len(seen) - 1,
                "an error ends the stream: nothing comes after it",
                f"{len(seen) - 1 - number} more after {each.item!r}",
            )
    for stream in _STREAMS:
        frames = [
            each.item
            for each in seen
            if isinstance(each.item, Frame)
            and (getattr(each.item, stream) is not None or stream in each.item.dropped)
        ]
        for before, after in pairwise(frames):
            require(
                after.sequence > before.sequence,
                f"sequence numbers increase within each stream ({stream})",
                f"{before.sequence}, then {after.sequence}",
            )
            require(
                after.time > before.time,
                f"times increase within each stream ({stream})",
                f"{before.time!r} s, then {after.time!r} s",
            )


def check_times(seen: Sequence[Seen], info: DeviceInfo, format: Format, started_at: float) -> None:
    """Times of a source that counts the host's seconds lie between its start and the moment they come."""
    if info.clock != "host":
        return
    for each in seen:
        if not isinstance(each.item, Frame):
            continue
        time = each.item.time
        require(
            time <= each.clock_time + 1e-6,
            "a frame is exposed before it comes, by the clock given to start (or info.clock is 'device')",
            f"time {time:.6f} s in a frame that came at {each.clock_time:.6f} s",
        )
        require(
            time >= started_at - max(1.0, 1.0 / format.rate),
            "a frame is exposed after start, by the clock given to start (or info.clock is 'device')",
            f"time {time:.6f} s, started at {started_at:.6f} s",
        )


def check_still(still: Still, format: Format, info: DeviceInfo) -> None:
    """The laws of a photo."""
    frame = still.frame
    require(frame.color is not None, "a photo holds its colour", frame)
    if frame.color is None:
        return
    for each in (frame, *still.constituents):
        for array in arrays_of(each):
            require(not array.flags.writeable, "a photo's arrays are read-only", f"{array.shape} writable")
    size = (frame.color.shape[1], frame.color.shape[0])
    law = f"a photo has the format's still_size, {format.still_size[0]}×{format.still_size[1]}"
    require(size == format.still_size, law, f"{size[0]}×{size[1]}")
    law = "a photo shows as many constituents as info.constituents names, or none"
    require(
        len(still.constituents) in (0, len(info.constituents)),
        law,
        f"{len(still.constituents)} for {info.constituents}",
    )
    strange = [kind.value for kind in still.mattes if kind not in info.mattes]
    require(not strange, "a photo's mattes are of the kinds that info.mattes names", strange)
    _check_still_depth(frame.depth, format, size)


def _check_still_depth(depth: DepthMap | None, format: Format, size: tuple[int, int]) -> None:
    asked = format.depth
    law = "a photo has depth exactly if the format's depth_format asks for it"
    require((depth is None) == (asked is None), law, depth)
    if depth is None or asked is None:
        return
    require(
        (depth.kind, depth.dtype.name) == (asked.kind, asked.dtype),
        f"a photo's depth is of the kind and dtype that were asked for, {asked.kind.value} {asked.dtype}",
        f"{depth.kind.value} {depth.dtype}",
    )
    slack = max(_ASPECT_SLACK, 1.0 / depth.width + 1.0 / depth.height)
    require(
        abs(depth.width * size[1] / (depth.height * size[0]) - 1.0) <= slack,
        f"a photo's depth has the photo's aspect ratio, {size[0]}×{size[1]}",
        f"{depth.width}×{depth.height}",
    )
    _check_meaning(depth, size)
