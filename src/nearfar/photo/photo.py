"""`Photo`: colour with its depth, mattes, metadata and edits.

    opened file ──▶ Contents (lazy, shared) ─┐
                                             ├─▶ State ─▶ Photo ──▶ save
    what was given or changed ───────────────┘

A photo never changes: every ``with_…`` gives a new one that shares what was decoded.
"""

from __future__ import annotations

import dataclasses
import io
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nearfar.depth import DepthMap, Matte, MatteKind, Orientation, StereoPair
from nearfar.errors import NoDepth, PhotoError
from nearfar.files import write_file
from nearfar.photo import writing
from nearfar.photo.aperture import Aperture
from nearfar.photo.checking import by_kind, checked_depth, checked_picture
from nearfar.photo.depth_images import DepthEncoding
from nearfar.photo.edits import UNCHANGED, Edits, FocusPlace, Unchanged
from nearfar.photo.metadata import Metadata
from nearfar.photo.regions import Region, read_regions
from nearfar.photo.state import Given, State, Stored
from nearfar.photo.writing import Container, MetadataPolicy

if TYPE_CHECKING:
    from nearfar.photo.coded_color import CodedColor

__all__ = ["Photo"]

_SUFFIXES: dict[str, Container] = {
    ".heic": "heic",
    ".heif": "heic",
    ".hif": "heic",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
}


