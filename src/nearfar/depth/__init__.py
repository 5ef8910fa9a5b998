"""The values that everyone speaks, and the pure operations on them.

`DepthMap` and `Matte` are maps; `Calibration`, `Pose`, `StereoRig` say where they were seen from;
`PointCloud` and `Mesh` are what they look like in space; a `Frame` is one moment of a stream.
Names load when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nearfar.lazy_door import lazy_door

if TYPE_CHECKING:
    from nearfar.depth.apple_tags import NAMESPACES as NAMESPACES
    from nearfar.depth.apple_tags import PIXEL_FORMATS as PIXEL_FORMATS
    from nearfar.depth.apple_tags import DepthTags as DepthTags
    from nearfar.depth.apple_tags import calibration_from_tags as calibration_from_tags
    from nearfar.depth.apple_tags import calibration_tags as calibration_tags
    from nearfar.depth.apple_tags import depth_tags as depth_tags
    from nearfar.depth.apple_tags import matte_tags as matte_tags
    from nearfar.depth.apple_tags import parse_depth_tags as parse_depth_tags
    from nearfar.depth.calibration import Calibration as Calibration
    from nearfar.depth.calibration import StereoPair as StereoPair
    from nearfar.depth.calibration import StereoRig as StereoRig
    from nearfar.depth.calibration_files import read_calibration as read_calibration
    from nearfar.depth.calibration_files import write_calibration as write_calibration
    from nearfar.depth.colour import false_colour as false_colour
    from nearfar.depth.depth_map import DepthMap as DepthMap
    from nearfar.depth.distortion import BrownConrady as BrownConrady
    from nearfar.depth.distortion import Fisheye as Fisheye
    from nearfar.depth.distortion import LensTable as LensTable
    from nearfar.depth.frame import DropReason as DropReason
    from nearfar.depth.frame import Frame as Frame
    from nearfar.depth.frame_codec import DecodedFrame as DecodedFrame
    from nearfar.depth.frame_codec import decode_frame as decode_frame
    from nearfar.depth.frame_codec import encode_frame as encode_frame
    from nearfar.depth.kinds import Accuracy as Accuracy
    from nearfar.depth.kinds import DepthKind as DepthKind
    from nearfar.depth.kinds import MatteKind as MatteKind
    from nearfar.depth.kinds import Orientation as Orientation
    from nearfar.depth.kinds import Quality as Quality
    from nearfar.depth.kinds import orient_array as orient_array
    from nearfar.depth.matte import Matte as Matte
    from nearfar.depth.mesh import Mesh as Mesh
    from nearfar.depth.point_cloud import PointCloud as PointCloud
    from nearfar.depth.pose import Pose as Pose
    from nearfar.depth.rectification import rectify as rectify
    from nearfar.depth.reprojection import reproject as reproject
    from nearfar.depth.resampling import fill as fill
    from nearfar.depth.resampling import resample as resample
    from nearfar.depth.sampling import sample_picture as sample_picture
    from nearfar.depth.whole_numbers import millimetres as millimetres

_HOMES = {
    "apple_tags": (
        "DepthTags NAMESPACES PIXEL_FORMATS calibration_from_tags calibration_tags "
        "depth_tags matte_tags parse_depth_tags"
    ),
    "calibration": "Calibration StereoPair StereoRig",
    "calibration_files": "read_calibration write_calibration",
    "colour": "false_colour",
    "depth_map": "DepthMap",
    "distortion": "BrownConrady Fisheye LensTable",
    "frame": "DropReason Frame",
    "frame_codec": "DecodedFrame decode_frame encode_frame",
    "kinds": "Accuracy DepthKind MatteKind Orientation Quality orient_array",
    "matte": "Matte",
    "mesh": "Mesh",
    "point_cloud": "PointCloud",
    "pose": "Pose",
    "rectification": "rectify",
    "reprojection": "reproject",
    "resampling": "fill resample",
    "sampling": "sample_picture",
    "whole_numbers": "millimetres",
}

__getattr__, __dir__, __all__ = lazy_door(__name__, _HOMES)
