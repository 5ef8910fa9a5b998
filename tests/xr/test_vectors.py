"""The conformance vectors, read as a browser's tests read them, hold for the Python model."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nearfar.errors import InvalidStateError, NotSupportedError, XRRangeError
from nearfar.xr import (
    DepthDataFormat,
    DepthInformation,
    DepthStateInit,
    DepthSupport,
    DeviceView,
    FieldOfView,
    NativeDepth,
    RigidTransform,
    SimulatedDevice,
    XRFrame,
    XRSession,
    XRView,
    request_session,
)

DOCUMENT = json.loads(
    (Path(__file__).parents[2] / "web" / "webxr" / "conformance" / "vectors.json").read_text("utf-8")
)
ENTRIES = {"luminance-alpha": "<u2", "unsigned-short": "<u2", "float32": "<f4"}
ERRORS: dict[str, type[Exception]] = {
    "InvalidStateError": InvalidStateError,
    "NotSupportedError": NotSupportedError,
    "RangeError": XRRangeError,
    "TypeError": TypeError,
}


def snake_case(name: str) -> str:
    return re.sub(r"[A-Z]", lambda capital: "_" + capital[0].lower(), name)


def transform_of(values: dict[str, Any]) -> RigidTransform:
    return RigidTransform(values["position"], values["orientation"])


def view_of(values: dict[str, Any]) -> DeviceView:
    return DeviceView(FieldOfView(**values["fieldOfView"]), values["eye"], transform_of(values["viewOffset"]))


def native_of(name: str) -> NativeDepth:
    values = DOCUMENT["natives"][name]
    raw = np.frombuffer(base64.b64decode(values["data"]), ENTRIES[values["dataFormat"]])
    projection, offset = values["projectionMatrix"], values["viewOffset"]
    return NativeDepth(
        raw.reshape(values["height"], values["width"]),
        DepthDataFormat(values["dataFormat"]),
        values["rawValueToMeters"],
        transform_of(values["normDepthBufferFromNormView"]),
        None if projection is None else np.array(projection, np.float32),
        None if offset is None else transform_of(offset),
    )


def device_of(native: str, views: str, **options: Any) -> SimulatedDevice:
    device = SimulatedDevice([view_of(values) for values in DOCUMENT["views"][views]], **options)
    device.set_depth(native_of(native))
    device.set_viewer_pose(transform_of(DOCUMENT["viewerPose"]))
    return device


def session_of(case: dict[str, Any], usage: str) -> XRSession:
    return request_session(
        "immersive-ar",
        device=device_of(case["native"], case["views"]),
        required_features=["depth-sensing"],
        depth_sensing=DepthStateInit([usage], [case["dataFormat"]], match_depth_view=case["matchDepthView"]),
    )


def views_of(frame: XRFrame) -> tuple[XRView, ...]:
    pose = frame.get_viewer_pose(frame.session.request_reference_space("local"))
    assert pose is not None
    return pose.views


def assert_place(information: DepthInformation, expected: dict[str, Any]) -> None:
    """Its size, its scale and where it was seen from; the same for the CPU and for the GPU."""
    assert (information.width, information.height) == (expected["width"], expected["height"])
    assert information.raw_value_to_meters == expected["rawValueToMeters"]
    place = information.norm_depth_buffer_from_norm_view
    assert place.matrix.tolist() == expected["normDepthBufferFromNormView"]
    assert information.projection_matrix.tolist() == expected["projectionMatrix"]
    assert np.allclose(information.transform.matrix, expected["transform"], atol=1e-6)


def test_what_devices_have_is_complete() -> None:
    for values in (
        *DOCUMENT["natives"].values(),
        *(v for views in DOCUMENT["views"].values() for v in views),
    ):
        for key in ("normDepthBufferFromNormView", "viewOffset"):
            if values.get(key) is not None:
                assert transform_of(values[key]).matrix.tolist() == values[key]["matrix"]
    for views in DOCUMENT["views"].values():
        for values in views:
            near, far = DOCUMENT["depthNear"], DOCUMENT["depthFar"]
            assert view_of(values).field_of_view.projection(near, far).tolist() == values["projectionMatrix"]


@pytest.mark.parametrize("case", DOCUMENT["cpu"], ids=lambda case: case["name"])
def test_depth_for_the_cpu(case: dict[str, Any]) -> None:
    with session_of(case, "cpu-optimized") as session:
        assert session.depth_data_format == case["dataFormat"]
        frame = next(session.frames())
        for view, expected in zip(views_of(frame), case["expected"], strict=True):
            information = frame.get_depth_information(view)
            assert information is not None
            assert_place(information, expected)
            assert bytes(information.data) == base64.b64decode(expected["data"])
            points = np.array(expected["points"])
            for x, y, metres in expected["points"]:
                assert information.get_depth_in_meters(x, y) == metres
            assert information.depths_in_meters(points[:, :2]).tolist() == points[:, 2].tolist()


@pytest.mark.parametrize("case", DOCUMENT["negotiation"], ids=lambda case: json.dumps(case["init"]))
def test_negotiation(case: dict[str, Any]) -> None:
    def session(**features: list[str]) -> XRSession:
        given = case["init"]
        init = None if given is None else DepthStateInit(**{snake_case(k): v for k, v in given.items()})
        support = DepthSupport(**DOCUMENT["supports"][case["support"]])
        device = SimulatedDevice(depth_support=support)
        return request_session("immersive-ar", device=device, depth_sensing=init, **features)

    for features, error in (
        ({"required_features": ["depth-sensing"]}, case["error"]),
        ({"optional_features": ["depth-sensing"]}, case["errorIfOptional"]),
    ):
        if error is not None:
            with pytest.raises(ERRORS[error]):
                session(**features)
            continue
        with session(**features) as made:
            found, expected = made.depth_configuration, case["configuration"]
            assert ("depth-sensing" in made.enabled_features) is (expected is not None)
            if expected is None:
                assert found is None
            else:
                assert found is not None
                assert {k: getattr(found, snake_case(k)) for k in expected} == expected


class Page:
    """A session with its last frame but one, its last frame, and what that told."""

    def __init__(self, case: dict[str, Any], binding: Callable[[XRSession], Any]) -> None:
        self.case = case
        self.device = device_of(DOCUMENT["misuseNative"], "mono")
        usage = case["depth"]
        self.session = request_session(
            "immersive-ar",
            device=self.device,
            optional_features=["depth-sensing"],
            depth_sensing=None if usage == "none" else DepthStateInit([usage], ["luminance-alpha"]),
        )
        needs_binding = usage == "gpu-optimized" or case["call"].startswith("binding")
        self.binding = binding(self.session) if needs_binding else None
        self.views: list[XRView] = []
        self.frame: XRFrame | None = None
        self.information: Any = None

    def outcome(self) -> Any:
        """What the call gives, or the exception that it raises."""
        found: list[Any] = []
        when = self.case["when"]

        def first(_: float, frame: XRFrame) -> None:
            self.views += views_of(frame)
            if when == "no data":
                self.device.clear_depth()
            self.session.request_animation_frame(second)

        def second(_: float, frame: XRFrame) -> None:
            self.frame = frame
            self.views += views_of(frame)
            if self.case["call"].startswith("information"):
                source = self.binding if self.case["depth"] == "gpu-optimized" else frame
                self.information = source.get_depth_information(self.views[-1])
            if when == "paused":
                self.session.pause_depth_sensing()
            if when not in ("over", "ended"):
                found.append(self._tried())

        self.session.request_animation_frame(first)
        self.session.run()
        if when == "ended":
            self.session.end()
        return found[0] if found else self._tried()

    def _tried(self) -> Any:
        owner, member = self.case["call"].split(".")
        try:
            answer = getattr(getattr(self, owner), snake_case(member))
            return answer(*self._arguments(member)) if callable(answer) else answer
        except tuple(ERRORS.values()) as error:
            return error

    def _arguments(self, member: str) -> list[Any]:
        if member == "getDepthInformation":
            return [{"own": self.views[-1], "earlier": self.views[0], "none": None}[self.case["view"]]]
        return [float(value) for value in self.case["arguments"]]


@pytest.mark.parametrize("case", DOCUMENT["misuse"], ids=lambda case: "-".join(map(str, case.values())))
def test_misuse(case: dict[str, Any], request: pytest.FixtureRequest) -> None:
    def binding(session: XRSession) -> Any:
        from nearfar.xr import GLBinding

        return GLBinding(session, request.getfixturevalue("gl_context"))

    page = Page(case, binding)
    with page.session if case["when"] != "ended" else contextlib.nullcontext():
        found = page.outcome()
        if case["error"] is not None:
            assert type(found) is ERRORS[case["error"]]
        else:
            assert not isinstance(found, Exception)
            assert (found is None) is (case["returnsNull"] or "DepthSensing" in case["call"])


@pytest.mark.parametrize("case", DOCUMENT["gpu"], ids=lambda case: case["name"])
def test_depth_for_the_gpu(case: dict[str, Any], gl_context: Any) -> None:
    from nearfar.xr import GLBinding

    session = request_session(
        "immersive-ar",
        device=device_of(case["native"], case["views"], gpu_layout=case["layout"]),
        required_features=["depth-sensing"],
        depth_sensing=DepthStateInit(
            ["gpu-optimized"], [case["dataFormat"]], match_depth_view=case["matchDepthView"]
        ),
    )
    with session:
        binding = GLBinding(session, gl_context)
        views = views_of(next(session.frames()))
        for view, expected in zip(views, case["expected"], strict=True):
            information = binding.get_depth_information(view)
            assert information is not None
            assert_place(information, expected)
            assert information.texture_type == expected["textureType"]
            assert information.image_index == expected["imageIndex"]
            texels = information.texture.read(alignment=1)
            if case["layout"] == "linear":
                assert texels == base64.b64decode(expected["data"])
        if case["layout"] == "window-space":
            assert texels == b"".join(map(base64.b64decode, case["layers"]))
