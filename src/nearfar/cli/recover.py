"""``nearfar recover``: a recording that was cut short, made a whole file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from nearfar.cli.depth_outputs import wrote
from nearfar.cli.messages import InputFault, note
from nearfar.cli.record import amount
from nearfar.cli.waiting import waiting

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
        with waiting(f"Recovering {file}"):
            done = recover_take(file)
    except BlockingIOError:
        raise InputFault(f"{file}: it is being recorded") from None
    if done.damaged:
        note(f"{file}: {done.damaged} damaged parts had to be left out")
    if done.lost:
        note(f"{file}: {amount(done.lost)} could not be used")
    what = "recovered" if done.rewritten else "it is whole, nothing to do"
    wrote(file, f"{done.frames:,} frames, {what}")
    return 0
