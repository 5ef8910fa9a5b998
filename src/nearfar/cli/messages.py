"""What the commands say: one line for an error or a note, and text from files made safe to print."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from nearfar.errors import FileError, LossWarning, PrivacyWarning

__all__ = ["InputFault", "WrongUsage", "error", "explain", "note", "notes_of_loss", "printable", "tell"]


class InputFault(Exception):
    """What was given to a command cannot do what was asked; the message names the file. Exit code 1."""


class WrongUsage(Exception):
    """The command line contradicts itself. Exit code 2."""


def tell(text: str) -> None:
    """Print a result to stdout."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """Say on stderr, in one line, what the user should know of a result."""
    sys.stderr.write(f"note: {printable(text)}\n")


def error(text: str) -> None:
    """Say on stderr, in one line, what went wrong."""
    sys.stderr.write(f"error: {printable(text)}\n")


def printable(text: str) -> str:
    """Spell out control characters: what a file says must not steer the terminal or break the line."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def explain(problem: Exception, file: object = None) -> str:
    """Say in one line which file is at fault and why; `file` where the problem itself does not name one."""
    if isinstance(problem, OSError) and not isinstance(problem, FileError) and problem.strerror:
        name = problem.filename if problem.filename is not None else file
        return problem.strerror if name is None else f"{_name(name)}: {problem.strerror}"
    text = str(problem) or type(problem).__name__
    if isinstance(problem, MemoryError):
        text = f"not enough memory: {problem}" if str(problem) else "not enough memory"
    named = file is None or str(file) in text
    return text if named else f"{file}: {text}"


def _name(file: object) -> str:
    return file.decode(errors="backslashreplace") if isinstance(file, bytes) else str(file)


@contextmanager
def notes_of_loss() -> Iterator[None]:
    """Print each `LossWarning` and `PrivacyWarning` of the body once, as a note; others go their way."""
    ours = (LossWarning, PrivacyWarning)
    with warnings.catch_warnings(record=True) as caught:
        for category in ours:
            warnings.simplefilter("always", category)
        yield
    said: set[str] = set()
    for warning in caught:
        text = str(warning.message)
        if not issubclass(warning.category, ours):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        elif text not in said:
            said.add(text)
            note(text)
