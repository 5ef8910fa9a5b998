"""What is inside a photo, as plain data: what ``nearfar info --json`` prints.

Nothing is decoded: the answers come from headers and tags.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from nearfar.depth import Calibration, DepthMap
from nearfar.photo.depth_images import DepthHeader
from nearfar.photo.edits import Edits
from nearfar.photo.state import State

__all__ = ["summarize"]


def summarize(state: State, *, location: bool = False) -> dict[str, Any]:
    """Describe a photo; see `Photo.summary`.

    Returns:
        "file", "container", "format", "device", "color", "depth", "mattes", "gain_map", "stereo_pair" and
        "edits", of plain JSON types. Under "depth", "min" and "max" are the stored range (1/metre or metres),
        and "holes" is a share 0..1, None unless the map was decoded.
    """
    width, height = state.picture.size
    header = state.depth_header
    contents = state.contents
    depth: dict[str, Any] | None = None
    if header is not None:
        depth = _stored_depth(header)
    elif state.has_depth and state.depth is not None:
        depth = _given_depth(state.depth)
    summary: dict[str, Any] = {
        "file": state.file,
        "container": None if contents is None else contents.document.container,
        "format": None if header is None else header.format,
        "device": state.metadata.device,
        "color": {"width": width, "height": height},
        "depth": depth,
        "mattes": [
            {"kind": kind.value, "width": size[0], "height": size[1]}
            for kind, size in state.matte_sizes.items()
        ],
        "gain_map": state.has_gain_map,
        "stereo_pair": state.has_stereo_pair,
        "edits": _edits(state.edits),
    }
    if location:
        summary["location"] = _location(state)
    return summary


def _edits(edits: Edits) -> dict[str, Any] | None:
    if not edits:
        return None
    distance = edits.focus_distance
    return {
        "f_number": edits.f_number,
        "focus": None if edits.focus is None else list(edits.focus),
        "focus_distance": "infinity" if distance == math.inf else distance,
        "shape": None if edits.shape is None else dataclasses.asdict(edits.shape),
        "lighting": edits.lighting,
        "renderer": edits.renderer,
    }


def _location(state: State) -> dict[str, Any] | None:
    place = state.metadata.location
    if place is None:
        return None
    return {"latitude": place.latitude, "longitude": place.longitude, "altitude": place.altitude}


def _stored_depth(header: DepthHeader) -> dict[str, Any]:
    width, height = header.size
    return {
        "kind": header.kind.value,
        "width": width,
        "height": height,
        "dtype": header.dtype.name,
        "accuracy": header.said.accuracy.value,
        "quality": header.said.quality.value,
        "filtered": header.said.filtered,
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
