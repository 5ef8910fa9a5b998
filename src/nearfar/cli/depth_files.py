"""Depth maps in plain files: 16-bit millimetres in PNG, floats in TIFF and NumPy.

    .png   uint16, millimetres, 0 = no value        .tiff, .npy   float32, metres, NaN = no value

Millimetres become metres here and nowhere else in the commands.
"""

from __future__ import annotations

import io
import tokenize
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar import __version__
from nearfar.cli.images import MAX_PIXELS, opened
from nearfar.cli.messages import InputFault
from nearfar.cli.output import save_bytes, save_image
from nearfar.depth import DepthMap, millimetres

__all__ = ["read_depth_values", "write_floats", "write_millimetres"]

_BROKEN_HEADER = (
    ValueError,
    EOFError,
    TypeError,
    OverflowError,
    SyntaxError,
    tokenize.TokenError,
    RecursionError,
    MemoryError,
)
"""What NumPy raises for one: it reads the header as Python."""


def write_millimetres(output: Path, depth: DepthMap, about: str) -> int:
    """Write a map of depth in metres as a 16-bit PNG and give the number of values that it cannot say."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    codes, beyond = millimetres(depth)
    words = PngInfo()
    words.add_text("Description", about)
    words.add_text("Software", f"nearfar {__version__}")
    save_image(output, Image.fromarray(codes), pnginfo=words)
    return beyond


def write_floats(output: Path, values: NDArray[Any], about: str) -> None:
    """Write (H, W) float32 as ``.npy``, or as a TIFF that carries the words `about`."""
    if output.suffix.lower() == ".npy":
        buffer = io.BytesIO()
        np.save(buffer, values, allow_pickle=False)
        save_bytes(output, buffer.getbuffer())
        return
    from PIL import Image
    from PIL.TiffImagePlugin import IMAGEDESCRIPTION, SOFTWARE

    save_image(
        output,
        Image.fromarray(values),
        tiffinfo={IMAGEDESCRIPTION: about, SOFTWARE: f"nearfar {__version__}"},
    )


def read_depth_values(file: Path, scale: float | None) -> tuple[NDArray[np.float32], bool]:
    """Read (H, W) float32, NaN where there is no value, and tell whether the file held whole numbers.

    Args:
        file: ``.npy`` or ``.tiff`` of floats; ``.png`` or ``.tiff`` of 16-bit whole numbers, 0 for no value.
        scale: metres in one unit; None: 1 for floats, 0.001 for whole numbers.

    Raises:
        InputFault: the file holds no such map.
        OSError: it cannot be read.
    """
    array = _read_npy(file) if file.suffix.lower() == ".npy" else _read_image(file)
    if array.ndim != 2 or array.size == 0 or array.size > MAX_PIXELS:
        raise InputFault(f"{file}: holds an array of shape {array.shape}, not a map (H, W) of up to 100 Mpx")
    whole = array.dtype.kind in "iu"
    if whole and array.dtype.newbyteorder("=") != np.uint16:
        raise InputFault(
            f"{file}: holds whole numbers of type {array.dtype}, whose unit is unknown: save depth as floats "
            "in metres, or as uint16 in millimetres"
        )
    unit = scale if scale is not None else 0.001 if whole else 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        values = (array.astype(np.float64) * unit).astype(np.float32)
    if np.count_nonzero(np.isinf(values)) != np.count_nonzero(np.isinf(array)):
        raise InputFault(f"{file}: holds numbers beyond 3.4e38, the largest of a depth map")
    if whole:
        values[array == 0] = np.nan
    return values, whole


def _read_npy(file: Path) -> NDArray[Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers that Python 2 wrote
            # Mapped: a header that promises more than the file holds is refused before memory is asked for.
            array: NDArray[Any] = np.lib.format.open_memmap(file, mode="r")
    except _BROKEN_HEADER as problem:
        raise InputFault(f"{file}: not a NumPy array: {problem}") from problem
    if array.dtype.kind not in "fiu":
        raise InputFault(f"{file}: holds no array of numbers")
    return array


def _read_image(file: Path) -> NDArray[Any]:
    with opened(file, "PNG or TIFF") as image:
        if image.mode not in ("F", "I") and not image.mode.startswith("I;16"):
            raise InputFault(
                f"{file}: a picture of mode {image.mode}, not a depth map: it takes 16-bit gray "
                "(millimetres) or 32-bit floats (metres)"
            )
        return np.asarray(image)
