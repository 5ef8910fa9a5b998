"""Signs of life on stderr while something takes over a second; nothing where stderr is no terminal.

They never touch stdout, which may be a file that is being written.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from nearfar.cli.messages import printable

if TYPE_CHECKING:
    from rich.live import Live
    from rich.progress import Progress

__all__ = ["counted", "waiting"]

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
                from rich.console import Console
                from rich.progress import Progress

                bar = Progress(console=Console(stderr=True), transient=True, redirect_stdout=False)
                bar.start()
                bar.add_task(what, total=len(items))
            if bar is not None:
                bar.update(bar.task_ids[0], completed=index)
            yield item
    finally:
        if bar is not None:
            bar.stop()
