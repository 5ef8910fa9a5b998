"""What an opened file holds, decoded when first asked for and then kept.

Several photos may share one `Contents`: an edited photo keeps the decoded picture of the one it came from.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from numpy.typing import NDArray

from nearfar.depth import DepthMap, Matte, MatteKind, StereoPair
from nearfar.photo import depth_images
from nearfar.photo.auxiliary import CONFIDENCE_URN, Document, StoredImage
from nearfar.photo.depth_images import DepthHeader
from nearfar.photo.edits import Edits
from nearfar.photo.google_depth import gdepth_header, read_gdepth_map
from nearfar.photo.metadata import Metadata
from nearfar.photo.threads import beside

if TYPE_CHECKING:
    from nearfar.photo.coded_color import CodedColor
    from nearfar.photo.jpeg.gdepth import GDepth

__all__ = ["Contents"]

T = TypeVar("T")


class Contents:
    """The lazy, cached and thread-safe view of a `Document`."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._lock = threading.RLock()
        self._cache: dict[str, Any] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        from nearfar.photo.opening import reopened

        return reopened, (self.document.data, self.file, self.document.limits)

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._cache:
                self._cache[name] = make()
            value: T = self._cache[name]
            return value

    @property
    def file(self) -> str | None:
        """The file's name."""
        return self.document.file

    def hold(self) -> None:
        """Read the whole file into memory, before its name may be given to another one."""
        self._once("file", lambda: self.document.data)

    def _first(self, test: Callable[[StoredImage], bool]) -> StoredImage | None:
        return next((image for image in self.document.images if test(image)), None)

    @property
    def depth_image(self) -> StoredImage | None:
        """The stored depth map."""
        return self._first(depth_images.is_depth)

    @property
    def gdepth(self) -> GDepth | None:
        """The GDepth record of an Android JPEG."""
        return self._once("gdepth", lambda: getattr(self.document, "gdepth", None))

    @property
    def confidence_image(self) -> StoredImage | None:
        """The stored confidence of the depth map."""
        return self._first(lambda image: image.urn == CONFIDENCE_URN)

    @property
    def gain_map_image(self) -> StoredImage | None:
        """The stored HDR gain map."""
        return self._first(depth_images.is_gain_map)

    @property
    def matte_images(self) -> dict[MatteKind, StoredImage]:
        """The stored mattes by kind."""
        found: dict[MatteKind, StoredImage] = {}
        for image in self.document.images:
            kind = depth_images.matte_kind(image)
            if kind is not None:
                found.setdefault(kind, image)
        return found

    def depth_header(self) -> DepthHeader | None:
        """What is said of the depth map, without decoding it."""
        return self._once("header", self._read_header)

    def _read_header(self) -> DepthHeader | None:
        image = self.depth_image
        if image is not None:
            return depth_images.depth_header(image, file=self.file)
        record = self.gdepth
        return None if record is None else gdepth_header(record)

    def depth(self) -> DepthMap | None:
        """The decoded depth map, upright."""
        return self._once("depth", self._read_depth)

    @property
    def decoded_depth(self) -> DepthMap | None:
        """The depth map if it is decoded already."""
        found: DepthMap | None = self._cache.get("depth")
        return found

    def _read_depth(self) -> DepthMap | None:
        image = self.depth_image
        if image is None:
            header, record = self.depth_header(), self.gdepth
            return None if header is None or record is None else read_gdepth_map(header, record)
        if "header" in self._cache:
            header, samples = self._cache["header"], image.decode()
        else:
            header, samples = self._header_and_samples(image)
            self._cache["header"] = header
        return depth_images.read_depth(header, samples, confidence=self.confidence_image, file=self.file)

    def _header_and_samples(self, image: StoredImage) -> tuple[DepthHeader, NDArray[Any]]:
        """Read the tags on another thread, while this one decodes without the interpreter."""
        decode = image.prepare()
        reading = beside(partial(depth_images.depth_header, image, file=self.file))
        try:
            samples = decode()
        finally:
            header = reading.result()
        return header, samples

    @property
    def mattes(self) -> Mapping[MatteKind, Matte]:
        """The mattes by kind; each decodes when it is looked up."""
        return _StoredMattes(self)

    def matte(self, kind: MatteKind) -> Matte:
        """One decoded matte, upright. KeyError where the file has none of that kind."""
        image = self.matte_images[kind]
        return self._once(f"matte {kind.value}", lambda: depth_images.read_matte(image, kind))

    def edits(self) -> Edits:
        """The stored edits."""
        header = self.depth_header()
        return Edits() if header is None else Edits.from_tags(header.packet)

    def shot(self) -> Edits:
        """What the camera wrote where edits stand now."""
        header = self.depth_header()
        return Edits() if header is None else Edits.shot_from_tags(header.packet)

    def metadata(self) -> Metadata:
        """EXIF, XMP and colour profile as stored."""
        document = self.document
        return self._once(
            "metadata", lambda: Metadata(exif=document.exif, xmp=document.xmp, icc=document.icc)
        )

    def native_color(self) -> NDArray[Any]:
        """The upright picture in its own colour space; decoded anew at each call, since it is large."""
        return self.document.decode_color()

    def unblurred(self) -> CodedColor:
        """The upright picture in its own colour space; that from before its blur where the file keeps it."""
        from nearfar.photo.coded_color import CodedColor
        from nearfar.photo.google_depth import read_original

        record = self.gdepth
        original = None if record is None else read_original(record, self.document.size)
        codes, icc = (self.native_color(), None) if original is None else original
        nclx = getattr(self.document, "nclx", None)  # JPEG files have none
        points = None if nclx is None else (nclx.primaries, nclx.transfer)
        return CodedColor.of(codes, icc or self.document.icc, points)

    def stereo(self) -> StereoPair | None:
        """The stereo pair of a spatial photo, decoded, in 8-bit sRGB."""
        stored = self.document.stereo
        if stored is None:
            return None
        from nearfar.photo.color import convert_from

        def make() -> StereoPair:
            left, right = (convert_from(self.document, decode()) for decode in (stored.left, stored.right))
            return StereoPair(left, right, stored.rig)

        return self._once("stereo", make)


class _StoredMattes(Mapping[MatteKind, Matte]):
    """The mattes of a file, decoded as they are looked up."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def __getitem__(self, kind: MatteKind) -> Matte:
        return self._contents.matte(kind)

    def __iter__(self) -> Iterator[MatteKind]:
        return iter(self._contents.matte_images)

    def __len__(self) -> int:
        return len(self._contents.matte_images)
