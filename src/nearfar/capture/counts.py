"""The books of a stream: every frame that a device captured was delivered or dropped for a reason.

captured = delivered + late data + out of buffers + discontinuity
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nearfar.depth import DropReason

__all__ = ["Ledger", "StreamCounts"]


@dataclass(frozen=True, slots=True)
class StreamCounts:
    """How many frames of a stream were captured, and what became of them.

    Attributes:
        captured: what the device exposed, as far as its numbers tell.
        delivered: handed on.
        dropped: not handed on, by reason; every reason has its number.
    """

    captured: int = 0
    delivered: int = 0
    dropped: Mapping[DropReason, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        dropped = {reason: self.dropped.get(reason, 0) for reason in DropReason}
        object.__setattr__(self, "dropped", MappingProxyType(dropped))

    @property
    def lost(self) -> int:
        """Dropped for any reason; captured is always delivered + lost."""
        return sum(self.dropped.values())


class Ledger:
    """The counts of a stream while it runs. Kept under its owner's lock."""

    __slots__ = ("captured", "delivered", "dropped")

    def __init__(self) -> None:
        self.captured = 0
        self.delivered = 0
        self.dropped = dict.fromkeys(DropReason, 0)

    def drop(self, reason: DropReason, count: int = 1) -> None:
        """Frames that were captured and lost."""
        self.captured += count
        self.dropped[reason] += count

    def counts(self) -> StreamCounts:
        """The numbers as they stand."""
        return StreamCounts(self.captured, self.delivered, self.dropped)
