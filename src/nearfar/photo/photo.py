"""`Photo`: colour with its depth, mattes, metadata and edits.

    opened file ──▶ Contents (lazy, shared) ─┐
                                             ├─▶ Photo ──▶ save
    what was given or changed ───────────────┘

A photo never changes: every ``with_…`` gives a new one that shares what was decoded.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth import DepthMap, Matte, MatteKind, StereoPair
from nearfar.errors import NoDepth
from nearfar.photo import writing
from nearfar.photo.auxiliary import KEEP, Keep
from nearfar.photo.contents import Contents
from nearfar.photo.depth_images import DepthEncoding
from nearfar.photo.edits import UNCHANGED, Edits, Unchanged
from nearfar.photo.metadata import Metadata
from nearfar.photo.saving import write_atomically
from nearfar.photo.writing import Container, MetadataPolicy

__all__ = ["Photo"]

_SUFFIXES: dict[str, Container] = {
    ".heic": "heic",
    ".heif": "heic",
    ".hif": "heic",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
}
_ASPECT_SLACK = 0.02
"""How far the depth map's aspect ratio may be from the picture's: phones' own differ by under 1 %."""


class Photo:
    """A photo with depth, opened by `nearfar.open` or made from arrays.

    Args:
        color: the picture, (H, W, 3) uint8 sRGB, upright; (H, W) is taken as gray.
        depth: its depth map, upright, of the same field of view (any resolution).
        mattes: mattes of subjects, as a mapping by kind or just the mattes.
        metadata: EXIF and XMP to go with it.
        edits: aperture and focus to store; they need depth.

    Raises:
        ValueError: the picture's shape or type is wrong, or the depth map's aspect ratio is not the picture's.
        NoDepth: edits were given without depth.
    """

    __slots__ = ("_color", "_contents", "_depth", "_edits", "_lock", "_mattes", "_metadata")

    _contents: Contents | None
    _color: NDArray[np.uint8] | None
    _depth: DepthMap | None | Keep
    _mattes: Mapping[MatteKind, Matte] | Keep
    _metadata: Metadata | Keep
    _edits: Edits | Keep

    def __init__(
        self,
        color: ArrayLike,
        depth: DepthMap | None = None,
        mattes: Mapping[MatteKind, Matte] | Iterable[Matte] = (),
        *,
        metadata: Metadata | None = None,
        edits: Edits | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self._contents = None
        self._color = _picture(color)
        self._depth = _checked_depth(depth, self.size)
        self._mattes = _by_kind(mattes)
        self._metadata = metadata or Metadata()
        self._edits = edits or Edits()
        if self._edits and depth is None:
            raise NoDepth("edits are stored with the depth map, and no depth was given")

    @classmethod
    def _of(cls, contents: Contents) -> Photo:
        photo = cls.__new__(cls)
        photo._lock = threading.RLock()
        photo._contents = contents
        photo._color = None
        photo._depth = photo._mattes = photo._metadata = photo._edits = KEEP
        return photo

    def _changed(self, **fields: Any) -> Photo:
        photo = Photo.__new__(Photo)
        photo._lock = threading.RLock()
        for name in Photo.__slots__:
            if name != "_lock":
                setattr(photo, name, fields.get(name, getattr(self, name)))
        return photo

    # What it holds

    @property
    def file(self) -> str | None:
        """The name of the file it was opened from."""
        return None if self._contents is None else self._contents.file

    @property
    def container(self) -> Container | None:
        """"heic" or "jpeg" for an opened photo, None for one made from arrays."""
        return None if self._contents is None else self._contents.document.container

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the upright picture in pixels."""
        if self._contents is not None:
            return self._contents.document.size
        height, width = cast("NDArray[np.uint8]", self._color).shape[:2]
        return width, height

    @property
    def color(self) -> NDArray[np.uint8]:
        """The picture, (H, W, 3) uint8, upright, sRGB, read-only. Decoded on first use, then kept.

        Raises:
            FileError: the coded picture is broken.
        """
        with self._lock:
            if self._color is None:
                picture = self.color_as("srgb", "uint8")
                picture.flags.writeable = False
                self._color = cast("NDArray[np.uint8]", picture)
            return self._color

    def color_as(self, space: str = "srgb", dtype: str = "uint8", gain_map: bool = False) -> NDArray[Any]:
        """Give the upright picture in another colour space, depth of sample or dynamic range.

        Args:
            space: "srgb", "display-p3", "linear-srgb" or "linear-display-p3".
            dtype: "uint8", "uint16" or "float32" (1.0 is the white of the standard-range picture).
            gain_map: apply the photo's HDR gain map; takes a linear space and "float32", and gives values
                above 1. A photo without a gain map stays as it is.

        Returns:
            (H, W, 3) array of its own memory.

        Raises:
            ValueError: an unknown space or dtype, or a gain map asked for in a space that cannot hold it.
            FileError: the coded picture is broken.
        """
        from nearfar.photo import color

        if self._contents is None:
            return color.convert(cast("NDArray[np.uint8]", self._color), None, space=space, dtype=dtype)
        return color.photo_color(self._contents, space=space, dtype=dtype, gain_map=gain_map)

    @property
    def depth(self) -> DepthMap | None:
        """The depth map, upright and aligned with the picture, or None. Decoded on first use, then kept.

        Maps that the file holds as 8-bit codes come as float32, 16-bit ones as float16 with NaN in their holes.

        Raises:
            FileError: the coded map is broken.
        """
        if not isinstance(self._depth, Keep):
            return self._depth
        return cast(Contents, self._contents).depth()

    @property
    def mattes(self) -> Mapping[MatteKind, Matte]:
        """The mattes by kind, upright; each decodes when it is looked up."""
        if not isinstance(self._mattes, Keep):
            return self._mattes
        return _StoredMattes(cast(Contents, self._contents))

    @property
    def edits(self) -> Edits:
        """The stored edits; what is not stored is None in it."""
        if not isinstance(self._edits, Keep):
            return self._edits
        return cast(Contents, self._contents).edits()

    @property
    def stereo(self) -> StereoPair | None:
        """The two pictures of a spatial photo with their cameras, or None."""
        return None if self._contents is None else self._contents.stereo()

    @property
    def has_gain_map(self) -> bool:
        """Whether the file carries an HDR gain map."""
        return self._contents is not None and self._contents.gain_map_image is not None

    @property
    def metadata(self) -> Metadata:
        """EXIF, XMP and colour profile."""
        if not isinstance(self._metadata, Keep):
            return self._metadata
        return cast(Contents, self._contents).metadata()

    # What can be changed

    def with_edits(
        self,
        *,
        f_number: float | None | Unchanged = UNCHANGED,
        focus: tuple[float, float] | None | Unchanged = UNCHANGED,
    ) -> Photo:
        """Give the photo with other stored edits; picture and depth are untouched.

        Args:
            f_number: simulated aperture in 35 mm terms; None takes it out.
            focus: (x, y) in 0..1 from the top left of the upright picture; None takes it out.

        Raises:
            NoDepth: the photo has no depth to keep edits with.
            ValueError: a value is out of range.
        """
        if not self._has_depth():
            raise NoDepth(
                "edits are stored with the depth map, and this photo has none", file=self.file, found=self._found()
            )
        return self._changed(_edits=self.edits.changed(f_number, focus))

    def with_depth(self, depth: DepthMap | None) -> Photo:
        """Give the photo with another depth map, or without depth (and then without edits).

        Raises:
            ValueError: the map's aspect ratio is not the picture's.
        """
        if depth is None:
            return self._changed(_depth=None, _edits=Edits())
        if depth is self.depth:
            return self
        return self._changed(_depth=_checked_depth(depth, self.size))

    def with_mattes(self, mattes: Mapping[MatteKind, Matte] | Iterable[Matte]) -> Photo:
        """Give the photo with exactly these mattes; those taken from `mattes` stay as they are coded."""
        return self._changed(_mattes=_by_kind(mattes))

    def with_metadata(self, metadata: Metadata) -> Photo:
        """Give the photo with other EXIF and XMP."""
        return self._changed(_metadata=metadata)

    # Out again

    def save(
        self,
        file: str | os.PathLike[str] | BinaryIO,
        *,
        container: Container | None = None,
        metadata: MetadataPolicy = "keep",
        depth_encoding: DepthEncoding = "auto",
        color_quality: int | None = None,
    ) -> None:
        """Save the photo with all that it carries.

        An opened photo saved in its own container keeps its coded picture byte for byte, and every item, group
        and tag that nearfar does not know. Otherwise everything is coded anew, upright; what cannot be kept is
        said in a `LossWarning`. The old file is replaced at once or not at all.

        Args:
            file: path (the suffix tells the container), or a binary file, which needs ``container``.
            container: "heic" or "jpeg".
            metadata: "no-location" leaves out where the photo was taken.
            depth_encoding: "8-bit" fills holes first, "16-bit" is lossless half floats, "auto" takes 16 bits
                where there are holes or infinite values.
            color_quality: 1..100 for a picture that is coded anew.

        Raises:
            ValueError: the suffix names no container, or an option is out of range.
            OSError: the file cannot be written; an old one is untouched.
        """
        if container is None and isinstance(file, (str, os.PathLike)):
            container = _SUFFIXES.get(Path(file).suffix.lower())
        if container is None:
            raise ValueError(f"cannot tell the container: name the file {', '.join(_SUFFIXES)}, or give container=")
        pieces = writing.file_pieces(
            self, container, metadata=metadata, depth_encoding=depth_encoding, color_quality=color_quality
        )
        if isinstance(file, (str, os.PathLike)):
            write_atomically(file, pieces)
        else:
            for piece in pieces:
                file.write(piece)

    def file_data(self, container: Container = "heic", **options: Any) -> bytes:
        """Give the bytes that `save` would write, with its options."""
        buffer = io.BytesIO()
        self.save(buffer, container=container, **options)
        return buffer.getvalue()

    # How it shows itself

    def __repr__(self) -> str:
        width, height = self.size
        parts = [f"{width}×{height}", self.container or "from arrays"]
        parts.append("with depth" if self._has_depth() else "no depth")
        parts.extend(f"{kind.value} matte" for kind in self.mattes)
        parts.extend(["gain map"] if self.has_gain_map else [])
        return f"Photo({', '.join(parts)})"

    def _repr_png_(self) -> bytes:
        from nearfar.photo.preview import preview_png

        return preview_png(self)

    def _has_depth(self) -> bool:
        if not isinstance(self._depth, Keep):
            return self._depth is not None
        return cast(Contents, self._contents).depth_image is not None

    def _found(self) -> str:
        """Say what the photo has instead of depth."""
        found = [f"a {kind.value} matte" for kind in self.mattes]
        found.extend(["an HDR gain map"] if self.has_gain_map else [])
        if self._contents is not None and self._contents.document.stereo is not None:
            found.append("a stereo pair")
        return ", ".join(found) or "only the picture"


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


def _picture(color: ArrayLike) -> NDArray[np.uint8]:
    array = np.asarray(color)
    if array.ndim == 2:
        array = np.repeat(array[:, :, None], 3, axis=2)
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8 or array.size == 0:
        raise ValueError(f"color is {array.dtype} {array.shape}, not a picture of (H, W, 3) uint8 sRGB")
    kept = np.array(array, order="C")
    kept.flags.writeable = False
    return kept


def _checked_depth(depth: DepthMap | None, size: tuple[int, int]) -> DepthMap | None:
    if depth is None:
        return None
    if not isinstance(depth, DepthMap):
        raise TypeError(f"depth must be a DepthMap, not {type(depth).__name__}")
    width, height = size
    slack = max(_ASPECT_SLACK, 1.0 / depth.width + 1.0 / depth.height)
    if abs(depth.width * height / (depth.height * width) - 1) > slack:
        raise ValueError(
            f"the depth map is {depth.width}×{depth.height} and the picture {width}×{height}: "
            "they must show the same field of view; crop one of them first"
        )
    return depth


def _by_kind(mattes: Mapping[MatteKind, Matte] | Iterable[Matte]) -> Mapping[MatteKind, Matte]:
    if isinstance(mattes, Mapping):
        wrong = [kind for kind, matte in mattes.items() if matte.kind is not kind]
        if wrong:
            raise ValueError(f"the matte under {wrong[0]} is of kind {mattes[wrong[0]].kind}")
        return dict(mattes)
    return {matte.kind: matte for matte in mattes}
