"""An opened JPEG: the primary picture and the images that follow it.

    SOI…EOI  primary: Exif, XMP, MPF index, ICC
    SOI…EOI  secondary: XMP that says what it is (depth, matte, gain map)
    SOI…EOI  …
    trailer  motion photo, vendor data

Secondary images are found by the MPF index where an image stands at its offsets, else by walking from each
picture's end to the next; what one *is* says its XMP, never its place in the list.

A broken secondary image must not make the photo unreadable. One whose header cannot be read is left out with
a warning to the logger "nearfar.photo"; one whose header can be read is listed, and decoding it raises.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import NDArray

from nearfar.depth import Orientation, orient_array
from nearfar.errors import FileError, LimitExceeded
from nearfar.photo import xmp as xmp_packets
from nearfar.photo.auxiliary import DEPTH_URN, Changes, StoredImage, StoredStereo
from nearfar.photo.bytesource import Bytes, whole
from nearfar.photo.jpeg import codec, mpf
from nearfar.photo.jpeg.extended_xmp import GUID_TAG, join_extended
from nearfar.photo.jpeg.segments import EXIF, ICC, MPF, XMP, Header, find_end, read_header
from nearfar.photo.limits import Limits
from nearfar.photo.tiff import Tiff, read_directory

if TYPE_CHECKING:
    from nearfar.photo.jpeg.gdepth import GDepth

__all__ = ["JpegDocument", "Part", "open_document"]

_log = logging.getLogger("nearfar.photo")

_EXIF_ORIENTATION = 0x0112
_ORIENTATIONS = range(1, 9)
_MATTE_URNS = {
    "portraiteffectsmatte": "urn:com:apple:photo:2018:aux:portraiteffectsmatte",
    "semanticskinmatte": "urn:com:apple:photo:2019:aux:semanticskinmatte",
    "semantichairmatte": "urn:com:apple:photo:2019:aux:semantichairmatte",
    "semanticteethmatte": "urn:com:apple:photo:2019:aux:semanticteethmatte",
    "semanticglassesmatte": "urn:com:apple:photo:2020:aux:semanticglassesmatte",
    "semanticskymatte": "urn:com:apple:photo:2020:aux:semanticskymatte",
}
_L008 = "1278226488"  # 8-bit gray as the native format: coverage or gain, no depth


@dataclass(frozen=True, slots=True)
class Part:
    """One image of the file: its number in the MPF order (0 is the primary), its header, its MPF entry."""

    number: int
    header: Header
    entry: mpf.Entry | None


@dataclass(frozen=True, slots=True, eq=False)
class JpegDocument:
    """An opened JPEG; see `nearfar.photo.auxiliary.Document` for the shared attributes.

    Attributes:
        source: the file's bytes, as they were given.
        limits: what decoding may spend.
        primary: the primary picture's header.
        index: the MPF index, None where there is none that can be read.
        secondaries: the images after the primary whose headers could be read, in file order.
    """

    source: Bytes
    file: str | None
    limits: Limits
    primary: Header
    index: mpf.Index | None
    secondaries: tuple[Part, ...]
    orientation: Orientation
    exif: bytes | None
    xmp: bytes | None
    icc: bytes | None
    images: tuple[StoredImage, ...]

    @property
    def container(self) -> Literal["jpeg"]:
        """Always "jpeg"."""
        return "jpeg"

    @property
    def data(self) -> bytes:
        """The whole file; what was not read yet is read now."""
        return whole(self.source)

    @property
    def stereo(self) -> StoredStereo | None:
        """Always None: no stereo pair in JPEG is known."""
        return None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the upright picture."""
        width, height = self.primary.frame.width, self.primary.frame.height
        return (height, width) if self.orientation.swaps_axes else (width, height)

    def decode_color(self, share: int = 1) -> NDArray[Any]:
        """Decode the primary picture: (H, W, 3) uint8, upright, in its own colour space.

        Gray is repeated into three channels and CMYK converted without its profile; `icc` is None for both.
        A `share` of 2, 4 or 8 gives 1/`share` of each side, rounded up; a lossless picture comes whole.
        """
        import numpy as np

        samples = codec.decode(self.source, self.primary, limits=self.limits, file=self.file, share=share)
        if samples.dtype != np.uint8:
            samples = (samples >> 8).astype(np.uint8)
        if samples.ndim == 2:
            samples = np.repeat(samples[:, :, None], 3, axis=2)
        return orient_array(samples, self.orientation)

    def rewrite(self, changes: Changes) -> Sequence[bytes | memoryview]:
        """Give the pieces of the changed file; see `nearfar.photo.jpeg.rewrite`."""
        from nearfar.photo.jpeg.rewrite import rewrite

        return rewrite(self, changes)

    @property
    def opaque_parts(self) -> tuple[str, ...]:
        """What `rewrite` copies and nearfar cannot look into, in words."""
        from nearfar.photo.jpeg.places import opaque_parts

        return opaque_parts(self)

    def extended_xmp(self) -> bytes | None:
        """Put together the extended XMP packet that the primary's main packet names, if it names one."""
        if self.xmp is None:
            return None
        guid = xmp_packets.parse(self.xmp, file=self.file).tags.get(GUID_TAG)
        if not isinstance(guid, str):
            return None
        return join_extended(self.source, self.primary, guid, file=self.file)

    @property
    def gdepth(self) -> GDepth | None:
        """The depth that Google's Lens Blur and Pixel cameras write into the XMP, if there is any."""
        from nearfar.photo.jpeg.gdepth import read_gdepth

        return read_gdepth(self)


