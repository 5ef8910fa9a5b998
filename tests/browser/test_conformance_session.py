"""What the WebXR Depth Sensing specification demands of sessions, in Chromium, with WebGL 1 and WebGL 2.

Four groups: preferences, depth type, attributes, depth that is not enabled. Each test names the rule that it
holds, in https://immersive-web.github.io/depth-sensing/; frames have `test_conformance.py`.
"""

from __future__ import annotations

from typing import Any

import pytest

from xr_page import XRPage

pytestmark = pytest.mark.browser

GRANTED = """
await navigator.xr.test.simulateDeviceConnection(phone());
return request(values[0]).then(
  (session) => session.enabledFeatures.includes('depth-sensing'),
  (error) => error.name,
);
"""

LIMITED = """
const chosen = (session) => [session.depthUsage, session.depthDataFormat];
const [depthSupport, where, usagePreference, dataFormatPreference] = values;
await navigator.xr.test.simulateDeviceConnection(phone({ depthSupport }));
return request({ [where]: ['depth-sensing'], depthSensing: { usagePreference, dataFormatPreference } }).then(
  (session) => session.enabledFeatures.includes('depth-sensing') && chosen(session),
  (error) => error.name,
);
"""

TYPE = """
const [request, depthTypes] = values;
const depthSensing = { usagePreference: [], dataFormatPreference: [] };
if (request) depthSensing.depthTypeRequest = request;
const device = phone(depthTypes ? { depthSupport: { depthTypes } } : {});
return (await opened(gl, { device, depthSensing })).session.depthType;
"""

WHERE = ("requiredFeatures", "optionalFeatures")


class TestPreferences:
    """The dictionary that a page gives, and what comes of the feature."""

    USAGES, FORMATS = ["cpu-optimized", "gpu-optimized"], ["luminance-alpha", "float32", "unsigned-short"]

    @pytest.mark.parametrize("where", WHERE)
    @pytest.mark.parametrize("usages", [USAGES, []], ids=["usages", "any usage"])
    @pytest.mark.parametrize("formats", [FORMATS, []], ids=["formats", "any format"])
    def test_full_and_empty_lists_are_granted(
        self, xr: XRPage, where: str, usages: list[str], formats: list[str]
    ) -> None:
        """XRDepthStateInit: an empty list is "no preference"."""
        depth = {"usagePreference": usages, "dataFormatPreference": formats}
        assert xr(GRANTED, {where: ["depth-sensing"], "depthSensing": depth}) is True

    @pytest.mark.parametrize("where", WHERE)
    @pytest.mark.parametrize(
        "depth",
        [
            {"dataFormatPreference": []},
            {"usagePreference": []},
            {},
            None,
            {"usagePreference": ["cpu"], "dataFormatPreference": []},
            {"usagePreference": [], "dataFormatPreference": ["float16"]},
            {"usagePreference": [], "dataFormatPreference": [], "depthTypeRequest": ["rough"]},
            {"usagePreference": "cpu-optimized", "dataFormatPreference": []},
        ],
        ids=["no usages", "no formats", "empty", "null", "usage", "format", "type", "no sequence"],
    )
    def test_a_dictionary_of_the_wrong_shape_is_a_type_error(
        self, xr: XRPage, where: str, depth: Any
    ) -> None:
        """XRDepthStateInit: both lists are required, of known words, even if the feature is optional."""
        assert xr(GRANTED, {where: ["depth-sensing"], "depthSensing": depth}) == "TypeError"

    def test_without_a_dictionary_the_feature_is_not_supported(self, xr: XRPage) -> None:
        """Session creation: without `depthSensing` the feature cannot be enabled."""
        assert xr(GRANTED, {"requiredFeatures": ["depth-sensing"]}) == "NotSupportedError"
        assert xr(GRANTED, {"optionalFeatures": ["depth-sensing"]}) is False

    def test_what_the_device_has_not_is_not_supported(self, xr: XRPage) -> None:
        """Find a supported configuration: null rejects a required feature and leaves out an optional one."""
        support = {"depthFormats": ["luminance-alpha"], "depthUsages": ["cpu-optimized"]}
        assert xr(LIMITED, support, "requiredFeatures", ["gpu-optimized"], []) == "NotSupportedError"
        assert xr(LIMITED, support, "optionalFeatures", ["gpu-optimized"], []) is False

    @pytest.mark.parametrize(
        ("usages", "formats", "chosen"),
        [
            (
                ["gpu-optimized", "cpu-optimized"],
                ["float32", "luminance-alpha"],
                ["cpu-optimized", "float32"],
            ),
            (["gpu-optimized", "cpu-optimized"], [], ["cpu-optimized", "unsigned-short"]),
            ([], ["luminance-alpha", "float32"], ["cpu-optimized", "float32"]),
            ([], [], ["cpu-optimized", "unsigned-short"]),
            ([], ["luminance-alpha"], "NotSupportedError"),
        ],
    )
    def test_the_first_that_fits_is_chosen(
        self, xr: XRPage, usages: list[str], formats: list[str], chosen: list[str] | str
    ) -> None:
        """Find a supported configuration: a single entry is fixed; of several the first that fits."""
        support = {"depthFormats": ["unsigned-short", "float32"], "depthUsages": ["cpu-optimized"]}
        assert xr(LIMITED, support, "requiredFeatures", usages, formats) == chosen

    def test_inline_sessions_sense_no_depth(self, xr: XRPage) -> None:
        """Feature descriptor: an inline device is never capable of depth sensing."""
        body = """
        await navigator.xr.test.simulateDeviceConnection(phone());
        const init = { requiredFeatures: ['depth-sensing'], depthSensing: asked('cpu') };
        return rejected(request(init, 'inline'));
        """
        assert xr(body) == "NotSupportedError"


