"""Depth for every camera: capture it, keep it in the photo, use it anywhere.

This module is the one public door. Names load when they are first used, so that ``import nearfar`` costs
little more than ``import numpy``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from nearfar.lazy_door import lazy_door

if TYPE_CHECKING:
    from nearfar import capture as capture
    from nearfar import depth as depth
    from nearfar import effects as effects
    from nearfar import errors as errors
    from nearfar import estimate as estimate
    from nearfar import scene as scene
    from nearfar import testing as testing
    from nearfar import xr as xr
    from nearfar.capture import CapturedPhoto as CapturedPhoto
    from nearfar.capture import CaptureSession as CaptureSession
    from nearfar.capture import DepthOutput as DepthOutput
    from nearfar.capture import Device as Device
    from nearfar.capture import DeviceInput as DeviceInput
    from nearfar.capture import DevicePosition as DevicePosition
    from nearfar.capture import DeviceType as DeviceType
    from nearfar.capture import PhotoCaptureDelegate as PhotoCaptureDelegate
    from nearfar.capture import PhotoOutput as PhotoOutput
    from nearfar.capture import PhotoSettings as PhotoSettings
    from nearfar.capture import Preset as Preset
    from nearfar.capture import ResolvedPhotoSettings as ResolvedPhotoSettings
    from nearfar.capture import Synchronizer as Synchronizer
    from nearfar.capture import VideoOutput as VideoOutput
    from nearfar.capture import shoot as shoot
    from nearfar.depth import Accuracy as Accuracy
    from nearfar.depth import BrownConrady as BrownConrady
    from nearfar.depth import Calibration as Calibration
    from nearfar.depth import DepthKind as DepthKind
    from nearfar.depth import DepthMap as DepthMap
    from nearfar.depth import DropReason as DropReason
    from nearfar.depth import Fisheye as Fisheye
    from nearfar.depth import Frame as Frame
    from nearfar.depth import LensTable as LensTable
    from nearfar.depth import Matte as Matte
    from nearfar.depth import MatteKind as MatteKind
    from nearfar.depth import Mesh as Mesh
    from nearfar.depth import Orientation as Orientation
    from nearfar.depth import PointCloud as PointCloud
    from nearfar.depth import Pose as Pose
    from nearfar.depth import Quality as Quality
    from nearfar.depth import StereoPair as StereoPair
    from nearfar.depth import StereoRig as StereoRig
    from nearfar.depth import read_calibration as read_calibration
    from nearfar.depth import write_calibration as write_calibration
    from nearfar.effects import portrait as portrait
    from nearfar.errors import CaptureError as CaptureError
    from nearfar.errors import CorruptFile as CorruptFile
    from nearfar.errors import DeviceBusy as DeviceBusy
    from nearfar.errors import DeviceLost as DeviceLost
    from nearfar.errors import DeviceNotFound as DeviceNotFound
    from nearfar.errors import EstimationError as EstimationError
    from nearfar.errors import FileError as FileError
    from nearfar.errors import InvalidConfiguration as InvalidConfiguration
    from nearfar.errors import InvalidStateError as InvalidStateError
    from nearfar.errors import LimitExceeded as LimitExceeded
    from nearfar.errors import LossWarning as LossWarning
    from nearfar.errors import MissingExtra as MissingExtra
    from nearfar.errors import NearfarError as NearfarError
    from nearfar.errors import NoDepth as NoDepth
    from nearfar.errors import NotSupportedError as NotSupportedError
    from nearfar.errors import PhotoError as PhotoError
    from nearfar.errors import PrivacyWarning as PrivacyWarning
    from nearfar.errors import SecurityError as SecurityError
    from nearfar.errors import TrackingLost as TrackingLost
    from nearfar.errors import UnsupportedFile as UnsupportedFile
    from nearfar.errors import WorldError as WorldError
    from nearfar.errors import XRError as XRError
    from nearfar.errors import XRRangeError as XRRangeError
    from nearfar.photo import Edits as Edits
    from nearfar.photo import Location as Location
    from nearfar.photo import Metadata as Metadata
    from nearfar.photo import Photo as Photo
    from nearfar.photo import Region as Region
    from nearfar.photo import RegionKind as RegionKind
    from nearfar.photo import open as open

__version__ = "0.6.0"

_HOMES = {
    "capture": (
        "CapturedPhoto CaptureSession DepthOutput Device DeviceInput DevicePosition DeviceType "
        "PhotoCaptureDelegate PhotoOutput PhotoSettings Preset ResolvedPhotoSettings Synchronizer "
        "VideoOutput shoot"
    ),
    "depth": (
        "Accuracy BrownConrady Calibration DepthKind DepthMap DropReason Fisheye Frame LensTable Matte "
        "MatteKind Mesh Orientation PointCloud Pose Quality StereoPair StereoRig read_calibration "
        "write_calibration"
    ),
    "effects": "portrait",
    "errors": (
        "CaptureError CorruptFile DeviceBusy DeviceLost DeviceNotFound EstimationError FileError "
        "InvalidConfiguration InvalidStateError LimitExceeded LossWarning MissingExtra NearfarError NoDepth "
        "NotSupportedError PhotoError PrivacyWarning SecurityError TrackingLost UnsupportedFile WorldError "
        "XRError XRRangeError"
    ),
    "photo": "Edits Location Metadata Photo Region RegionKind open",
}
_PACKAGES = ("capture", "depth", "effects", "errors", "estimate", "scene", "testing", "xr")

__getattr__, __dir__, _names = lazy_door(__name__, _HOMES, _PACKAGES)
__all__ = [*_names, "__version__"]  # noqa: PLE0604 - the table above is the single list

logging.getLogger("nearfar").addHandler(logging.NullHandler())
