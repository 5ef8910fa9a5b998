"""`Device`: what a camera can be set to, and only while it is locked."""

from __future__ import annotations

import contextlib
import math
import threading

import pytest

import nearfar as nf
from capture.hand import (
    DEPTH,
    DISPARITY,
    LIMIT,
    ROOMY,
    SMALL,
    VGA,
    HandCamera,
    Kept,
    elsewhere,
    meanwhile,
    session_of,
)
from nearfar.capture import DeviceType, Format


def test_a_device_says_what_its_source_says() -> None:
    camera = HandCamera()
    device = nf.Device(camera)
    assert device.name == camera.info.name
    assert (device.title, device.type, device.position) == (
        "Hand",
        DeviceType.DUAL_CAMERA,
        camera.info.position,
    )
    assert device.constituents == ()
    assert device.formats == camera.formats
    assert device.active_format == camera.formats[0]
    assert device.active_depth_format == DISPARITY  # the default of a dual camera


def test_a_name_is_opened_when_it_is_first_asked() -> None:
    device = nf.Device("nonsense:where?a=1")
    assert device.name == "nonsense:where?a=1"
    with pytest.raises(nf.DeviceNotFound, match="no scheme is called 'nonsense'"):
        _ = device.formats
    with pytest.raises(nf.DeviceNotFound, match="scheme:rest"):
        nf.Device("nonsense")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("active_format", ROOMY),
        ("active_depth_format", DEPTH),
        ("active_depth_min_frame_duration", 0.5),
        ("zoom_factor", 2.0),
    ],
)
def test_a_setting_needs_the_lock(setting: str, value: object) -> None:
    device = nf.Device(HandCamera())
    with pytest.raises(nf.InvalidConfiguration, match="lock_for_configuration"):
        setattr(device, setting, value)
    with device.lock_for_configuration():
        setattr(device, setting, value)
        with pytest.raises(nf.InvalidConfiguration, match="lock_for_configuration"):
            elsewhere(lambda: setattr(device, setting, value))
    assert getattr(device, setting) == value


def test_the_lock_has_one_holder() -> None:
    device = nf.Device(HandCamera())
    with device.lock_for_configuration():
        with pytest.raises(nf.DeviceBusy, match="locked"), device.lock_for_configuration():
            pass
        with pytest.raises(nf.DeviceBusy, match="locked"):
            elsewhere(device.lock_for_configuration().__enter__)
    with device.lock_for_configuration():
        pass


def test_an_exception_under_the_lock_puts_all_back() -> None:
    device = nf.Device(HandCamera())
    with pytest.raises(KeyError), device.lock_for_configuration():  # noqa: PT012
        device.active_format = ROOMY
        device.zoom_factor = 3.0
        raise KeyError
    assert (device.active_format, device.zoom_factor) == (SMALL, 1.0)


def test_another_format_resets_depth_and_zoom() -> None:
    device = nf.Device(HandCamera())
    with device.lock_for_configuration():
        device.active_depth_format = DEPTH
        device.active_depth_min_frame_duration = 0.5
        device.zoom_factor = 2.0
        device.active_format = ROOMY
        assert device.active_depth_format == ROOMY.depth
        assert device.active_depth_min_frame_duration is None
        assert device.zoom_factor == 1.0
        device.active_depth_min_frame_duration = 0.5
        device.active_depth_format = None
        assert device.active_depth_min_frame_duration is None


def test_a_chosen_format_brings_its_depth_format_and_rate() -> None:
    device = nf.Device(HandCamera())
    with device.lock_for_configuration():
        device.active_format = SMALL.chosen(depth_format=DEPTH, frame_rate=15.0)
    assert device.active_depth_format == DEPTH
    assert device.active_format.rate == 15.0
    assert device.configured == SMALL.chosen(depth_format=DEPTH, frame_rate=15.0)


def test_only_what_the_device_has_can_be_set() -> None:
    device = nf.Device(HandCamera())
    with device.lock_for_configuration():
        with pytest.raises(nf.InvalidConfiguration, match="one of the device's formats"):
            device.active_format = Format(10, 10)
        device.active_format = VGA
        assert device.active_depth_format is None
        assert device.depth_zoom_ranges == ()
        with pytest.raises(nf.InvalidConfiguration, match="supported_depth_formats"):
            device.active_depth_format = DISPARITY
        with pytest.raises(nf.InvalidConfiguration, match=r"zoom_factor must lie in 1\.\.1"):
            device.zoom_factor = 2.0


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 1.0 / 31.0, 1.1, math.nan])
def test_a_depth_frame_duration_lies_in_the_formats_range(seconds: float) -> None:
    device = nf.Device(HandCamera())
    with device.lock_for_configuration():
        with pytest.raises(nf.InvalidConfiguration, match="frame durations"):
            device.active_depth_min_frame_duration = seconds
        for sound in (1.0 / 30.0, 1.0, math.inf, None):
            device.active_depth_min_frame_duration = sound
            assert device.active_depth_min_frame_duration == sound


