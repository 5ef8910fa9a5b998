"""What is inside a photo, as plain data: what ``nearfar info --json`` prints.

Nothing is decoded: the answers come from headers and tags.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nearfar.depth import Calibration, DepthMap
from nearfar.photo.auxiliary import Keep
from nearfar.photo.depth_images import DepthHeader
from nearfar.photo.photo import Photo

__all__ = ["summarize"]


def summarize(photo: Photo, *, location: bool = False) -> dict[str, Any]:
    """Describe a photo.

    Args:
        location: add where it was taken, under "location" (None where the photo does not say).

    Returns:
        "file", "container", "format", "device", "color", "depth", "mattes", "gain_map", "stereo_pair" and
        "edits", of plain JSON types. Under "depth", "min" and "max" are the stored range (1/metre or metres),
        and "holes" is a share 0..1, None unless the map was decoded.

    Raises:
        FileError: the depth image's tags are broken.
    """
    width, height = photo.size
    edits = photo.edits
    depth = _depth(photo)
    stereo = photo._contents is not None and photo._contents.document.stereo is not None
    summary: dict[str, Any] = {
        "file": photo.file,
        "container": photo.container,
        "format": "apple" if depth is not None else None,
        "device": photo.metadata.device,
        "color": {"width": width, "height": height},
        "depth": depth,
        "mattes": _mattes(photo),
        "gain_map": photo.has_gain_map,
        "stereo_pair": stereo,
        "edits": {"f_number": edits.f_number, "focus": edits.focus, "lighting": edits.lighting} if edits else None,
    }
    if location:
        place = photo.metadata.location
        summary["location"] = (
            None
            if place is None
            else {"latitude": place.latitude, "longitude": place.longitude, "altitude": place.altitude}
        )
    return summary


def _depth(photo: Photo) -> dict[str, Any] | None:
    if isinstance(photo._depth, Keep) and photo._contents is not None:
        header = photo._contents.depth_header()
        return None if header is None else _stored_depth(header)
    return None if photo.depth is None else _given_depth(photo.depth)


def _stored_depth(header: DepthHeader) -> dict[str, Any]:
    width, height = header.size
    tags = header.tags
    return {
        "kind": header.kind.value,
        "width": width,
        "height": height,
        "dtype": header.dtype.name,
        "accuracy": "relative" if tags is None else tags.accuracy.value,
        "quality": "high" if tags is None else tags.quality.value,
        "filtered": tags is not None and tags.filtered,
        "metric": header.metric,
        "min": header.minimum,
        "max": header.maximum,
        "holes": None,
        "calibration": _calibration(header.calibration),
    }


def _given_depth(depth: DepthMap) -> dict[str, Any]:
    finite = depth.values[np.isfinite(depth.values)]
    return {
        "kind": depth.kind.value,
        "width": depth.width,
        "height": depth.height,
        "dtype": depth.dtype.name,
        "accuracy": depth.accuracy.value,
        "quality": depth.quality.value,
        "filtered": depth.filtered,
        "metric": depth.metric,
        "min": float(finite.min()) if finite.size else None,
        "max": float(finite.max()) if finite.size else None,
        "holes": depth.holes,
        "calibration": _calibration(depth.calibration),
    }


def _calibration(calibration: Calibration | None) -> dict[str, Any] | None:
    return None if calibration is None else calibration.to_dict()


def _mattes(photo: Photo) -> list[dict[str, Any]]:
    if isinstance(photo._mattes, Keep) and photo._contents is not None:
        sizes = {
            kind: (image.size[::-1] if image.orientation.swaps_axes else image.size)
            for kind, image in photo._contents.matte_images.items()
        }
    else:
        sizes = {kind: (matte.width, matte.height) for kind, matte in photo.mattes.items()}
    return [{"kind": kind.value, "width": size[0], "height": size[1]} for kind, size in sizes.items()]
