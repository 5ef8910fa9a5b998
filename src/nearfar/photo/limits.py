"""What an untrusted file may ask for, checked before any decoder runs."""

from __future__ import annotations

from dataclasses import dataclass

from nearfar.errors import CorruptFile, LimitExceeded

__all__ = ["MAX_FILE_BYTES", "MAX_XMP_BYTES", "Limits"]

MAX_FILE_BYTES = 1 << 30
"""A photo larger than 1 GiB is refused unread."""

MAX_XMP_BYTES = 16 << 20
"""A packet over 16 MiB is refused. (Extended XMP, which carries whole pictures, has its own limit.)"""


@dataclass(frozen=True, slots=True)
class Limits:
    """The reader's budget.

    Attributes:
        max_pixels: pixels of one picture (width × height) at most.
        max_items: items of a HEIC file, or images of a JPEG, at most.
    """

    max_pixels: int = 100_000_000
    max_items: int = 1_000

    def __post_init__(self) -> None:
        for name in ("max_pixels", "max_items"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")

    def check_pixels(
        self,
        width: int,
        height: int,
        *,
        file: str | None = None,
        offset: int | None = None,
        what: str = "picture",
    ) -> None:
        """Refuse an empty picture (CorruptFile) or one over ``max_pixels`` (LimitExceeded)."""
        if width < 1 or height < 1:
            raise CorruptFile(f"the {what} is {width}×{height} pixels", file=file, offset=offset)
        if width * height > self.max_pixels:
            raise LimitExceeded(
                f"the {what} is {width}×{height} pixels, over the limit of {self.max_pixels:,}; "
                f"raise it with max_pixels=",
                file=file,
                offset=offset,
                limit=self.max_pixels,
                value=width * height,
            )

    def check_items(
        self, count: int, *, file: str | None = None, offset: int | None = None, what: str = "items"
    ) -> None:
        """Refuse more than ``max_items`` of something (LimitExceeded)."""
        if count > self.max_items:
            raise LimitExceeded(
                f"the file holds {count:,} {what}, over the limit of {self.max_items:,}; "
                "raise it with max_items=",
                file=file,
                offset=offset,
                limit=self.max_items,
                value=count,
            )
