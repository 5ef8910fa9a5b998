"""Who gets a session, with what, and who is refused: the tables of WebXR and of its depth module."""

from __future__ import annotations

from typing import Any

import pytest

from nearfar.errors import DeviceLost, InvalidStateError, NotSupportedError
from nearfar.xr import (
    DepthDataFormat,
    DepthStateInit,
    DepthSupport,
    DepthType,
    DepthUsage,
    DeviceView,
    FieldOfView,
    SimulatedDevice,
    is_session_supported,
    request_session,
)

ANY = DepthStateInit([], [])
CPU_ONLY = DepthSupport(usages=(DepthUsage.CPU_OPTIMIZED,), formats=(DepthDataFormat.LUMINANCE_ALPHA,))
GPU = DepthStateInit(["gpu-optimized"], [])


def request(device: SimulatedDevice, **options: Any) -> Any:
    return request_session("immersive-ar", device=device, **options)


@pytest.mark.parametrize(
    ("device", "init"),
    [
        (SimulatedDevice(), None),
        (SimulatedDevice(depth_support=None), ANY),
        (SimulatedDevice(depth_support=CPU_ONLY), GPU),
    ],
    ids=["no dictionary", "no sensor", "no configuration"],
)
def test_depth_that_is_not_to_be_had(device: SimulatedDevice, init: DepthStateInit | None) -> None:
    with pytest.raises(NotSupportedError, match="depth-sensing"):
        request(device, required_features=["depth-sensing"], depth_sensing=init)
    assert not device.running
    with request(device, optional_features=["depth-sensing"], depth_sensing=init) as session:
        assert session.depth_configuration is None
        assert "depth-sensing" not in session.enabled_features


@pytest.mark.parametrize("kind", ["required_features", "optional_features"])
def test_depth_that_is_to_be_had(kind: str) -> None:
    init = DepthStateInit(["gpu-optimized", "cpu-optimized"], ["float32"], ["smooth"], match_depth_view=False)
    device = SimulatedDevice()
    with request(device, depth_sensing=init, **{kind: ["depth-sensing"]}) as session:
        assert session.enabled_features == ("viewer", "local", "depth-sensing")
        assert session.depth_usage == "gpu-optimized"
        assert session.depth_data_format == DepthDataFormat.FLOAT32
        assert session.depth_type is DepthType.SMOOTH
        assert device.depth_type is DepthType.SMOOTH
        assert session.depth_active
        assert session.depth_configuration is not None
        assert not session.depth_configuration.match_depth_view


def test_no_type_where_none_was_asked_for() -> None:
    with request(SimulatedDevice(), depth_sensing=ANY, required_features=["depth-sensing"]) as session:
        assert session.depth_type is None


def test_depth_needs_the_feature_as_well() -> None:
    with request(SimulatedDevice(), depth_sensing=ANY) as session:
        assert session.depth_configuration is None


def test_inline_has_no_depth() -> None:
    asked: dict[str, Any] = {"depth_sensing": ANY}
    with pytest.raises(NotSupportedError):
        request_session("inline", required_features=["depth-sensing"], **asked)
    with request_session("inline", optional_features=["depth-sensing"], **asked) as session:
        assert session.enabled_features == ("viewer",)


def test_a_device_that_cannot_do_it_says_what_it_can() -> None:
    device = SimulatedDevice(depth_support=DepthSupport(usages=("gpu-optimized",)))  # type: ignore[arg-type]
    asked = DepthStateInit(["cpu-optimized"], [])
    with pytest.raises(NotSupportedError, match="has only gpu-optimized, luminance-alpha"):
        request(device, required_features=["depth-sensing"], depth_sensing=asked)


def test_unknown_features() -> None:
    device = SimulatedDevice()
    with pytest.raises(NotSupportedError, match="telepathy"):
        request(device, required_features=["telepathy"])
    with request(device, optional_features=["telepathy", "local"]) as session:
        assert session.enabled_features == ("viewer", "local")


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "immersive-xr"},
        {"mode": None},
        {"required_features": "depth-sensing"},
        {"optional_features": [7]},
        {"required_features": None},
        {"depth_sensing": {"usage_preference": []}},
    ],
    ids=repr,
)
def test_what_web_idl_refuses(options: dict[str, Any]) -> None:
    device = SimulatedDevice()
    mode = options.pop("mode", "immersive-ar")
    with pytest.raises(TypeError):
        request_session(mode, device=device, **options)
    assert not device.running