def test_depth_locks_a_zoom_of_points() -> None:
    output = Kept(depth=False)
    session, device = session_of(HandCamera(), output)
    with session.configuration():
        device.zoom_factor = 2.0
        output.change(depth=True)
    assert device.zoom_factor == 1.0  # locked to the nearest point
    with pytest.raises(nf.InvalidConfiguration, match="locks the zoom factor"), session.configuration():
        device.zoom_factor = 2.0
    output.change(depth=False)
    with device.lock_for_configuration():
        device.zoom_factor = 2.0


def test_depth_stops_outside_a_zoom_range_and_returns() -> None:
    camera, output = HandCamera(formats=(ROOMY,)), Kept()
    session, device = session_of(camera, output)
    with session:
        session.start()
        for time, zoom in enumerate((1.0, 2.0, 5.0, 6.0, 3.0)):
            with device.lock_for_configuration():
                device.zoom_factor = zoom
            camera.shoot(float(time))
        assert [frame.depth is not None for frame in output.frames] == [False, True, True, False, True]
        assert len(camera.started) == 1  # never restarted for it
        assert session.counts["depth"].captured == 3
        assert session.counts["color"].captured == 5


def test_what_a_preset_chooses() -> None:
    device = nf.Device(HandCamera())
    assert device.format_for(nf.Preset.PHOTO) == VGA
    assert device.format_for(nf.Preset.HIGH) == VGA
    assert device.format_for(nf.Preset.VGA) == VGA
    assert device.format_for(nf.Preset.INPUT_PRIORITY) == SMALL
    assert nf.Device(HandCamera(formats=(SMALL,))).format_for(nf.Preset.VGA) is None
    plain, deep = Format(8, 6), Format(8, 6, 1.0, 60.0, (DISPARITY,))
    assert nf.Device(HandCamera(formats=(plain, deep))).format_for(nf.Preset.HIGH) == deep


def test_the_default_camera_is_a_wide_one_without_depth() -> None:
    for device in nf.Device.discover():
        assert device.type in {found.type for found in nf.Device.discover([device.type])}
        assert nf.Device.default(device.type).type is device.type
    wide = nf.Device.default()
    assert wide.type is DeviceType.WIDE
    assert not any(listed.supported_depth_formats for listed in wide.formats)


def test_where_there_is_no_such_camera_the_error_says_what_there_is() -> None:
    with pytest.raises(
        nf.DeviceNotFound, match=r"no front external camera here, but .*virtual:dual \(dual-cam"
    ):
        nf.Device.default(DeviceType.EXTERNAL, nf.DevicePosition.FRONT)


def test_an_input_needs_a_device_that_is_there() -> None:
    assert nf.DeviceInput(nf.Device(HandCamera())).device.title == "Hand"
    with pytest.raises(nf.DeviceNotFound):
        nf.DeviceInput("nonsense:where")
    assert nf.DeviceInput(HandCamera()).device.title == "Hand"
    for wrong in (None, 3, nf.Device(HandCamera())):
        with pytest.raises(TypeError, match="a device is a name"):
            nf.Device(wrong)  # type: ignore[arg-type]


def test_two_sessions_that_configure_one_device_do_not_wait_for_each_other() -> None:
    camera = HandCamera()
    (first, device), second = session_of(camera), nf.CaptureSession()
    second.add_input(nf.DeviceInput(device))
    together = threading.Barrier(2)

    def configure(session: nf.CaptureSession) -> None:
        with session.configuration():
            together.wait(LIMIT)
            try:
                with pytest.raises(nf.DeviceBusy, match="another session"):
                    device.active_format = camera.formats[1]
            finally:
                together.wait(LIMIT)

    for waiting in [meanwhile(lambda each=each: configure(each)) for each in (first, second)]:
        waiting.result(LIMIT)
    assert device.active_format == camera.formats[0]
    with first.configuration():
        device.active_format = camera.formats[1]
    assert device.active_format == camera.formats[1]


def test_a_device_that_is_locked_is_configured_in_all_its_sessions() -> None:
    camera = HandCamera()
    (first, device), second = session_of(camera), nf.CaptureSession()
    second.add_input(nf.DeviceInput(device))

    def configure(session: nf.CaptureSession, format: Format) -> None:
        for _ in range(50):
            with contextlib.suppress(nf.DeviceBusy), device.lock_for_configuration(), session.configuration():
                device.active_format = format

    sessions = zip((first, second), camera.formats, strict=False)
    for waiting in [meanwhile(lambda each=each: configure(*each)) for each in sessions]:
        waiting.result(LIMIT)
    assert device.active_format in camera.formats[:2]
    assert (first.preset, second.preset) == (nf.Preset.INPUT_PRIORITY, nf.Preset.INPUT_PRIORITY)
