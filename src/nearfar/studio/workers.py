"""Threads for what would hold up the event loop, two for what is quick and one for what takes long.

page ── thumbnail, details, depth ──▶ quick: nobody waits behind a download
     └─ download that is rendered or coded anew ──▶ slow: one at a time
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["Workers"]

Result = TypeVar("Result")


class Workers:
    """Threads that start when there is work."""

    def __init__(self) -> None:
        self._quick = ThreadPoolExecutor(2, "nearfar-photos")
        self._slow = ThreadPoolExecutor(1, "nearfar-downloads")

    async def quick(self, work: Callable[[], Result]) -> Result:
        """Do what takes less than a second."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, work)

    async def slow(self, work: Callable[[], Result]) -> Result:
        """Do what takes seconds."""
        return await asyncio.get_running_loop().run_in_executor(self._slow, work)