def test_modes() -> None:
    device = SimulatedDevice(modes=["immersive-vr"])
    assert is_session_supported("immersive-vr", device=device)
    assert not is_session_supported("immersive-ar", device=device)
    assert is_session_supported("inline", device=device)
    assert is_session_supported("inline")
    assert not is_session_supported("immersive-ar")
    with pytest.raises(TypeError):
        is_session_supported("ar", device=device)  # type: ignore[arg-type]
    with pytest.raises(NotSupportedError, match="mode"):
        request(device)
    with pytest.raises(NotSupportedError, match="device="):
        request_session("immersive-ar")


def test_one_immersive_session_for_each_device() -> None:
    device, other = SimulatedDevice(), SimulatedDevice()
    with request(device):
        with pytest.raises(InvalidStateError, match="already"):
            request_session("immersive-vr", device=device)
        with request(other), request_session("inline") as inline:
            assert next(inline.frames()).active
        assert device.running
    assert not device.running
    with request(device):
        assert device.running


def test_no_second_session_while_the_first_is_about_to_begin() -> None:
    class Eager(SimulatedDevice):
        def start(self, depth_type: DepthType | None = None) -> None:
            with pytest.raises(InvalidStateError, match="already"):
                request(self)
            super().start(depth_type)

    device = Eager()
    with request(device):
        assert device.running
    with pytest.raises(NotSupportedError):
        request(device, required_features=["telepathy"])
    with request(device):  # what was refused leaves nothing behind
        assert device.running


@pytest.mark.parametrize(
    ("device", "options", "words"),
    [
        (
            SimulatedDevice(depth_support=None),
            {"required_features": ["anchors"]},
            (
                "the feature 'anchors' is required, but SimulatedDevice(1 view, no depth, stopped) lacks it: "
                "it has local, viewer"
            ),
        ),
        (
            SimulatedDevice(depth_support=None, features=["viewer", "depth-sensing"]),
            {"required_features": ["depth-sensing"], "depth_sensing": ANY},
            "but SimulatedDevice(1 view, no depth, stopped) senses no depth",
        ),
        (
            SimulatedDevice(depth_support=CPU_ONLY),
            {"required_features": ["depth-sensing"], "depth_sensing": GPU},
            "but SimulatedDevice(1 view, depth, stopped) has only cpu-optimized, luminance-alpha",
        ),
        (
            SimulatedDevice(modes=["immersive-vr"]),
            {},
            (
                "SimulatedDevice(1 view, depth, stopped) takes no session of the mode 'immersive-ar': "
                "it takes immersive-vr"
            ),
        ),
        (
            "virtual:lidar?size=64x48",
            {"required_features": ["anchors"]},
            (
                "but CameraDevice('virtual:lidar?size=64x48', profile='spec') lacks it: "
                "it has depth-sensing, local, viewer"
            ),
        ),
    ],
    ids=["feature", "no sensor", "configuration", "mode", "camera"],
)
def test_a_refusal_names_the_device_and_what_it_lacks(device: Any, options: Any, words: str) -> None:
    with pytest.raises(NotSupportedError) as refused:
        request_session("immersive-ar", device=device, **options)
    assert words in str(refused.value)


def test_a_device_that_says_nothing_of_itself_is_named_by_its_type() -> None:
    class Headset(SimulatedDevice):
        __repr__ = object.__repr__

    with pytest.raises(NotSupportedError, match=r"but Headset lacks it"):
        request(Headset(), required_features=["anchors"])


def test_a_simulated_device_says_how_it_is() -> None:
    device = SimulatedDevice(depth_support=None)
    assert repr(device) == "SimulatedDevice(1 view, no depth, stopped)"
    device.set_views([DeviceView(FieldOfView(1.0, 1.0, 1.0, 1.0))] * 2)
    device.start()
    assert repr(device) == "SimulatedDevice(2 views, no depth, running)"
    device.disconnect()
    assert repr(device) == "SimulatedDevice(2 views, no depth, disconnected)"


def test_a_device_that_has_gone() -> None:
    device = SimulatedDevice()
    device.disconnect()
    with pytest.raises(DeviceLost):
        request(device)