class TestDepthType:
    @pytest.mark.parametrize(
        ("asked", "supported", "given"),
        [
            (None, None, None),
            ([], None, None),
            (["raw"], None, "raw"),
            (["raw", "smooth"], None, "raw"),
            (["smooth", "raw"], None, "smooth"),
            (["smooth", "raw"], ["raw"], "raw"),
        ],
    )
    def test_type_is_as_asked_or_null(
        self, xr: XRPage, asked: list[str] | None, supported: list[str] | None, given: str | None
    ) -> None:
        """XRSession.depthType: null when none was asked for, else the first that the device has."""
        assert xr(TYPE, asked, supported) == given

    @pytest.mark.parametrize(("asked", "supported"), [("raw", "smooth"), ("smooth", "raw")])
    def test_a_type_that_is_not_there_blocks_nothing(self, xr: XRPage, asked: str, supported: str) -> None:
        """Find a supported configuration: a depthTypeRequest that cannot be met is cleared."""
        assert xr(TYPE, [asked], [supported]) in (None, supported)


class TestAttributes:
    @pytest.mark.parametrize("attribute", ["depthUsage", "depthDataFormat", "depthType", "depthActive"])
    def test_without_depth_they_throw(self, xr: XRPage, attribute: str) -> None:
        """XRSession's attributes: InvalidStateError where depth sensing is not enabled."""
        body = "const { session } = await opened(gl); return thrown(() => session[values[0]]);"
        assert xr(body, attribute) == "InvalidStateError"

    @pytest.mark.parametrize("usage", ["cpu", "gpu"])
    def test_with_depth_they_say_what_was_chosen(self, xr: XRPage, usage: str) -> None:
        """XRSession's attributes: the configuration; depthActive starts true."""
        body = """
        const { session } = await sensing(gl, values[0]);
        const { depthUsage, depthDataFormat, depthType, depthActive, enabledFeatures } = session;
        const enabled = enabledFeatures.includes('depth-sensing');
        return [depthUsage, depthDataFormat, depthType, depthActive, enabled];
        """
        assert xr(body, usage) == [f"{usage}-optimized", "luminance-alpha", None, True, True]


class TestNotEnabled:
    def test_depth_information_is_not_supported(self, xr: XRPage) -> None:
        """getDepthInformation() of frame and binding: NotSupportedError where depth is not enabled."""
        body = """
        const { inFrame, binding } = await opened(gl);
        return inFrame((frame, views) => views.map((view) => [
          thrown(() => frame.getDepthInformation(view)),
          thrown(() => binding.getDepthInformation(view)),
        ]));
        """
        assert xr(body) == [["NotSupportedError"] * 2] * 2

    def test_it_is_said_ahead_of_the_frame_s_state(self, xr: XRPage) -> None:
        """getDepthInformation(): that depth is not enabled is tested before whether the frame is active."""
        body = """
        const { inFrame, binding } = await opened(gl);
        const [frame, view] = await inFrame((frame, views) => [frame, views[0]]);
        await later();
        return [frame, binding].map((one) => thrown(() => one.getDepthInformation(view)));
        """
        assert xr(body) == ["NotSupportedError"] * 2

    def test_pausing_asks_for_the_frame_first(self, xr: XRPage) -> None:
        """pauseDepthSensing(), resumeDepthSensing(): session, then frame, then whether depth is enabled."""
        body = """
        const { session, inFrame } = await opened(gl);
        const calls = [() => session.pauseDepthSensing(), () => session.resumeDepthSensing()];
        const both = () => calls.map(thrown);
        const [outside, inside] = [both(), await inFrame(both)];
        await session.end();
        return [outside, inside, both()];
        """
        assert xr(body) == [["InvalidStateError"] * 2, ["NotSupportedError"] * 2, ["InvalidStateError"] * 2]

    def test_a_view_must_be_a_view(self, xr: XRPage) -> None:
        """Web IDL: a missing view, null, or anything else is a TypeError, before all other errors."""
        body = """
        const { inFrame, binding } = await opened(gl);
        const frame = await inFrame((frame) => frame);
        return [[], [null], [{}], [frame]].flatMap((given) => [
          thrown(() => frame.getDepthInformation(...given)),
          thrown(() => binding.getDepthInformation(...given)),
        ]);
        """
        assert xr(body) == ["TypeError"] * 8
