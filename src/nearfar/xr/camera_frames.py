"""A camera's frames as those of an XR device: straight, in metres, turned as the device is held.

Frame ── lens undone ──▶ colour: upright as the view
                   ├───▶ depth of the type that is asked for (camera_depth), as the sensor has it
                   └───▶ view: field from the calibration, viewer from the pose, both turned
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Calibration, DepthMap, Frame, Pose, rectify
from nearfar.xr.camera_depth import CameraDepth, OncePerType, metres, straight, whole_metres
from nearfar.xr.device import DeviceFrame, DeviceView
from nearfar.xr.formats import converted
from nearfar.xr.native_depth import NativeDepth
from nearfar.xr.negotiation import DepthDataFormat, DepthType
from nearfar.xr.projection import FieldOfView, Rotation
from nearfar.xr.rigid_transform import RigidTransform

__all__ = ["CameraFrames", "local_origin"]

USUAL_FIELD = math.radians(60.0)
"""Horizontal field of view of a camera that does not tell its own."""
STRAIGHT = 0.999
"""Of the sine of an angle to the horizon: above it a look has no heading."""
NEAR, FAR = 0.1, 1000.0
"""Of a sensor's own projection, metres."""

_HALF = math.sqrt(0.5)
_BUFFER_FROM_VIEW: dict[Rotation, RigidTransform] = {
    0: RigidTransform(),
    90: RigidTransform((1.0, 0.0, 0.0), (0.0, 0.0, _HALF, _HALF)),
    180: RigidTransform((1.0, 1.0, 0.0), (0.0, 0.0, 1.0, 0.0)),
    270: RigidTransform((0.0, 1.0, 0.0), (0.0, 0.0, -_HALF, _HALF)),
}
"""From the 0..1 of a view that is turned to those of the sensor's buffer."""
_SENSOR_FROM_VIEW: dict[Rotation, RigidTransform] = {
    0: RigidTransform(),
    90: RigidTransform(orientation=(0.0, 0.0, -_HALF, _HALF)),
    180: RigidTransform(orientation=(0.0, 0.0, 1.0, 0.0)),
    270: RigidTransform(orientation=(0.0, 0.0, _HALF, _HALF)),
}
"""From the axes of a view that is turned to the sensor's: at 90 up becomes right."""
_OPENGL_AXES = np.diag([1.0, -1.0, -1.0, 1.0])


