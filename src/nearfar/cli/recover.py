"""``nearfar recover``: a recording that was cut short, made a whole file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from nearfar.cli.depth_outputs import wrote
from nearfar.cli.messages import InputFault, note, printable
from nearfar.cli.record import amount
from nearfar.errors import FileError

__all__ = ["recover"]


def recover(
    file: Annotated[Path, Parameter(name="FILE", help="The take: .mcap.")],
    /,
) -> int:
    """Give a recording that was cut short its index back.

    nearfar, Foxglove and Rerun open such a take as it is; with the index they
    find their way in it faster. The old file stays until the new one is whole.
    """
    from nearfar.capture import recover as recover_take

    try:
        with _bar(file) as progress:
            done = recover_take(file, progress=progress)
    except BlockingIOError:
        raise InputFault(f"{file}: it is being recorded") from None
    except FileError:
        raise
    except OSError as problem:
        raise InputFault(f"{file}: {problem.strerror or problem}; it was left as it is") from problem
    if done.damaged:
        note(f"{file}: {done.damaged} damaged parts had to be left out")
    if done.lost:
        note(f"{file}: {amount(done.lost)} could not be used")
    what = "recovered" if done.rewritten else "it is whole, nothing to do"
    wrote(file, f"{done.frames:,} frames, {what}")
    return 0


@contextmanager
def _bar(file: Path) -> Iterator[Callable[[float], object] | None]:
    """Show on a terminal how much is done, and how long it takes yet."""
    if not sys.stderr.isatty() or not file.is_file():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("Recovering {task.fields[name]}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TextColumn("left", markup=False),
        TimeRemainingColumn(),
    )
    size = file.stat().st_size
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as shown:
        task = shown.add_task("", total=size, name=printable(file.name))
        yield lambda share: shown.update(task, completed=share * size)