def open_document(data: Bytes, *, file: str | None = None, limits: Limits | None = None) -> JpegDocument:
    """Read a JPEG's structure; nothing is decoded.

    Raises:
        CorruptFile: the primary image's segments are broken.
        LimitExceeded: the primary picture or the list of images is over a limit.
    """
    limits = limits or Limits()
    primary = read_header(data, file=file)
    frame = primary.frame
    limits.check_pixels(frame.width, frame.height, file=file, offset=frame.offset, what="JPEG picture")
    exif = _first(data, primary, EXIF)
    orientation = _orientation(exif, file)
    index = _read_index(data, primary, limits, file)
    parts = tuple(_find_parts(data, primary, index, limits, file))
    return JpegDocument(
        source=data,
        file=file,
        limits=limits,
        primary=primary,
        index=index,
        secondaries=parts,
        orientation=orientation,
        exif=exif,
        xmp=_first(data, primary, XMP),
        icc=_icc(data, primary),
        images=tuple(_stored_image(data, part, orientation, limits, file) for part in parts),
    )


def _first(data: Bytes, header: Header, kind: tuple[int, bytes]) -> bytes | None:
    segment = next(header.find(data, kind), None)
    return segment.content(data, kind) if segment else None


def _orientation(exif: bytes | None, file: str | None) -> Orientation:
    """Read the Exif orientation from the first directory alone; broken Exif counts as upright."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2]) if exif and len(exif) >= 8 else None
    if exif is None or order is None:
        return Orientation.UP
    tiff = Tiff(exif, order, (), file)
    try:
        directory = read_directory(tiff, "image", struct.unpack_from(order + "I", exif, 4)[0], strict=False)
    except FileError as error:
        _log.warning("Exif is ignored: %s", error)
        return Orientation.UP
    values = tiff.numbers(directory.find(_EXIF_ORIENTATION))
    return Orientation(int(values[0])) if values and values[0] in _ORIENTATIONS else Orientation.UP


def _icc(data: Bytes, header: Header) -> bytes | None:
    """Join the profile's chunks; None for one that is incomplete or of another colour model than RGB."""
    chunks: dict[int, bytes] = {}
    total = 0
    for segment in header.find(data, ICC):
        content = segment.content(data, ICC)
        if len(content) < 2:
            continue
        total = content[1]
        chunks.setdefault(content[0], content[2:])
    if not chunks or sorted(chunks) != list(range(1, total + 1)):
        return None
    profile = b"".join(chunks[number] for number in sorted(chunks))
    return profile if profile[16:20] == b"RGB " and header.frame.components == 3 else None


