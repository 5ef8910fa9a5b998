"""Threads for what would hold up the event loop: two for what a page waits for, one for what comes in.

page ── thumbnail, details, depth ──▶ quick
     └─ a photo that is dropped in ─▶ careful: one at a time, for nobody knows what it is
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
        self._careful = ThreadPoolExecutor(1, "nearfar-uploads")

    async def quick(self, work: Callable[[], Result]) -> Result:
        """Do what takes less than a second."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, work)

    async def careful(self, work: Callable[[], Result]) -> Result:
        """Look at what came from anywhere."""
        return await asyncio.get_running_loop().run_in_executor(self._careful, work)
