"""``nearfar record``: from a camera into a take."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from nearfar.cli.depth_outputs import wrote
from nearfar.cli.messages import InputFault, note, printable
from nearfar.cli.output import check_output
from nearfar.errors import CaptureError, NearfarError

if TYPE_CHECKING:
    from nearfar.capture import RecorderCounts

__all__ = ["amount", "record"]

Progress = Callable[[float, "RecorderCounts"], None]


def record(
    *,
    device: Annotated[
        str, Parameter(help="Which camera; `nearfar devices` lists what is here.")
    ] = "virtual:dual",
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="The take to write: .mcap.")],
    seconds: Annotated[
        float | None, Parameter(validator=Number(gt=0), help="How long; until Ctrl-C when left out.")
    ] = None,
    color: Annotated[
        Literal["jpeg", "raw"], Parameter(help="raw keeps every pixel, in ten times the space.")
    ] = "jpeg",
    quality: Annotated[int, Parameter(validator=Number(gte=1, lte=100), help="Of the JPEG.")] = 90,
    depth: Annotated[
        Literal["float", "packed", "millimetres"],
        Parameter(help="float: exact; packed: exact, smaller, for nearfar alone; millimetres: rounded."),
    ] = "float",
    overwrite: Annotated[bool, Parameter(help="Replace a take that is there.")] = False,
) -> int:
    """Record a camera's colour, depth and poses.

    A take is an MCAP file, which Foxglove and Rerun open, too. It is itself a
    camera: --device take:FILE.mcap. Ctrl-C ends the recording; a recording that
    is killed loses at most half a second, and opens as it is.
    """
    check_output(output, (".mcap",))
    if output.exists() and not overwrite:
        raise InputFault(f"{output}: there is such a file; --overwrite replaces it")
    from nearfar.capture import Take
    from nearfar.capture import record as record_take

    before = _identity(output)
    with _interruptible() as stop, _bar(output, seconds) as progress:
        try:
            counts = record_take(
                device,
                output,
                seconds=seconds,
                color=color,
                quality=quality,
                depth=depth,
                overwrite=overwrite,
                stop=stop,
                progress=progress,
            )
        except BlockingIOError:
            raise InputFault(f"{output}: it is being recorded") from None
        except OSError as problem:
            kept = "" if _identity(output) == before else _kept(output)
            raise InputFault(f"{output}: {problem.strerror or problem}{kept}") from problem
        except CaptureError:
            if _identity(output) != before:
                note(f"{output}: the recording ended early{_kept(output)}")
            raise
    if not counts.written:
        why = "interrupted before the first frame" if stop.is_set() else "gave no frame"
        raise InputFault(f"{device}: {why}, so nothing was recorded")
    with Take(output) as take:
        duration = take.duration
    if seconds is not None and not stop.is_set() and duration < seconds - 1.0:
        note(f"{device}: gave frames for {duration:.1f} s of {seconds:g} s")
    if counts.late:
        note(f"{counts.late} of {counts.received} frames were dropped: disk or processor could not keep up")
    wrote(output, f"{counts.written:,} frames, {duration:.1f} s, {amount(counts.bytes)}")
    return 0


def amount(size: int) -> str:
    """Bytes in words."""
    for unit, scale, digits in (("GB", 1e9, 2), ("MB", 1e6, 1), ("KB", 1e3, 1)):
        if size >= scale:
            return f"{size / scale:.{digits}f} {unit}"
    return f"{size} bytes"


def _identity(output: Path) -> tuple[int, int] | None:
    """Which file has the name now, if any."""
    try:
        found = output.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _kept(output: Path) -> str:
    """Say what a recording that ended early has left."""
    from nearfar.capture import Take

    try:
        with Take(output) as take:
            return f"; what was recorded until then is in it, {len(take):,} frames"
    except (OSError, NearfarError):
        return ""


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Give an event that the first Ctrl-C sets; a second one interrupts as ever."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def interrupted(*_: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _bar(output: Path, seconds: float | None) -> Iterator[Progress | None]:
    """Show on a terminal how much is recorded, and how long it takes yet."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("Recording {task.fields[name]}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[size]}", markup=False),
        *((TextColumn("left", markup=False), TimeRemainingColumn()) if seconds else ()),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as shown:
        task = shown.add_task("", total=seconds, name=printable(output.name), size="")

        def progress(elapsed: float, counts: RecorderCounts) -> None:
            late = f", {counts.late} dropped" if counts.late else ""
            shown.update(task, completed=elapsed, size=f"{amount(counts.bytes)}{late}")

        yield progress