class Photo:
    """A photo with depth, opened by `nearfar.open` or made from arrays.

    It can be pickled; an opened one takes the whole of its file along.

    Args:
        color: the picture, (H, W, 3) uint8, upright; (H, W) is taken as gray.
        depth: its depth map, upright, of the same field of view (any resolution).
        mattes: mattes of subjects, as a mapping by kind or just the mattes.
        metadata: EXIF and XMP to go with it; its colour profile is left out, for `icc` says it.
        edits: aperture and focus to store; they need depth.
        icc: the picture's colour profile; None means sRGB.

    Raises:
        ValueError: the picture's shape or type is wrong, or the depth map's aspect ratio is another.
        NoDepth: edits were given without depth.
    """

    __slots__ = ("_color", "_lock", "_state")

    _state: State
    _color: NDArray[np.uint8] | None
    _lock: threading.RLock

    def __init__(
        self,
        color: ArrayLike,
        depth: DepthMap | None = None,
        mattes: Mapping[MatteKind, Matte] | Iterable[Matte] = (),
        *,
        metadata: Metadata | None = None,
        edits: Edits | None = None,
        icc: bytes | None = None,
    ) -> None:
        picture = Given(checked_picture(color), icc)
        edits = edits or Edits()
        if edits and depth is None:
            raise NoDepth("edits are stored with the depth map, and no depth was given")
        depth = checked_depth(depth, picture.size)
        about = dataclasses.replace(metadata or Metadata(), icc=icc)
        self._begin(State(picture, depth, by_kind(mattes), about, edits, edits.as_shot()))

    def _begin(self, state: State) -> None:
        self._state = state
        self._lock = threading.RLock()
        picture = state.picture
        self._color = picture.color if isinstance(picture, Given) and picture.icc is None else None

    @classmethod
    def of(cls, state: State) -> Photo:
        """Give the photo that is made of these parts; `nearfar.open` is the way for users."""
        photo = cls.__new__(cls)
        photo._begin(state)
        return photo

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).of, (self._state,)

    def _changed(self, **parts: Any) -> Photo:
        photo = Photo.of(dataclasses.replace(self._state, **parts))
        photo._color = self._color
        return photo

    # What it holds

    @property
    def file(self) -> str | None:
        """The name of the file it was opened from."""
        return self._state.file

    @property
    def container(self) -> Container | None:
        """The container of an opened photo, "heic" or "jpeg"; None for one made from arrays."""
        contents = self._state.contents
        return None if contents is None else contents.document.container

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the upright picture in pixels."""
        return self._state.picture.size

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
                self._color = cast("NDArray[np.uint8]", picture.view())
            return self._color

    def color_as(self, space: str = "srgb", dtype: str = "uint8", gain_map: bool = False) -> NDArray[Any]:
        """Give the upright picture in another colour space, depth of sample or dynamic range.

        Args:
            space: "srgb", "display-p3", "linear-srgb" or "linear-display-p3".
            dtype: "uint8", "uint16" or "float32" (1.0 is the white of the standard-range picture).
            gain_map: apply the photo's HDR gain map; takes "float32", for values go above 1 (in the spaces
                that are not linear, along sRGB's curve extended). A photo without a gain map stays as it is.

        Returns:
            (H, W, 3) array of its own memory.

        Raises:
            ValueError: an unknown space or dtype, or a gain map asked for in integers.
            FileError: the coded picture is broken.
        """
        from nearfar.photo import color

        picture = self._state.picture
        if isinstance(picture, Stored):
            return color.photo_color(picture.contents, space=space, dtype=dtype, gain_map=gain_map)
        color.check_request(space, dtype, gain_map)
        converted = color.convert(picture.color, picture.icc, space=space, dtype=dtype)
        return converted.copy() if converted is picture.color else converted

    def unblurred(self) -> CodedColor:
        """Give the upright picture to render an effect from: in its own colour space, decoded anew.

        Where the file keeps a picture from before a blur of its own, as Android's Lens Blur does, it is that.

        Raises:
            FileError: the coded picture is broken.
        """
        from nearfar.photo.coded_color import CodedColor

        picture = self._state.picture
        if isinstance(picture, Stored):
            return picture.contents.unblurred()
        return CodedColor.of(picture.color, picture.icc)

    def gain(self) -> NDArray[np.float32] | None:
        """Give by how much a bright display brightens each part of the picture; None without a gain map.

        Returns:
            (h, w) or (h, w, 3) factors of linear light, 1 or more as a rule, in the map's own size. The
            small offsets that an ISO 21496-1 map adds to the light beforehand are left out.

        Raises:
            UnsupportedFile: the file does not say how to apply its gain map.
            FileError: the coded map is broken.
        """
        contents = self._state.contents
        if contents is None or contents.gain_map_image is None:
            return None
        from nearfar.photo.color import gain_factors

        return gain_factors(contents)

    @property
    def depth(self) -> DepthMap | None:
        """The depth map, upright and aligned with the picture, or None. Decoded on first use, then kept.

        Maps stored as 8-bit codes come as float32, 16-bit ones as float16 with NaN in their holes.

        Raises:
            FileError: the coded map is broken.
        """
        return self._state.depth

    @property
    def has_depth(self) -> bool:
        """Whether there is a depth map; decodes nothing."""
        return self._state.has_depth

    def require_depth(self) -> DepthMap:
        """Give the depth map, to who cannot do without.

        Raises:
            NoDepth: there is none; the message names what the photo has instead.
            FileError: the coded map is broken.
        """
        depth = self.depth
        if depth is None:
            found = self._state.found()
            name = f"{self.file}: " if self.file else ""
            raise NoDepth(f"{name}the photo has no depth map, but {found}", file=self.file, found=found)
        return depth

    @property
    def depth_tags(self) -> Mapping[str, Any]:
        """Every tag that the file keeps with its depth map, as written; empty for a map given in memory.

        Names are "prefix:Name", such as "depthData:DepthDataVersion", "apdi:NativeFormat" or
        "depthBlurEffect:RenderingParameters"; values are texts, or tuples of texts for lists.

        Raises:
            FileError: the tags are broken.
        """
        header = self._state.depth_header
        return {} if header is None else dict(header.packet)

    @property
    def mattes(self) -> Mapping[MatteKind, Matte]:
        """The mattes by kind, upright; each decodes when it is looked up."""
        return self._state.mattes

    @property
    def edits(self) -> Edits:
        """The stored edits; what is not stored is None in it."""
        return self._state.edits

    @property
    def stereo(self) -> StereoPair | None:
        """The two pictures of a spatial photo with their cameras, or None."""
        contents = self._state.contents
        return None if contents is None else contents.stereo()

    @property
    def has_gain_map(self) -> bool:
        """Whether the file carries an HDR gain map."""
        return self._state.has_gain_map

    @property
    def metadata(self) -> Metadata:
        """EXIF, XMP and colour profile."""
        return self._state.metadata

    @property
    def regions(self) -> tuple[Region, ...]:
        """What the file says of where its subject is: focus, faces, pets; those of XMP, then EXIF's.

        Of the upright picture. Nothing is decoded or detected here; damaged regions are left out.
        """
        contents = self._state.contents
        turned = Orientation.UP if contents is None else contents.document.orientation
        return read_regions(self.metadata, self.size, turned)

    # What can be changed

    def with_edits(
        self,
        *,
        f_number: float | Unchanged | None = UNCHANGED,
        focus: FocusPlace | Unchanged | None = UNCHANGED,
        focus_distance: float | Unchanged | None = UNCHANGED,
        shape: Aperture | Unchanged | None = UNCHANGED,
    ) -> Photo:
        """Give the photo with other stored edits; picture and depth are untouched.

        What is not given stays, and so does the version of the look (`Edits.renderer`).

        Args:
            f_number: simulated aperture in 35 mm terms; None takes it out.
            focus: (x, y) or (x, y, width, height) in 0..1 from the top left of the upright picture; None
                takes it out.
            focus_distance: metres, instead of `focus`; None takes it out.
            shape: shape of the aperture; None makes it a disc again.

        Raises:
            NoDepth: the photo has no depth to keep edits with.
            PhotoError: `focus_distance` for depth without a unit.
            ValueError: a value is out of range, or both kinds of focus were given.
        """
        self._require_place_for_edits()
        edits = self.edits.changed(f_number, focus, focus_distance, shape)
        if edits.focus_distance is not None and not self._state.metric:
            name = f"{self.file}: " if self.file else ""
            raise PhotoError(
                f"{name}focus_distance needs depth in metres, and the unit of this map is arbitrary; "
                "give focus=(x, y)"
            )
        return self._changed(edits_part=edits)

    def without_edits(self) -> Photo:
        """Give the photo as it was shot: with the aperture that the camera wrote, and no other edit.

        Saved in its own container, the depth image's tags are byte for byte what they were before nearfar's
        first edit. Other programs' edits stay.

        Raises:
            NoDepth: the photo has no depth, and so no edits.
        """
        self._require_place_for_edits()
        return self._changed(edits_part=self._state.shot)

    def _require_place_for_edits(self) -> None:
        if not self._state.has_depth:
            found = self._state.found()
            name = f"{self.file}: " if self.file else ""
            raise NoDepth(
                f"{name}edits are stored with the depth map, and this photo has {found}",
                file=self.file,
                found=found,
            )

    def with_depth(self, depth: DepthMap | None) -> Photo:
        """Give the photo with another depth map, or without depth (and then without edits).

        Raises:
            ValueError: the map's aspect ratio is not the picture's.
        """
        if depth is None:
            return self._changed(depth_part=None, edits_part=Edits(), shot_part=Edits())
        if depth is self._state.known_depth:
            return self
        return self._changed(
            depth_part=checked_depth(depth, self.size), edits_part=self.edits, shot_part=self._state.shot
        )

    def with_mattes(self, mattes: Mapping[MatteKind, Matte] | Iterable[Matte]) -> Photo:
        """Give the photo with exactly these mattes; those taken from `mattes` stay as they are coded."""
        return self._changed(mattes_part=by_kind(mattes))

    def with_metadata(self, metadata: Metadata) -> Photo:
        """Give the photo with other EXIF and XMP; the colour profile stays the picture's own."""
        profile = self.metadata.icc
        return self._changed(metadata_part=dataclasses.replace(metadata, icc=profile))

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

        An opened photo saved in its own container keeps its coded picture byte for byte, and every item,
        group and tag that nearfar does not know. Otherwise everything is coded anew, upright; what cannot be
        kept is said in a `LossWarning`. The old file is replaced at once or not at all, and a new one is
        private to the user (mode 0600).

        Args:
            file: path (the suffix tells the container), or a binary file, which needs ``container``.
            container: "heic" or "jpeg".
            metadata: "no-location" leaves out where the photo was taken, in EXIF, XMP and IPTC of all
                pictures. Parts that nearfar cannot look into (a movie, vendors' data) are kept when the file
                is edited, and named in a `PrivacyWarning`.
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
            known = ", ".join(_SUFFIXES)
            raise ValueError(f"cannot tell the container: name the file {known}, or give container=")
        pieces = writing.file_pieces(
            self._state,
            container,
            metadata=metadata,
            depth_encoding=depth_encoding,
            color_quality=color_quality,
        )
        if isinstance(file, (str, os.PathLike)):
            write_file(file, pieces, private=True)
        else:
            for piece in pieces:
                file.write(piece)

    def file_data(self, container: Container | None = None, **options: Any) -> bytes:
        """Give the bytes that `save` would write, with its options; by default in the photo's own container.

        A photo made from arrays becomes HEIC.
        """
        buffer = io.BytesIO()
        self.save(buffer, container=container or self.container or "heic", **options)
        return buffer.getvalue()

    # How it shows itself

    def summary(self, *, location: bool = False) -> dict[str, Any]:
        """Say what is inside, as plain data: what ``nearfar info --json`` prints. Nothing is decoded.

        Args:
            location: add where it was taken, under "location" (None where the photo does not say).

        Raises:
            FileError: the depth image's tags are broken.
        """
        from nearfar.photo.summary import summarize

        return summarize(self._state, location=location)

    def __repr__(self) -> str:
        width, height = self.size
        parts = [f"{width}×{height}", self.container or "from arrays"]
        parts.append("with depth" if self._state.has_depth else "no depth")
        parts.extend(f"{kind.value} matte" for kind in self.mattes)
        parts.extend(["gain map"] if self.has_gain_map else [])
        return f"Photo({', '.join(parts)})"

    def _repr_png_(self) -> bytes:
        from nearfar.photo.preview import preview_png

        return preview_png(self)
