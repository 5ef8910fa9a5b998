"""Threads for what would hold up the studio's event loop: files, and pictures that are small already.

handler ── work ──▶ one of two threads ──▶ what came of it
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["Workers"]

Result = TypeVar("Result")


class Workers:
    """Threads that start when there is work, until `close`."""

    def __init__(self) -> None:
        self._quick = ThreadPoolExecutor(2, "nearfar-files")

    async def quick(self, work: Callable[[], Result]) -> Result:
        """Do what takes less than a second."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, work)

    def close(self) -> None:
        """Begin nothing any more. What is under way is not waited for."""
        self._quick.shutdown(wait=False, cancel_futures=True)
