"""What a photo is made of: the file it came from, and what was given or changed since.

A part that is `KEEP` stands as the file has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from nearfar.depth import Calibration, DepthMap, Matte, MatteKind
from nearfar.photo.auxiliary import Keep
from nearfar.photo.checking import checked_picture
from nearfar.photo.contents import Contents
from nearfar.photo.depth_images import DepthHeader
from nearfar.photo.edits import Edits
from nearfar.photo.metadata import Metadata

__all__ = ["Given", "State", "Stored"]


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """The picture of a photo made from arrays: (H, W, 3) uint8, upright, read-only; without profile, sRGB."""

    color: NDArray[Any]
    icc: bytes | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _given, (self.color, self.icc)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        height, width = self.color.shape[:2]
        return width, height


def _given(color: NDArray[Any], icc: bytes | None) -> Given:
    """Give the picture of a pickled photo, read-only as it was."""
    return Given(checked_picture(color), icc)


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """The picture of a photo that lies in a file."""

    contents: Contents

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the upright picture in pixels."""
        return self.contents.document.size


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """All that makes a photo; only a `Stored` picture may have parts that are kept."""

    picture: Given | Stored
    depth_part: DepthMap | Keep | None
    mattes_part: Mapping[MatteKind, Matte] | Keep
    metadata_part: Metadata | Keep
    edits_part: Edits | Keep
    shot_part: Edits | Keep

    @property
    def contents(self) -> Contents | None:
        """What the file holds, for a photo that came from one."""
        return self.picture.contents if isinstance(self.picture, Stored) else None

    @property
    def _file(self) -> Contents:
        assert isinstance(self.picture, Stored), "a photo made from arrays keeps nothing"
        return self.picture.contents

    @property
    def file(self) -> str | None:
        """The file's name."""
        return self.contents.file if self.contents is not None else None

    @property
    def depth(self) -> DepthMap | None:
        """The depth map, decoded where it must be."""
        return self._file.depth() if isinstance(self.depth_part, Keep) else self.depth_part

    @property
    def known_depth(self) -> DepthMap | None:
        """The depth map where it was given or is decoded already; decodes nothing."""
        return self._file.decoded_depth if isinstance(self.depth_part, Keep) else self.depth_part

    @property
    def depth_header(self) -> DepthHeader | None:
        """What the file says of the depth map; None where there is none or another one was given."""
        return self._file.depth_header() if isinstance(self.depth_part, Keep) else None

    @property
    def calibration(self) -> Calibration | None:
        """The calibration of the depth map; decodes nothing."""
        if isinstance(self.depth_part, Keep):
            header = self.depth_header
            return None if header is None else header.calibration
        return None if self.depth_part is None else self.depth_part.calibration

    @property
    def has_depth(self) -> bool:
        """Whether there is a depth map; decodes nothing."""
        if isinstance(self.depth_part, Keep):
            return self._file.depth_image is not None or self._file.gdepth is not None
        return self.depth_part is not None

    @property
    def mattes(self) -> Mapping[MatteKind, Matte]:
        """The mattes; those of the file decode when they are looked up."""
        return self._file.mattes if isinstance(self.mattes_part, Keep) else self.mattes_part

    @property
    def matte_sizes(self) -> dict[MatteKind, tuple[int, int]]:
        """(width, height) of each matte; decodes nothing."""
        if not isinstance(self.mattes_part, Keep):
            return {kind: (matte.width, matte.height) for kind, matte in self.mattes_part.items()}
        images = self._file.matte_images
        return {kind: image.orientation.oriented_size(image.size) for kind, image in images.items()}

    @property
    def metadata(self) -> Metadata:
        """EXIF, XMP and colour profile."""
        return self._file.metadata() if isinstance(self.metadata_part, Keep) else self.metadata_part

    @property
    def edits(self) -> Edits:
        """The edits; what is not stored is None in them."""
        return self._file.edits() if isinstance(self.edits_part, Keep) else self.edits_part

    @property
    def shot(self) -> Edits:
        """What the camera wrote where edits stand now."""
        return self._file.shot() if isinstance(self.shot_part, Keep) else self.shot_part

    @property
    def metric(self) -> bool:
        """Whether the depth map has a unit; decodes nothing."""
        if isinstance(self.depth_part, Keep):
            header = self.depth_header
            return header is not None and header.metric
        return self.depth_part is not None and self.depth_part.metric

    @property
    def has_gain_map(self) -> bool:
        """Whether the file carries an HDR gain map."""
        return self.contents is not None and self.contents.gain_map_image is not None

    @property
    def has_stereo_pair(self) -> bool:
        """Whether the file carries a second picture for the other eye; decodes nothing."""
        return self.contents is not None and self.contents.document.stereo is not None

    def found(self) -> str:
        """Say in words what the photo has besides depth."""
        found = [f"a {kind.value} matte" for kind in self.mattes]
        found.extend(["an HDR gain map"] if self.has_gain_map else [])
        found.extend(["a stereo pair"] if self.has_stereo_pair else [])
        return ", ".join(found) or "only the picture"