def _read_index(data: Bytes, primary: Header, limits: Limits, file: str | None) -> mpf.Index | None:
    segment = next(primary.find(data, MPF), None)
    if segment is None:
        return None
    try:
        return mpf.read_index(data, segment, limits=limits, file=file)
    except LimitExceeded:
        raise
    except FileError as error:
        _log.warning("the MPF index is ignored: %s", error)
        return None


def _find_parts(
    data: Bytes, primary: Header, index: mpf.Index | None, limits: Limits, file: str | None
) -> Iterator[Part]:
    """Walk the images after the primary, in file order."""
    places: dict[int, tuple[int, mpf.Entry | None]] = {}
    entries = index.entries[1:] if index else ()
    for number, listed in enumerate(entries, start=1):
        if _begins(data, listed.position, primary.scan):
            places.setdefault(listed.position, (number, listed))
    if index is None or len(places) < len(entries):
        if entries:
            _log.warning("%s: the MPF index points at no image; looking for images instead", file or "JPEG")
        free = len(entries)
        for position in _walk(whole(data), primary, limits, file):
            if position not in places:
                free += 1
                places[position] = (free, None)
    reached = primary.scan  # no image begins in another's header: a hostile index would have all of them read
    for position, (number, entry) in sorted(places.items(), key=lambda place: place[0]):
        if position < reached:
            _log.warning("image %d is left out: it begins inside another", number + 1)
            continue
        try:
            header = read_header(data, position, file=file)
        except FileError as error:
            _log.warning("image %d is left out: %s", number + 1, error)
            reached = error.offset or position
            continue
        reached = header.scan
        yield Part(number, header, entry)


def _begins(data: Bytes, position: int, after: int) -> bool:
    return position > after and data[position : position + 3] == b"\xff\xd8\xff"


def _walk(data: bytes, primary: Header, limits: Limits, file: str | None) -> Iterator[int]:
    """Find images that follow each other without an index: an SOI at the end of the one before."""
    if data.find(b"\xff\xd8\xff", primary.scan) < 0:
        return
    end = find_end(data, primary.scan).end
    count = 1
    while end is not None and data.startswith(b"\xff\xd8\xff", end):
        count += 1
        limits.check_items(count, file=file, offset=end, what="images")
        yield end
        try:
            end = find_end(data, read_header(data, end, file=file).scan).end
        except FileError:
            return


def _stored_image(
    data: Bytes, part: Part, orientation: Orientation, limits: Limits, file: str | None
) -> StoredImage:
    header = part.header
    segment = next(header.find(data, XMP), None)
    packet = segment.content(data, XMP) if segment else None
    packet_at = segment.payload + len(XMP[1]) if segment else header.start
    return StoredImage(
        key=part.number,
        urn=_urn(packet, file, packet_at),
        size=(header.frame.width, header.frame.height),
        orientation=orientation,
        coding="lossless-jpeg" if header.frame.lossless else "jpeg",
        xmp=packet,
        depth_range=None,
        prepare=partial(codec.prepare, data, header, limits=limits, file=file),
        xmp_offset=packet_at,
    )


def _urn(packet: bytes | None, file: str | None, offset: int) -> str:
    """Tell from its XMP what an auxiliary image is; "" where that does not say."""
    if packet is None:
        return ""
    try:
        tags = xmp_packets.parse(packet, file=file, offset=offset).tags
    except FileError as error:
        _log.warning("the XMP of an auxiliary image is ignored: %s", error)
        return ""
    kind, subtype = (
        str(tags.get("apdi:AuxiliaryImageType", "")),
        str(tags.get("apdi:AuxiliaryImageSubType", "")),
    )
    if kind.startswith(("urn:", "tag:")):
        return kind
    if subtype.lower() in _MATTE_URNS:  # mattes call themselves "depth" too
        return _MATTE_URNS[subtype.lower()]
    unlike_depth = subtype or tags.get("apdi:NativeFormat") == _L008
    return DEPTH_URN if kind in ("disparity", "depth") and not unlike_depth else ""
