"""A device's depth as one view gets it: seen from where it was agreed, in the format that was agreed.

    NativeDepth ── reprojected, unless it is the view's own or may stay ──▶ raw ── converted ──▶ ViewDepth

Information for the CPU and for the GPU both come from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nearfar.xr.formats import converted
from nearfar.xr.native_depth import NativeDepth
from nearfar.xr.negotiation import DepthConfiguration
from nearfar.xr.reprojection import motion_between, reprojected
from nearfar.xr.rigid_transform import RigidTransform

if TYPE_CHECKING:
    from nearfar.xr.views import XRView

__all__ = ["ViewDepth", "view_depth"]


@dataclass(frozen=True, slots=True, eq=False)
class ViewDepth:
    """What depth information tells, before it is bound to a frame.

    Attributes:
        raw: (H, W) uint16 or float32 in the session's format, read-only; 0 is a hole.
        raw_value_to_meters: what a raw value of 1 is in metres, a float32.
        norm_depth_buffer_from_norm_view: from the view's 0..1 (top left, y down) to the buffer's.
        projection: (16,) float32, column by column, of what the buffer shows.
        transform: where that was seen from, in the view's reference space.
    """

    raw: NDArray[Any]
    raw_value_to_meters: float
    norm_depth_buffer_from_norm_view: RigidTransform
    projection: NDArray[np.float32]
    transform: RigidTransform


def view_depth(native: NativeDepth, view: XRView, configuration: DepthConfiguration) -> ViewDepth:
    """The depth of a view.

    With ``match_depth_view`` it is seen from the view, with the view's projection and transform; a buffer of
    a sensor beside it is reprojected, in its own format, before it is converted. Without, samples stay as
    the sensor saw them, and projection and transform are the sensor's.
    """
    raw, projection, transform = native.raw, view.projection_matrix, view.transform
    if configuration.match_depth_view and not native.is_aligned:
        motion = motion_between(
            (raw.shape[1], raw.shape[0]),
            native.norm_depth_buffer_from_norm_view.matrix,
            projection if native.projection is None else native.projection,
            projection,
            None if native.view_offset is None else native.view_offset.matrix,
            view.viewer_from_view.matrix,
        )
        raw = reprojected(raw, native.raw_value_to_meters, motion)
    elif not configuration.match_depth_view:
        projection = projection if native.projection is None else native.projection
        if native.view_offset is not None:
            transform = view.reference_from_viewer @ native.view_offset
    raw, scale = converted(raw, native.data_format, configuration.data_format, native.raw_value_to_meters)
    raw.flags.writeable = False
    return ViewDepth(raw, scale, native.norm_depth_buffer_from_norm_view, projection, transform)
