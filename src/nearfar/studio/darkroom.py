"""Where photos are decoded and rendered: in a process of its own, which may take so much memory and no more.

    server ── job ──▶ Darkroom ── pipe ──▶ process ── picture, depth, portrait ──▶ server
                        ├─ starts it with the first job, lets it go when there has been none for a while
                        └─ it broke off: what it had to do is refused in words, the next job starts another

Nobody knows what a photo takes before it is decoded: some kilobytes may be gigabytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from nearfar.studio.darkroom_messages import (
    Answer,
    Cancel,
    Done,
    Forget,
    Job,
    Message,
    NearlyDone,
    PortraitJob,
    received,
    sent,
)
from nearfar.studio.module_processes import start_module
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.portrait_looks import PortraitLook
from nearfar.studio.refusals import Refused

__all__ = ["Darkroom"]

Result = TypeVar("Result")

_MODULE = "nearfar.studio.darkroom_process"
_MOST_BYTES = 1 << 30
"""Of data: a portrait of 24 megapixels takes 0.8 GB, a picture in HEIC's largest coding as much."""
_PATIENCE = 300.0
"""Seconds without a job after which the process ends, and its memory is free for others."""


_BROKE_OFF = (
    "What decodes photos broke off: one of them is broken, or takes more memory than there is. Try again; if "
    "that does not help, this photo cannot be shown."
)


class Darkroom:
    """Does jobs in a process. Any thread and any event loop may ask.

    Args:
        most_bytes: of data that jobs may take, where the system is Linux.
        patience: seconds for which it is kept without a job.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES, *, patience: float = _PATIENCE) -> None:
        self._most_bytes = most_bytes
        self._patience = patience
        self._process: _Process | None = None
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._closed = False

    async def look(self, work: Callable[[], Result]) -> Result:
        """Do what a page waits for.

        Args:
            work: a function that can be pickled; what it gives and raises can be, too.

        Raises:
            LimitExceeded: it takes more memory than there is.
            Refused: the process broke off, or cannot be started.
        """
        result: Result = await self._done(lambda number: Job(number, "looks", work))
        return result

    async def careful(self, work: Callable[[], Result]) -> Result:
        """Look at what came from anywhere, one at a time; see `look`."""
        result: Result = await self._done(lambda number: Job(number, "uploads", work))
        return result

    async def portrait(
        self, file: PhotoFile, look: PortraitLook, nearly_done: Callable[[], None] = lambda: None
    ) -> bytes:
        """A portrait as a JPEG file; to cancel ends the rendering.

        Args:
            file: the photo.
            look: how to render it.
            nearly_done: called, on any thread, when what is left takes no time.

        Raises:
            Refused: the photo has no depth, cannot be read, or is gone; the process broke off.
        """
        data: bytes = await self._done(lambda number: PortraitJob(number, file, look), nearly_done)
        return data

    def forget(self, name: str | None = None) -> None:
        """Keep nothing of a photo that is gone; of all, without a name."""
        with self._lock:
            if self._process is not None:
                self._process.say(Forget(name))

    def close(self) -> None:
        """End the process, and start none any more. What is under way is refused."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.end()
                self._process = None

    async def _done(
        self, job: Callable[[int], Job | PortraitJob], nearly_done: Callable[[], None] = lambda: None
    ) -> Any:
        number = next(self._numbers)
        with self._lock:
            if self._closed:
                raise Refused(503, "The studio is ending.")
            process = self._process or _Process(self._most_bytes, self._patience)
            answer = process.ask(job(number), nearly_done)
            if answer is None:  # it has ended
                process = _Process(self._most_bytes, self._patience)
                answer = process.ask(job(number), nearly_done)
            self._process = process
        assert answer is not None
        try:
            return await asyncio.wrap_future(answer)
        except asyncio.CancelledError:
            process.leave(number)
            raise


class _Process:
    """One that runs. It is spoken to by one thread, heard by another, and ends when it has nothing to do."""

    def __init__(self, most_bytes: int, patience: float) -> None:
        self._popen = start_module(_MODULE, str(most_bytes), stdin=subprocess.PIPE)
        self._patience = patience
        self._waiting: dict[int, tuple[Future[Any], Callable[[], None]]] = {}
        self._unsaid: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._ending = False
        self._lock = threading.Lock()
        for work in (self._speak, self._hear):
            threading.Thread(target=work, name="nearfar-darkroom", daemon=True).start()

    def ask(self, job: Job | PortraitJob, nearly_done: Callable[[], None]) -> Future[Any] | None:
        """What comes of a job; None where no more are done here."""
        answer: Future[Any] = Future()
        answer.set_running_or_notify_cancel()  # whoever leaves says so by `Cancel`
        with self._lock:
            if self._ending:
                return None
            self._waiting[job.number] = answer, nearly_done
        self.say(job)
        return answer

    def say(self, message: Message) -> None:
        """Send a message when those before it are sent."""
        self._unsaid.put(message)

    def leave(self, number: int) -> None:
        """Wait for a job no more: no answer comes, and what nobody waits for keeps no process."""
        with self._lock:
            self._waiting.pop(number, None)
        self.say(Cancel(number))

    def end(self) -> None:
        """End it now."""
        with self._lock:
            self._ending = True
        self._popen.kill()

    def _speak(self) -> None:
        assert self._popen.stdin is not None
        with (
            contextlib.suppress(OSError),
            self._popen.stdin as pipe,
        ):  # OSError: it has ended, as `_hear` hears
            while True:
                try:
                    message = self._unsaid.get(timeout=self._patience)
                except queue.Empty:
                    with self._lock:
                        self._ending = not self._waiting
                    if not self._ending:
                        continue
                    message = None
                if message is None:
                    return  # that the pipe ends tells it to
                sent(message, pipe)

    def _hear(self) -> None:
        assert self._popen.stdout is not None
        with self._popen.stdout as pipe:
            for message in received(pipe):
                self._take(message)
        with self._lock:
            self._ending = True
            left, self._waiting = self._waiting, {}
        self._unsaid.put(None)
        self._popen.kill()
        self._popen.wait()
        for answer, _ in left.values():
            answer.set_exception(Refused(503, _BROKE_OFF))

    def _take(self, message: Answer) -> None:
        with self._lock:
            found = self._waiting.get(message.number)
            if found is not None and not isinstance(message, NearlyDone):
                del self._waiting[message.number]
        if found is None:
            return
        answer, nearly_done = found
        if isinstance(message, NearlyDone):
            nearly_done()
        elif isinstance(message, Done):
            answer.set_result(message.value)
        else:
            answer.set_exception(message.problem)
