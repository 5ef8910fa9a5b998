"""GDepth: the depth that Google's Lens Blur and early Pixel cameras wrote into a JPEG's XMP.

    main packet       GDepth:Format, Near, Far, Units …     GFocus: where the blur was put
    extended packet   GDepth:Data (PNG or JPEG codes)       GImage:Data (the picture before the blur)

    RangeLinear    z = near + n·(far − near)                n = code / largest code, 0 nearest:
    RangeInverse   z = far·near / (far − n·(far − near))    the opposite of Apple's polarity

Lens Blur's units are arbitrary whatever `units` says. Dynamic Depth, its successor, is another format.
Source: https://developers.google.com/depthmap-metadata/reference
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Orientation
from nearfar.errors import CorruptFile, FileError, UnsupportedFile
from nearfar.photo import xmp as xmp_packets
from nearfar.photo.jpeg import codec, extended_xmp
from nearfar.photo.jpeg.segments import XMP, read_header
from nearfar.photo.limits import Limits

if TYPE_CHECKING:
    from nearfar.photo.jpeg.document import JpegDocument

__all__ = ["GDepth", "read_gdepth"]

_PICTURES = ("GDepth:Data", "GDepth:Confidence", "GImage:Data")
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_PNG_ERRORS = (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, struct.error)


@dataclass(frozen=True, slots=True, eq=False)
class GDepth:
    """A GDepth record as stored.

    Attributes:
        format: how codes become distances (see the module's text).
        near, far: distances at code 0 and at the largest code, in `units`.
        units: "m" or "mm" as the file says; "m" where it does not.
        measure_type: "OpticalAxis" (planar depth) or "OpticRay" (along the ray).
        orientation: what turns the codes upright, with the picture.
        tags: all GDepth, GImage and GFocus tags but the pictures.
    """

    format: Literal["RangeInverse", "RangeLinear"]
    near: float
    far: float
    units: str
    measure_type: Literal["OpticalAxis", "OpticRay"]
    orientation: Orientation
    tags: Mapping[str, str]
    _pictures: Mapping[str, str]
    _limits: Limits
    _file: str | None
    _offset: int

    def size(self) -> tuple[int, int]:
        """Give the (width, height) of the codes from their header; raises as `decode` does."""
        data = self._bytes("GDepth:Data")
        with self._blaming_the_packet():
            if data.startswith(b"\xff\xd8"):
                frame = read_header(data, file=self._file).frame
                self._limits.check_pixels(frame.width, frame.height, file=self._file, what="JPEG picture")
                return frame.width, frame.height
            return _png_size(data, self._limits, self._file)

    def decode(self) -> NDArray[Any]:
        """Decode the codes: (H, W) uint8 or uint16, as stored, not turned upright."""
        return self._gray("GDepth:Data")

    def decode_confidence(self) -> NDArray[Any] | None:
        """Decode the confidence codes, (H, W), where the file has them."""
        return self._gray("GDepth:Confidence") if "GDepth:Confidence" in self._pictures else None

    @property
    def has_original(self) -> bool:
        """Whether the file has the picture before its blur."""
        return "GImage:Data" in self._pictures

    def original(self) -> bytes | None:
        """Give the picture before its blur: a whole image file, JPEG as a rule."""
        return self._bytes("GImage:Data") if self.has_original else None

    def _bytes(self, tag: str) -> bytes:
        try:
            text = "".join(self._pictures[tag].split())
            return base64.b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError) as error:
            raise CorruptFile(f"{tag} is not base64: {error}", file=self._file, offset=self._offset) from None

    @contextlib.contextmanager
    def _blaming_the_packet(self) -> Iterator[None]:
        """Let errors name the packet's place in the file: those in the picture inside it are in no file."""
        try:
            yield
        except FileError as error:
            error.offset = self._offset
            raise

    def _gray(self, tag: str) -> NDArray[Any]:
        data = self._bytes(tag)
        with self._blaming_the_packet():
            if data.startswith(b"\xff\xd8"):
                header = read_header(data, file=self._file)
                samples = codec.decode(data, header, limits=self._limits, file=self._file)
            else:
                samples = _decode_png(data, self._limits, self._file)
        return np.ascontiguousarray(samples if samples.ndim == 2 else samples[:, :, 0])


def read_gdepth(document: JpegDocument) -> GDepth | None:
    """Read the GDepth record of a JPEG; None where it has none.

    Raises:
        CorruptFile: a required tag is missing or no number, or the extended packet is broken.
    """
    if document.xmp is None:
        return None
    file = document.file
    segment = next(document.primary.find(document.source, XMP))
    offset = segment.payload + len(XMP[1])
    tags: dict[str, Any] = dict(xmp_packets.parse(document.xmp, file=file, offset=offset).tags)
    if "GDepth:Format" not in tags and extended_xmp.GUID_TAG not in tags:
        return None
    extension = document.extended_xmp()
    if extension is not None:
        limit = extended_xmp.MAX_BYTES
        packet = xmp_packets.parse(extension, file=file, offset=offset, max_bytes=limit)
        tags = {**packet.tags, **tags}
    if "GDepth:Format" not in tags:
        return None
    texts = {
        name: value
        for name, value in tags.items()
        if isinstance(value, str) and name.startswith(("GDepth:", "GImage:", "GFocus:"))
    }
    pictures: dict[str, str] = {name: texts.pop(name) for name in _PICTURES if name in texts}
    if "GDepth:Data" not in pictures:
        raise CorruptFile("GDepth has no Data", file=file, offset=offset)
    near, far = (_number(texts, name, file, offset) for name in ("GDepth:Near", "GDepth:Far"))
    kind = texts["GDepth:Format"]
    if kind not in ("RangeInverse", "RangeLinear"):
        reason = f"GDepth:Format is {kind!r}, not RangeInverse or RangeLinear"
        raise UnsupportedFile(reason, file=file, offset=offset)
    if not 0 < near <= far:
        raise CorruptFile(f"GDepth ranges from {near} to {far}", file=file, offset=offset)
    return GDepth(
        format="RangeInverse" if kind == "RangeInverse" else "RangeLinear",
        near=near,
        far=far,
        units=texts.get("GDepth:Units", "m"),
        measure_type="OpticRay" if texts.get("GDepth:MeasureType", "").endswith("Ray") else "OpticalAxis",
        orientation=document.orientation,
        tags=texts,
        _pictures=pictures,
        _limits=document.limits,
        _file=file,
        _offset=offset,
    )


def _number(tags: Mapping[str, str], name: str, file: str | None, offset: int) -> float:
    try:
        value = float(tags[name])
    except (KeyError, ValueError):
        reason = f"{name} is {tags.get(name, 'missing')!r}, not a number"
        raise CorruptFile(reason, file=file, offset=offset) from None
    if not math.isfinite(value):
        raise CorruptFile(f"{name} is {value}", file=file, offset=offset)
    return value


def _png_size(data: bytes, limits: Limits, file: str | None) -> tuple[int, int]:
    if not data.startswith(_PNG_MAGIC):
        raise UnsupportedFile("the depth in the XMP is neither PNG nor JPEG", file=file)
    if len(data) < 33:
        raise CorruptFile("the PNG in the XMP ends in its header", file=file)
    width, height = struct.unpack_from(">II", data, 16)
    limits.check_pixels(width, height, file=file, what="PNG picture")
    return width, height


def _decode_png(data: bytes, limits: Limits, file: str | None) -> NDArray[Any]:
    from PIL import PngImagePlugin

    width, height = _png_size(data, limits, file)
    try:
        picture = PngImagePlugin.PngImageFile(io.BytesIO(data))
        if picture.size != (width, height):
            raise CorruptFile("the PNG in the XMP says its size twice", file=file)
        if picture.mode in ("I", "I;16", "I;16B"):
            return np.asarray(picture).astype(np.uint16)
        return np.asarray(picture if picture.mode in ("L", "RGB", "RGBA", "LA") else picture.convert("L"))
    except FileError:
        raise
    except _PNG_ERRORS as error:
        raise CorruptFile(f"the PNG in the XMP cannot be decoded: {error}", file=file) from error
