"""The process of a `Darkroom`: does what the server says, several jobs at a time, and ends with it.

stdin ── Job ──────────▶ threads of its lane ──────────────┐
      ── PortraitJob ──▶ PortraitWorkers: what is prepared ├──▶ Done or Failed ──▶ stdout
      ── Cancel, Forget                                    ┘
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import pickle
import signal
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, Any

from nearfar.errors import LimitExceeded
from nearfar.studio.darkroom_messages import (
    Cancel,
    Done,
    Failed,
    Forget,
    Job,
    Lane,
    Message,
    NearlyDone,
    PortraitJob,
    received,
    sent,
)
from nearfar.studio.memory import give_back, keep_little
from nearfar.studio.portrait_workers import PortraitWorkers

__all__ = ["main"]

_AT_ONCE: dict[Lane, int] = {"looks": 2, "uploads": 1}
_TRIES = 2
"""The second in a process that has let go of all that it kept."""
_DATA = 5
"""Which number of /proc/self/statm it is: pages of data and stacks."""
_TOO_MUCH = "it takes more memory than the studio gives to photos. Try again when less is going on"


class _Jobs:
    """Those under way. Belongs to one event loop."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._lanes = {
            lane: ThreadPoolExecutor(at_once, f"nearfar-{lane}") for lane, at_once in _AT_ONCE.items()
        }
        self._telling = ThreadPoolExecutor(1, "nearfar-telling")
        self._portraits = PortraitWorkers()
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def take(self, message: Message) -> None:
        """Begin, or end, what is said."""
        if isinstance(message, Cancel):
            task = self._tasks.get(message.number)
            if task is not None:
                task.cancel()
        elif isinstance(message, Forget):
            self._portraits.forget(message.name)
            give_back()
        else:
            task = asyncio.create_task(self._answer(message))
            self._tasks[message.number] = task
            task.add_done_callback(partial(self._ended, message.number))

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        self._tasks.pop(number)
        if not task.cancelled() and task.exception() is not None:
            os._exit(1)  # not even that could be told: by the end of the process it is

    async def _answer(self, job: Job | PortraitJob) -> None:
        answer: Done | Failed = Failed(job.number, LimitExceeded(_TOO_MUCH))
        for _ in range(_TRIES):
            try:
                answer = await self._tried(job)
                break
            except MemoryError:
                pass
            await asyncio.sleep(0)  # the future that woke this task has the failure, and all that it had
            self._let_go()
        await asyncio.get_running_loop().run_in_executor(self._telling, self._tell, answer)

    async def _tried(self, job: Job | PortraitJob) -> Done | Failed:
        try:
            return Done(job.number, await self._done(job))
        except MemoryError:
            raise
        except Exception as problem:  # noqa: BLE001 - whoever asked judges it
            return Failed(job.number, _portable(problem))

    def _let_go(self) -> None:
        """Let go of what is kept for the next look, and of what a failure still holds in its traceback."""
        self._portraits.forget(None)
        gc.collect()
        give_back()

    async def _done(self, job: Job | PortraitJob) -> Any:
        loop = asyncio.get_running_loop()
        if isinstance(job, Job):
            return await loop.run_in_executor(self._lanes[job.lane], job.work)
        return await self._portraits.jpeg(
            job.file, job.look, lambda: self._telling.submit(self._tell, NearlyDone(job.number))
        )

    def _tell(self, answer: NearlyDone | Done | Failed) -> None:
        try:
            sent(answer, self._answers)
        except OSError:
            os._exit(1)  # nobody is there any more
        except MemoryError:
            sent(Failed(answer.number, LimitExceeded(_TOO_MUCH)), self._answers)
        except Exception as problem:  # noqa: BLE001 - it cannot be pickled
            sent(Failed(answer.number, RuntimeError(f"{problem}")), self._answers)


def _portable(problem: Exception) -> Exception:
    """The problem; just its words where no pickle brings it back, as it wants more than errors keep."""
    try:
        pickle.loads(pickle.dumps(problem))  # noqa: S301 - just made
    except Exception:  # noqa: BLE001 - anything may be in there
        return RuntimeError(f"{type(problem).__name__}: {problem}")
    return problem


async def _serve(messages: IO[bytes], answers: IO[bytes]) -> None:
    loop, jobs = asyncio.get_running_loop(), _Jobs(answers)

    def listen() -> None:
        try:
            for message in received(messages):
                loop.call_soon_threadsafe(jobs.take, message)
        finally:
            os._exit(0)  # the server lets it go, or has ended: nobody waits for what threads still compute

    threading.Thread(target=listen, name="nearfar-listening", daemon=True).start()
    await asyncio.Event().wait()


def _take_at_most(most_bytes: int) -> None:
    """Let what would take more memory fail, where the system can do that.

    What there is already does not count: libraries have a thread for each processor, each with its stack.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        held = int(Path("/proc/self/statm").read_text("ascii").split()[_DATA]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (held + most_bytes, hard))


def main(arguments: list[str]) -> None:
    """Do jobs with at most so many bytes of data beside what there is at the start: BYTES."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's: it says when this ends
    warnings.simplefilter("ignore")  # there is nobody to read it
    keep_little()
    _take_at_most(int(arguments[0]))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a decoder prints is no answer
    asyncio.run(_serve(sys.stdin.buffer, answers))


if __name__ == "__main__":
    main(sys.argv[1:])
