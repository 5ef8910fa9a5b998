"""Every kind of camera gives depth through a session, and what happens when one ends or goes."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nearfar as nf
from nearfar.capture import CaptureSession, DeviceInput, Recorder
from nearfar.errors import DeviceLost, DeviceNotFound, InvalidStateError, NotSupportedError
from nearfar.xr import (
    CameraDevice,
    DepthStateInit,
    XRDevice,
    XRFrame,
    XRSession,
    is_session_supported,
    request_session,
)
from xr_sessions import FixedCamera

PHOTOS = ("iphone13pro_dualwide.heic", "iphone12mini_depth_gainmap.jpg", "iphonex_depth_matte.jpg")


def session_of(device: Any, **options: Any) -> XRSession:
    asked = {"usage_preference": ["cpu-optimized"], "data_format_preference": ["float32"]}
    asked |= {key: options.pop(key) for key in ("depth_type_request",) if key in options}
    return request_session(
        "immersive-ar",
        device=device,
        required_features=["depth-sensing"],
        depth_sensing=DepthStateInit(**asked),
        **options,
    )


def next_with_depth(session: XRSession) -> tuple[XRFrame, Any]:
    """The next frame that has depth, and its information."""
    space = session.request_reference_space("local")
    for frame in session.frames(timeout=20):
        pose = frame.get_viewer_pose(space)
        assert pose is not None
        info = frame.get_depth_information(pose.views[0])
        if info is not None:
            return frame, info
    raise AssertionError("no frame had depth")


def sees_depth(device: Any, **options: Any) -> None:
    with session_of(device, **options) as session:
        frame, info = next_with_depth(session)
        assert frame.color is not None
        assert frame.color.shape[2] == 3
        metres = info.get_depth_in_meters(0.5, 0.5)
        grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 9)] * 2), axis=-1).reshape(-1, 2)
        found = info.depths_in_meters(grid)
        assert np.isfinite(found).all()
        assert (found > 0.0).mean() > 0.5
        assert 0.0 <= metres < 1000.0


@pytest.mark.parametrize("profile", ["spec", "arcore"])
@pytest.mark.parametrize("name", ["virtual:dualwide", "virtual:truedepth", "virtual:lidar"])
def test_virtual_cameras(name: str, profile: str) -> None:
    sees_depth(name, profile=profile)


@pytest.mark.parametrize("profile", ["spec", "arcore"])
def test_the_centre_of_a_virtual_camera_is_true(profile: str) -> None:
    camera = nf.Device("virtual:dual?fps=10")
    with session_of(camera, profile=profile, depth_type_request=["smooth"]) as session:
        frame, info = next_with_depth(session)
        source: Any = camera.source
        truth = source.truth(frame.device_frame.sequence / camera.active_format.rate).depth
        height, width = truth.shape
        around = truth[height // 2 - 3 : height // 2 + 4, width // 2 - 3 : width // 2 + 4]
        assert info.get_depth_in_meters(0.5, 0.5) == pytest.approx(float(np.median(around)), rel=0.03)


@pytest.mark.parametrize("profile", ["spec", "arcore"])
@pytest.mark.parametrize("name", PHOTOS)
def test_photos_of_phones(samples: Path, name: str, profile: str) -> None:
    sees_depth(f"photo:{samples / 'photos' / 'apple' / name}", profile=profile)


def test_the_centre_of_a_photo_is_the_photos(samples: Path) -> None:
    file = samples / "photos" / "apple" / PHOTOS[0]
    depth = nf.open(file).depth
    assert depth is not None
    metres = depth.to(nf.DepthKind.DEPTH, dtype=np.float32).values
    height, width = metres.shape
    around = metres[height // 2 - 9 : height // 2 + 10, width // 2 - 9 : width // 2 + 10]
    with session_of(f"photo:{file}?sway=0") as session:
        _, info = next_with_depth(session)
        centre = info.get_depth_in_meters(0.5, 0.5)
        assert np.nanmin(around) * 0.98 <= centre <= np.nanmax(around) * 1.02


def test_stereo_pictures(samples: Path, tmp_path: Path) -> None:
    left, right = (samples / "stereo" / "teddy" / f"{side}.png" for side in ("left", "right"))
    with pytest.raises(NotSupportedError, match="calibration="):  # their depth has no unit
        sees_depth(f"stereo:{left},{right}")
    one = nf.Calibration.from_field_of_view(0.7, (450, 375))
    other = one.replace(pose=nf.Pose(np.eye(3), np.array((0.16, 0.0, 0.0))))
    nf.write_calibration(nf.StereoRig(one, other), tmp_path / "rig.yaml", format="kalibr")
    sees_depth(f"stereo:{left},{right}?calibration={tmp_path / 'rig.yaml'}")


def test_meshes(tmp_path: Path) -> None:
    corners = np.array([[-9, -9, -3], [9, -9, -3], [9, 9, -3], [-9, 9, -3]], np.float32)
    wall = nf.Mesh(corners, np.array([[0, 1, 2], [0, 2, 3]], np.uint32), axes="world")
    wall.save(tmp_path / "wall.glb")
    poses = tmp_path / "poses.txt"
    poses.write_text("0 0 0 0 1 0 0 0\n1 0 0 0 1 0 0 0\n")
    with session_of(f"mesh:{tmp_path / 'wall.glb'}?path={poses}") as session:
        _, info = next_with_depth(session)
        grid = np.random.default_rng(0).uniform(0, 1, (50, 2))
        assert np.allclose(info.depths_in_meters(grid), 3.0, rtol=1e-3)


def test_takes_end_their_session(tmp_path: Path) -> None:
    with Recorder(tmp_path / "room.mcap") as recorder:
        color, depth = np.zeros((48, 64, 3), np.uint8), nf.DepthMap(np.ones((48, 64), np.float32))
        for number in range(5):
            recorder.write(nf.Frame(number / 10, number, color=color, depth=depth))
    name = f"take:{tmp_path / 'room.mcap'}"
    sees_depth(name)
    with session_of(name) as session:
        times = [frame.predicted_display_time for frame in session.frames()]
        assert session.ended
    assert times == sorted(times)
    assert times


def test_a_faulty_camera() -> None:
    sees_depth("faulty:virtual%3Alidar?drop=0.3")
    with session_of("faulty:virtual%3Alidar?unplug=0.3") as session:
        with pytest.raises(DeviceLost, match="unplugged"):
            for _ in session.frames():
                pass
        assert session.ended


def test_a_camera_at_its_end_and_one_that_breaks() -> None:
    frame = nf.Frame(0.0, 0, np.zeros((4, 6, 3), np.uint8), nf.DepthMap(np.ones((4, 6))))
    with session_of(FixedCamera(frame, over=True)) as session:
        assert len(list(session.frames())) <= 1
        assert session.ended

    class Broken(FixedCamera):
        def frame(self, format: Any, sequence: int, time: float) -> nf.Frame | None:
            if sequence:
                raise RuntimeError("as planned")
            return super().frame(format, sequence, time)

    with pytest.raises(DeviceLost, match="as planned"), session_of(Broken(frame)) as session:
        list(session.frames())


def test_frames_for_a_task() -> None:
    async def watch() -> list[float]:
        times = []
        with session_of("virtual:lidar") as session:
            async for frame in session.frames():
                times.append(frame.predicted_display_time)
                if len(times) == 3:
                    return times
        return times

    times = asyncio.run(watch())
    assert len(times) == 3
    assert times == sorted(set(times))


def test_what_waits_for_a_camera_that_is_stopped_ends() -> None:
    device = CameraDevice("virtual:lidar")
    device.start()
    assert device.next_frame(20) is not None
    ended = threading.Event()

    def watch() -> None:
        while device.next_frame() is not None:
            pass
        ended.set()

    thread = threading.Thread(target=watch)
    thread.start()
    device.stop()
    thread.join(10)
    assert ended.is_set()
    assert device.next_frame() is None
    device.stop()
    device.start()  # and once more
    assert device.next_frame(20) is not None
    device.stop()


def test_the_newest_frame_comes_and_older_ones_are_passed_over() -> None:
    class Counted(FixedCamera):
        made = threading.Semaphore(0)

        def frame(self, format: Any, sequence: int, time: float) -> nf.Frame | None:
            self.made.release()
            return super().frame(format, sequence, time)

    frame = nf.Frame(0.0, 0, np.zeros((4, 6, 3), np.uint8), nf.DepthMap(np.ones((4, 6)), filtered=True))
    camera = Counted(frame)
    with session_of(camera) as session:
        frames = session.frames(timeout=10)
        before = next(frames).device_frame.sequence
        while camera.made.acquire(blocking=False):
            pass
        for _ in range(5):  # busy for five frames of the camera
            assert camera.made.acquire(timeout=10)
        next(frames)
        assert next(frames).device_frame.sequence > before + 2


def test_a_camera_without_depth() -> None:
    name = "virtual:wide"
    with pytest.raises(NotSupportedError, match="depth-sensing"):
        session_of(name)
    init = DepthStateInit([], [])
    with request_session(
        "immersive-ar", device=name, optional_features=["depth-sensing"], depth_sensing=init
    ) as session:
        assert session.depth_configuration is None
        frame = next(session.frames(timeout=20))
        assert frame.color is not None
        assert frame.get_viewer_pose(session.request_reference_space("local")) is not None


def test_one_session_for_each_camera() -> None:
    camera = nf.Device("virtual:lidar")
    with session_of(camera), pytest.raises(InvalidStateError, match="already"):
        session_of(camera)
    with session_of(camera) as session, session_of("virtual:lidar"):
        assert not session.ended


def test_a_device_of_ones_own_keeps_its_format() -> None:
    camera = nf.Device("virtual:dual")
    half = camera.active_depth_format
    assert half is not None
    assert half.dtype == "float16"
    with session_of(camera) as session:
        next_with_depth(session)
    assert camera.active_depth_format == half
    with camera.lock_for_configuration():
        camera.active_depth_format = None
    assert "depth-sensing" not in CameraDevice(camera).features


def test_profiles() -> None:
    arcore, quest = (CameraDevice("virtual:lidar", profile=name) for name in ("arcore", "quest"))
    assert is_session_supported("immersive-ar", device="virtual:lidar", profile="arcore")
    assert not is_session_supported("immersive-vr", device="virtual:lidar", profile="arcore")
    assert (arcore.gpu_layout, quest.gpu_layout) == ("linear", "window-space")
    assert isinstance(arcore, XRDevice)
    with pytest.raises(NotSupportedError):  # its depth is for the GPU alone
        session_of(quest)
    with session_of(arcore) as session:
        _, info = next_with_depth(session)
        assert not np.array_equal(
            info.norm_depth_buffer_from_norm_view.matrix, np.eye(4, dtype=np.float32).ravel()
        )
    init = DepthStateInit([], [])
    with request_session(
        "immersive-ar",
        device="virtual:lidar",
        profile="arcore",
        required_features=["depth-sensing"],
        depth_sensing=init,
    ) as session:
        assert session.depth_data_format == "luminance-alpha"
        _, info = next_with_depth(session)
        assert info.raw_value_to_meters == float(np.float32(0.001))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"device": "virtual:nothing"}, DeviceNotFound),
        ({"device": "virtual:lidar", "profile": "glasses"}, ValueError),
        ({"device": 7}, TypeError),
        ({"device": CameraDevice("virtual:lidar"), "profile": "arcore"}, TypeError),
        ({"device": CameraDevice("virtual:lidar"), "orientation": 90}, TypeError),
    ],
    ids=repr,
)
def test_what_is_no_device(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        session_of(**options)


def test_a_camera_that_others_use_is_busy() -> None:
    camera = nf.Device("virtual:lidar")
    with CaptureSession() as capture:
        capture.add_input(DeviceInput(camera))
        capture.add_output(nf.DepthOutput())
        capture.start()
        with pytest.raises(nf.DeviceBusy):
            session_of(camera)
