"""What the studio answers where it will not: a status, and words for people.

handler ── Refused(413, "That is larger …") ──▶ 413 {"reason": "That is larger …"}
"""

from __future__ import annotations

__all__ = ["Refused"]


class Refused(Exception):
    """A request that cannot be met.

    Args:
        status: the HTTP status.
        reason: why, and what to do, for people.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
