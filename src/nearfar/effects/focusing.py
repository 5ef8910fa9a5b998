"""What is in focus: from what a user, the file or the picture itself says, to one disparity.

focus=(x, y)          ─┐ the surface at that place
focus=(x, y, w, h)    ─┤ the nearest large surface inside
focus_distance=1.5    ─┼──▶ Focus(disparity=0.667, source="distance", region=None)
"auto"                ─┘ the focus stored by an edit, by the camera; a face, a pet, a person's matte,
                         EXIF's subject; the nearest large surface near the centre
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import DepthKind, DepthMap, MatteKind
from nearfar.effects.focus_surfaces import Box, surface_at, surface_inside, surface_of, surface_standing_out
from nearfar.errors import NoDepth, PhotoError
from nearfar.photo import Edits, FocusPlace, Photo, Region, RegionKind

__all__ = ["Focus", "FocusPlace", "FocusSource", "focus_disparity"]

FocusSource: TypeAlias = Literal[
    "point", "rectangle", "distance", "edit", "focus", "face", "pet", "matte", "subject", "nearest"
]
"""What told where to focus."""


@dataclass(frozen=True, slots=True)
class Focus:
    """The disparity that is in focus, and why.

    Attributes:
        disparity: 1/metre, or the map's own unit where it is not metric.
        source: what told it: "point", "rectangle" or "distance" as asked for; "edit" is the focus of the
            stored edits; "focus", "face", "pet" and "subject" are regions that the file marks; "matte" is a
            person's matte; "nearest" the nearest large surface near the centre.
        region: (x, y, width, height) in 0..1 of the upright picture where the surface was looked for or
            found; None for a distance.
    """

    disparity: float
    source: FocusSource
    region: Box | None = None


def focus_disparity(
    source: Photo | DepthMap,
    focus: FocusPlace | Literal["auto"] | None = None,
    *,
    focus_distance: float | None = None,
) -> Focus:
    """Find the disparity to focus on.

    Args:
        source: a photo, or just a map (which stores no hints).
        focus: (x, y), or (x, y, width, height), in 0..1 from the top left of the upright picture. "auto", and
            None, take the first that there is: the focus of the stored edits, what the file marks as the
            camera's focus, as a face (the largest) or a pet, a person's matte, the subject by EXIF, the
            nearest large surface near the centre. In a hole it is the surface beside it.
        focus_distance: metres along the optical axis, above 0 (inf: the farthest); for metric maps, and
            instead of `focus`. Where accuracy is relative, metres are nominal.

    Raises:
        NoDepth: there is no depth (the message names what there is instead), or none but holes.
        PhotoError: `focus_distance` was given and the map is not metric.
        ValueError: a place outside 0..1, a distance that is none, or both focus and distance.
    """
    place = _checked_place(focus)
    distance = _checked_distance(focus_distance)
    if place is not None and distance is not None:
        raise ValueError("give focus or focus_distance, not both")
    depth = _depth_of(source)
    values = _disparities(source, depth)
    if distance is not None:
        _require_metric(source, depth)
        return Focus(1.0 / distance, "distance")
    if place is not None:
        return Focus(_at(values, place), "point" if len(place) == 2 else "rectangle", _box(place))
    return _automatic(source, values)


def _automatic(source: Photo | DepthMap, values: NDArray[np.float32]) -> Focus:
    """Take the first hint that there is."""
    found = _hinted(source, values) if isinstance(source, Photo) else None
    if found is not None:
        return found
    level, box = surface_standing_out(values)
    return Focus(level, "nearest", box)


def _hinted(photo: Photo, values: NDArray[np.float32]) -> Focus | None:
    """What the file says of its focus."""
    edits = photo.edits
    if edits.focus is not None:
        return Focus(_at(values, edits.focus), "edit", _box(edits.focus))
    if edits.focus_distance is not None and photo.require_depth().metric:
        return Focus(1.0 / edits.focus_distance, "edit")
    marked: dict[RegionKind, Region] = {}
    for region in sorted(photo.regions, key=lambda region: -region.width * region.height):
        marked.setdefault(region.kind, region)
    for kind in (RegionKind.FOCUS, RegionKind.FACE, RegionKind.PET):
        if kind in marked:
            return _on_region(marked[kind], values)
    if MatteKind.PORTRAIT in photo.mattes:
        height, width = values.shape
        covered = photo.mattes[MatteKind.PORTRAIT].resized((width, height)).values > 127
        found = surface_of(values, covered)
        if found is not None:
            return Focus(found[0], "matte", found[1])
    return _on_region(marked[RegionKind.SUBJECT], values) if RegionKind.SUBJECT in marked else None


def _on_region(region: Region, values: NDArray[np.float32]) -> Focus:
    place = region.box if region.width > 0 and region.height > 0 else (region.x, region.y)
    return Focus(_at(values, place), region.kind.value, region.box)


# What was asked for


def _checked_place(focus: FocusPlace | Literal["auto"] | None) -> FocusPlace | None:
    if isinstance(focus, str):
        if focus != "auto":
            raise ValueError(f"focus is (x, y), (x, y, width, height) or 'auto', not {focus!r}")
        return None
    return Edits(focus=focus).focus


def _checked_distance(distance: object) -> float | None:
    if distance is None:
        return None
    if isinstance(distance, bool) or not isinstance(distance, (int, float, np.integer, np.floating)):
        raise TypeError(f"focus_distance is a number of metres, not {distance!r}")
    if not distance > 0:
        raise ValueError(f"focus_distance is a number of metres above 0, not {distance}")
    return float(distance)


def _box(place: tuple[float, ...]) -> Box:
    x, y, *size = place
    width, height = size or (0.0, 0.0)
    return x, y, width, height


# The map


def _at(values: NDArray[np.float32], place: tuple[float, ...]) -> float:
    if len(place) == 2:
        return surface_at(values, place[0], place[1])
    return surface_inside(values, _box(place))


def _depth_of(source: Photo | DepthMap) -> DepthMap:
    if isinstance(source, DepthMap):
        return source
    if not isinstance(source, Photo):
        raise TypeError(f"focus is found in a Photo or a DepthMap, not in {type(source).__name__}")
    return source.require_depth()


def _require_metric(source: Photo | DepthMap, depth: DepthMap) -> None:
    if depth.metric:
        return
    limits = depth.range
    span = "no values" if limits is None else f"values {limits[0]:.4g}..{limits[1]:.4g}"
    name = f"{source.file}: " if isinstance(source, Photo) and source.file else ""
    raise PhotoError(
        f"{name}focus_distance needs depth in metres, and this {depth.kind.value} map has {span} in an "
        "arbitrary unit; give focus=(x, y)"
    )


def _disparities(source: Photo | DepthMap, depth: DepthMap) -> NDArray[np.float32]:
    """Give the map as disparity, NaN in holes and where it is not finite."""
    values = np.array(depth.to(DepthKind.DISPARITY, dtype=np.float32).values)
    values[~np.isfinite(values)] = np.nan
    if np.isnan(values).all():
        file = source.file if isinstance(source, Photo) else None
        name = f"{file}: " if file else ""
        raise NoDepth(
            f"{name}the depth map has no value, only holes", file=file, found="a depth map of holes alone"
        )
    return values
