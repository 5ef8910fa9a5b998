"""What the studio answers where it will not: a status, and words for people.

handler ── Refused(413, "That is larger …") ──▶ 413 {"reason": "That is larger …"}
disk ── OSError ──▶ said_of_disk ──▶ "there is no room left on the disk; make some and try again"
"""

from __future__ import annotations

import errno

__all__ = ["Refused", "is_full", "said_of_disk"]


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

    def __reduce__(self) -> tuple[type[Refused], tuple[int, str]]:
        """For pickles: what it was made of."""
        return type(self), (self.status, self.reason)


def is_full(problem: OSError) -> bool:
    """Whether it is room that lacks."""
    return problem.errno in (errno.ENOSPC, errno.EDQUOT)


def said_of_disk(problem: OSError) -> str:
    """What a disk, or the system, is at fault with: words without the file's name, and no full stop."""
    if is_full(problem):
        return "there is no room left on the disk; make some and try again"
    return problem.strerror or str(problem)
