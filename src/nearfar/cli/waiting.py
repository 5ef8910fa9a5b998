"""Signs of life on stderr while something takes over a second; nothing where stderr is no terminal.

They never touch stdout, which may be a file that is being written.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from nearfar.cli.messages import printable

if TYPE_CHECKING:
    from rich.live import Live
    from rich.progress import Progress

__all__ = ["counted", "measured", "waiting"]

T = TypeVar("T")

_PATIENCE = 1.0
"""Seconds before anything is shown."""


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show a spinner beside `what` while the body runs, once it has run for a second."""
    if not sys.stderr.isatty():
        yield
        return
    shown: list[Live] = []
    lock, done = threading.Lock(), threading.Event()

    def show() -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.spinner import Spinner
        from rich.text import Text

        spinner = Spinner("dots", Text(printable(what)))
        console = Console(stderr=True)
        with lock:
            if not done.is_set():
                shown.append(Live(spinner, console=console, transient=True, redirect_stdout=False))
                shown[0].start()

    timer = threading.Timer(_PATIENCE, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        done.set()
        with lock:
            for live in shown:
                live.stop()


@contextmanager
def measured(what: str) -> Iterator[Callable[[float], None]]:
    """Give a function to tell the share that is done, 0..1; after a second it draws a bar."""
    start, seen = time.monotonic(), sys.stderr.isatty()
    bars: list[Progress] = []

    def tell(done: float) -> None:
        if seen and not bars and time.monotonic() - start > _PATIENCE:
            bars.append(_started_bar(what, 1.0))
        for bar in bars:
            bar.update(bar.task_ids[0], completed=done)

    try:
        yield tell
    finally:
        for bar in bars:
            bar.stop()


def _started_bar(what: str, total: float) -> Progress:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True, redirect_stdout=False)
    bar.start()
    bar.add_task(escape(printable(what)), total=total)
    return bar


def counted(items: Sequence[T], what: str) -> Iterable[T]:
    """Give the items one by one, with a bar once they take over a second and stdout is not on screen."""
    if sys.stdout.isatty() or not sys.stderr.isatty():
        return items
    return _with_bar(items, what)


def _with_bar(items: Sequence[T], what: str) -> Iterator[T]:
    start = time.monotonic()
    bar: Progress | None = None
    try:
        for index, item in enumerate(items):
            if bar is None and time.monotonic() - start > _PATIENCE:
                bar = _started_bar(what, len(items))
            if bar is not None:
                bar.update(bar.task_ids[0], completed=index)
            yield item
    finally:
        if bar is not None:
            bar.stop()
