"""Opening images that Pillow reads: its asides kept quiet, and what is wrong said in one line."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nearfar.cli.messages import InputFault

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["MAX_PIXELS", "opened"]

MAX_PIXELS = 100_000_000
"""More than a file that is no photo may ask for; `nearfar.open` has the same limit."""


@contextmanager
def opened(file: Path, what: str, formats: tuple[str, ...] | None = None) -> Iterator[Image]:
    """Open an image of the formats, of at most `MAX_PIXELS`; `what` names them for who gave another file.

    Raises:
        InputFault: it is none, or too large, or what the body does with it shows that it is broken.
        OSError: it cannot be read.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's asides: what matters is raised, or checked below
            with Image.open(file, formats=formats) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise InputFault(f"{file}: {image.width}×{image.height} is over 100 Mpx")
                yield image
    except UnidentifiedImageError as problem:
        raise InputFault(f"{file}: not a readable {what}") from problem
    except (Image.DecompressionBombError, ValueError, SyntaxError) as problem:
        raise InputFault(f"{file}: not a readable {what}: {problem}") from problem
