"""What pages send up: so much of it, and not at a snail's pace.

POST ──▶ pieces(request, limit) ──▶ a file, piece by piece
           └─ 413 too much · 408 too slow, in words
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from nearfar.studio.refusals import Refused

__all__ = ["pieces", "until_gone", "whole_body"]


async def pieces(
    request: Request, limit: int, *, patience: float = 10.0, slowest: int = 32 << 10
) -> AsyncIterator[bytes]:
    """The body of a request as it comes, to be written to a file; no more than a piece is ever held.

    Args:
        request: the body was not read yet.
        limit: its bytes at most.
        patience: seconds in which nothing need come.
        slowest: bytes a second that are to come from then on.

    Raises:
        Refused: 413 it is longer; 408 it is slower; 400 it broke off.
    """
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > limit:
        raise Refused(413, _too_much(limit))
    begun, got = time.monotonic(), 0
    coming = aiter(request.stream())
    while True:
        left = begun + patience + got / slowest - time.monotonic()
        try:
            async with asyncio.timeout(left):
                piece = await anext(coming)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Refused(
                408, f"What you sent came too slowly: {_megabytes(got)} in {patience:g} s or more. Try again."
            ) from None
        except ClientDisconnect:
            raise Refused(400, f"What you sent broke off after {_megabytes(got)}. Try again.") from None
        got += len(piece)
        if got > limit:
            raise Refused(413, _too_much(limit))
        if piece:
            yield piece


async def whole_body(request: Request, limit: int, *, patience: float = 10.0) -> bytes:
    """The body of a request in memory, for what is short.

    Args:
        request: the body was not read yet.
        limit: its bytes at most.
        patience: seconds in which nothing need come.

    Raises:
        Refused: see `pieces`.
    """
    return b"".join([piece async for piece in pieces(request, limit, patience=patience)])


async def until_gone(request: Request) -> None:
    """Wait until who has asked goes away; the rest of the body is lost."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _too_much(limit: int) -> str:
    return f"That is larger than the {_megabytes(limit)} that fit here. Send a smaller one."


def _megabytes(size: int) -> str:
    return f"{size:,} bytes" if size < 1 << 20 else f"{size / (1 << 20):,.0f} MB"
