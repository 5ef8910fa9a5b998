"""What the server and the process of a `Darkroom` say to each other: pickles, one behind the other.

server ── Job, PortraitJob, Cancel, Forget ──▶ process
server ◀────── NearlyDone, Done, Failed ────── process
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Literal, TypeAlias

from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.portrait_looks import PortraitLook

__all__ = [
    "Answer",
    "Cancel",
    "Done",
    "Failed",
    "Forget",
    "Job",
    "Message",
    "NearlyDone",
    "PortraitJob",
    "received",
    "sent",
]

Lane: TypeAlias = Literal["looks", "uploads"]


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done.

    Attributes:
        number: of all that is asked of this process.
        lane: what does it: jobs of other lanes do not wait for it.
        work: a function that can be pickled, with its arguments.
    """

    number: int
    lane: Lane
    work: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class PortraitJob:
    """A portrait to be rendered."""

    number: int
    file: PhotoFile
    look: PortraitLook


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody waits for a job any more."""

    number: int


@dataclass(frozen=True, slots=True)
class Forget:
    """The photo of a name is gone; None: all are."""

    name: str | None


@dataclass(frozen=True, slots=True)
class NearlyDone:
    """What is left of a portrait takes no time."""

    number: int


@dataclass(frozen=True, slots=True)
class Done:
    """A job is done, and this came of it."""

    number: int
    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """A job is done, and this is wrong."""

    number: int
    problem: Exception


Answer: TypeAlias = NearlyDone | Done | Failed
Message: TypeAlias = Job | PortraitJob | Cancel | Forget


def sent(message: object, pipe: IO[bytes]) -> None:
    """Send a message. Raises what `pickle` does before anything is sent, OSError where nobody reads."""
    pipe.write(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
    pipe.flush()


def received(pipe: IO[bytes]) -> Iterator[Any]:
    """The messages that come, until the other side ends, or one cannot be read."""
    while True:
        try:
            message = pickle.load(pipe)  # noqa: S301 - it comes from a process of our own
        except Exception:  # noqa: BLE001 - a broken pickle raises anything, as does what its classes do
            return
        yield message