class CameraFrames:
    """Makes a camera's frames into those of a device, one after another.

    Args:
        data_format: how the device stores depth.
        orientation: how far the view is turned against the sensor, degrees. A picture that is higher than it
            is wide was turned upright already: at 90 and 270 it is the view, and depth is turned back.
        usual_type: of the depth that nobody has asked a type for.
        color_calibration: the colour camera's, where that is not the one that depth was measured for; both
            poses lead to one place. None: colour and depth are of one view.
    """

    def __init__(
        self,
        data_format: DepthDataFormat,
        orientation: Rotation,
        *,
        usual_type: DepthType = DepthType.SMOOTH,
        color_calibration: Calibration | None = None,
    ) -> None:
        if orientation not in _BUFFER_FROM_VIEW:
            raise ValueError(f"a view is turned by 0, 90, 180 or 270 degrees, not {orientation}")
        self._data_format = data_format
        self._orientation: Rotation = orientation
        self._usual_type = usual_type
        self._depth = CameraDepth()
        self._color_calibration = color_calibration
        self._last_calibration: Calibration | None = None
        self._world_from_local: RigidTransform | None = None
        self._newest, self._ahead = -1, 0

    @property
    def world_from_local(self) -> RigidTransform | None:
        """Where "local" is in the camera's own world; None before the first pose."""
        return self._world_from_local

    def device_frame(self, frame: Frame) -> DeviceFrame:
        """A frame, as the device gives it to several: with ``depth_of`` in place of ``depth``.

        The one raises NotSupportedError where the frame's depth has no unit.
        """
        camera = self._camera_of(frame)
        width, height = camera.reference_size
        turned_already = self._orientation in (90, 270) and height > width
        turn: Rotation = 0 if turned_already else self._orientation
        depth_of = None
        if frame.depth is not None:

            def native(depth_type: DepthType) -> NativeDepth:
                made = self._native(self._depth.of_type(frame, depth_type), turn)
                return _turned(made, -self._orientation // 90) if turned_already else made

            depth_of = OncePerType(native, self._usual_type)
        return DeviceFrame(
            self._number(frame),
            frame.time,
            (DeviceView(FieldOfView.from_calibration(camera).turned(turn)),),
            _upright(frame.color, camera, turn),
            viewer_pose=self._viewer_pose(frame.pose, turn),
            depth_of=depth_of,
        )

    def _number(self, frame: Frame) -> int:
        """The frame's, counted on where a camera that was lost has come back and begun anew."""
        number = frame.sequence + self._ahead
        if number < self._newest:
            self._ahead += self._newest + 1 - number
        self._newest = frame.sequence + self._ahead
        return self._newest

    def _camera_of(self, frame: Frame) -> Calibration:
        """The view's calibration, its lens included."""
        depth = frame.depth
        if depth is not None and depth.calibration is not None:
            self._last_calibration = depth.calibration
        found = self._color_calibration or self._last_calibration
        if found is not None:
            return found
        if frame.color is not None:
            height, width = frame.color.shape[:2]
        else:
            width, height = (4, 3) if depth is None else depth.size
        return Calibration.from_field_of_view(USUAL_FIELD, (width, height))

    def _native(self, depth: DepthMap, turn: Rotation) -> NativeDepth:
        """The buffer of a map, as its sensor has it."""
        seen = straight(depth)
        if self._data_format == DepthDataFormat.FLOAT32:
            raw, scale = whole_metres(seen), 1.0
        else:
            raw, scale = converted(metres(seen), DepthDataFormat.FLOAT32, self._data_format, 1.0)
        projection, offset = None, None
        view, sensor = self._color_calibration, depth.calibration
        if view is not None and sensor is not None:
            projection = FieldOfView.from_calibration(sensor).turned(turn).projection(NEAR, FAR)
            offset = _viewer_from_sensor(view.pose.inverse() @ sensor.pose, turn)
        return NativeDepth(
            raw,
            self._data_format,
            scale,
            _BUFFER_FROM_VIEW[self._orientation],
            projection,
            offset,
            seen.accuracy,
            seen.confidence,
        )

    def _viewer_pose(self, pose: Pose | None, turn: Rotation) -> RigidTransform | None:
        """The viewer in "local": a camera that never told a pose stands still at its origin."""
        if pose is None:
            return RigidTransform() if self._world_from_local is None else None
        world_from_viewer = RigidTransform.from_pose(pose) @ _SENSOR_FROM_VIEW[turn]
        if self._world_from_local is None:
            self._world_from_local = local_origin(world_from_viewer)
        return self._world_from_local.inverse @ world_from_viewer


def local_origin(world_from_viewer: RigidTransform) -> RigidTransform:
    """World from the space "local" of one who begins there: its origin there, y up, -z where they look."""
    matrix = world_from_viewer.matrix
    ahead, up = -matrix[8:11], matrix[4:7]
    if abs(float(ahead[1])) > STRAIGHT:  # one who looks straight down faces where the head's top points
        ahead = up if ahead[1] < 0.0 else -up
    half = math.atan2(-float(ahead[0]), -float(ahead[2])) / 2.0
    return RigidTransform(world_from_viewer.position, (0.0, math.sin(half), 0.0, math.cos(half)))


def _turned(depth: NativeDepth, quarters: int) -> NativeDepth:
    """The buffer turned to the left by so many quarters."""
    confidence = None if depth.confidence is None else np.rot90(depth.confidence, quarters)
    return replace(depth, raw=np.rot90(depth.raw, quarters), confidence=confidence)


def _upright(
    color: NDArray[np.uint8] | None, camera: Calibration, turn: Rotation
) -> NDArray[np.uint8] | None:
    """The picture without its lens, as the view has it. Who reads a turned one puts it in order."""
    if color is None:
        return None
    if camera.bends:
        color = rectify(color, camera)
    return np.rot90(color, turn // 90)


def _viewer_from_sensor(camera_from_sensor: Pose, turn: Rotation) -> RigidTransform:
    """Where the depth sensor stands in the viewer's space, turned as the viewer is."""
    matrix = _OPENGL_AXES @ camera_from_sensor.to_matrix() @ _OPENGL_AXES
    return _SENSOR_FROM_VIEW[turn].inverse @ RigidTransform.from_matrix(matrix) @ _SENSOR_FROM_VIEW[turn]
