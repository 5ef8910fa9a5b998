"""navigator.xr.test: a fake device does what a test says, from the next frame on.

https://immersive-web.github.io/webxr-test-api/
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from xr_page import XRPage

pytestmark = pytest.mark.browser

LOCAL = "{ features: ['local-floor'], space: 'local' }"
CONTROLLER = """
const controllerInit = (changes = {}) => ({
  handedness: 'right', targetRayMode: 'tracked-pointer', profiles: ['generic-trigger'],
  pointerOrigin: { position: [1, 2, 3], orientation: [0, 0, 0, 1] }, ...changes });
const at = (x) => ({ position: [x, 0, 0], orientation: [0, 0, 0, 1] });
"""
EVENTS = """
const heard = [];
for (const name of ['selectstart', 'select', 'selectend', 'squeezestart', 'squeeze', 'squeezeend'])
  session.addEventListener(name, () => heard.push(name));
const change = ({ added, removed }) => heard.push([added.length, removed.length]);
session.addEventListener('inputsourceschange', change);
"""


@pytest.fixture
def xr(page: Page, scripts: Path) -> XRPage:
    return XRPage(page, scripts, "webgl2")


def test_it_stands_at_one_place(xr: XRPage) -> None:
    body = """
    const { test } = navigator.xr;
    return [navigator.xr.test === test, String(test), thrown(() => new test.constructor()),
      thrown(() => Object.getPrototypeOf(navigator.xr).test)];
    """
    assert xr(body) == [True, "[object XRTest]", "TypeError", "TypeError"]


def test_activation_calls_the_function_once(xr: XRPage) -> None:
    body = """
    let calls = 0;
    navigator.xr.test.simulateUserActivation(() => { calls++; });
    return [calls, thrown(() => navigator.xr.test.simulateUserActivation(null))];
    """
    assert xr(body) == [1, "TypeError"]


@pytest.mark.parametrize(
    "init",
    [
        "undefined",
        "{ supportedModes: ['immersive-ar'] }",
        "{ views: MONO }",
        "phone({ supportedModes: ['immersive-xr'] })",
        "phone({ views: [{ ...MONO[0], eye: 'third' }] })",
        "phone({ views: [{ ...MONO[0], projectionMatrix: PROJECTION.slice(1) }] })",
        "phone({ views: [{ ...MONO[0], viewOffset: { ...IDENTITY, position: [0, 0] } }] })",
        "phone({ views: [{ ...MONO[0], resolution: undefined }] })",
        "phone({ viewerOrigin: { ...IDENTITY, position: [0, 0, NaN] } })",
        "phone({ boundsCoordinates: [{ x: 0, z: 0 }, { x: 1, z: 0 }] })",
        "phone({ depthSupport: { depthTypes: ['rough'] } })",
        "phone({ depthSensingData: depth({ depthData: null }) })",
        "phone({ environmentBlendMode: 'glass' })",
    ],
)
def test_a_device_of_the_wrong_shape_is_refused(xr: XRPage, init: str) -> None:
    assert xr(f"return rejected(navigator.xr.test.simulateDeviceConnection({init}));") == "TypeError"


def test_modes_and_features_are_those_of_the_device(xr: XRPage) -> None:
    body = """
    const found = [], ask = async (init) => {
      await navigator.xr.test.simulateDeviceConnection({ views: MONO, ...init });
      const modes = ['inline', 'immersive-vr', 'immersive-ar'];
      for (const mode of modes) found.push(Number(await navigator.xr.isSessionSupported(mode)));
    };
    await ask({ supportsImmersive: true });
    await ask({ supportsImmersive: false });
    await ask({ supportedModes: [] });
    await ask({ supportedModes: ['immersive-ar'] });
    found.push(await rejected(request({ requiredFeatures: ['local-floor'] })));
    await ask({ supportedModes: ['immersive-ar'], supportedFeatures: ['local-floor'] });
    const { enabledFeatures } = await request({ requiredFeatures: ['local-floor'] });
    found.push(enabledFeatures.includes('local-floor'));
    return found;
    """
    assert xr(body) == [1, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, "NotSupportedError", 1, 0, 1, True]


def test_blending_and_interaction_are_those_of_the_device(xr: XRPage) -> None:
    body = """
    const modes = async (changes) => {
      const { session } = await opened(gl, { device: phone(changes) });
      const { environmentBlendMode, interactionMode } = session;
      await session.end();
      return [environmentBlendMode, interactionMode];
    };
    const own = { environmentBlendMode: 'alpha-blend', interactionMode: 'screen-space' };
    return [await modes({}), await modes(own)];
    """
    assert xr(body) == [["additive", "world-space"], ["alpha-blend", "screen-space"]]


def test_the_viewer_moves_is_lost_and_comes_back(xr: XRPage) -> None:
    body = f"""
    const {{ controller, inFrame }} = await opened(gl, {LOCAL}), seen = [];
    const look = () => inFrame((frame, views, pose) =>
      seen.push(pose && [pose.transform.position.y, pose.emulatedPosition]));
    await look();
    controller.setViewerOrigin({{ position: [0, 2, 0], orientation: [0, 0, 0, 1] }});
    await look();
    controller.setViewerOrigin(IDENTITY, true);
    await look();
    controller.clearViewerOrigin();
    await look();
    controller.setViewerOrigin({{ position: [0, 3, 0], orientation: [0, 0, 0, 1] }});
    await look();
    return seen;
    """
    assert xr(body) == [[0, False], [2, False], [0, True], None, [3, False]]


def test_nothing_moves_while_a_frame_runs(xr: XRPage) -> None:
    """The "next animation frame": a change inside a frame shows in the next."""
    body = f"""
    const device = phone({{ floorOrigin: {{ position: [0, -1, 0], orientation: [0, 0, 0, 1] }} }});
    const {{ controller, inFrame, reference, session }} = await opened(gl, {{ device, ...{LOCAL} }});
    const floor = await session.requestReferenceSpace('local-floor');
    const y = (frame) => frame.getPose(reference, floor).transform.position.y;
    const x = (frame) => frame.getViewerPose(reference).transform.position.x;
    const first = await inFrame((frame) => {{
      controller.setViewerOrigin({{ position: [4, 0, 0], orientation: [0, 0, 0, 1] }});
      controller.setViews(MONO);
      controller.setFloorOrigin({{ position: [0, -9, 0], orientation: [0, 0, 0, 1] }});
      return [x(frame), frame.getViewerPose(reference).views.length, y(frame)];
    }});
    return [first, await inFrame((frame, views) => [x(frame), views.length, y(frame)])];
    """
    assert xr(body) == [[0, 2, 1], [4, 1, 9]]


def test_a_viewer_that_is_not_tracked_is_known_to_itself(xr: XRPage) -> None:
    """Without viewerOrigin the device is not tracked: no pose in local space, but one in the viewer's own."""
    body = """
    const { session, inFrame } = await opened(gl, { device: phone({ viewerOrigin: undefined }) });
    const local = await session.requestReferenceSpace('local');
    const x = (view) => view.transform.position.x;
    return inFrame((frame, views) => [frame.getViewerPose(local), ...views.map(x)]);
    """
    assert xr(body) == [None, pytest.approx(-0.1), pytest.approx(0.1)]


def test_the_floor_and_its_bounds(xr: XRPage) -> None:
    body = """
    const floorOrigin = { position: [0, -1.25, 0], orientation: [0, 0, 0, 1] };
    const boundsCoordinates = [{ x: 1, z: 1 }, { x: 1, z: -1 }, { x: -1, z: 0 }];
    const device = phone({ floorOrigin, boundsCoordinates });
    const features = ['local-floor', 'bounded-floor'];
    const { controller, inFrame, session } = await opened(gl, { device, features, space: 'local-floor' });
    const height = () => inFrame((frame, views, pose) => pose.transform.position.y);
    const seen = [await height()];
    controller.setFloorOrigin({ position: [0, -2, 0], orientation: [0, 0, 0, 1] });
    seen.push(await height());
    controller.clearFloorOrigin();
    seen.push(await height() > 1);
    const bounded = () => session.requestReferenceSpace('bounded-floor');
    const corners = async () => (await bounded()).boundsGeometry.map(({ x, y, z, w }) => [x, y, z, w]);
    seen.push(await corners());
    controller.setBoundsGeometry([{ x: 2 }, { z: 2 }, { x: -2, z: -2 }]);
    seen.push(await corners(), thrown(() => controller.setBoundsGeometry([{ x: 0, z: 0 }])));
    return seen;
    """
    first, second = [[1, 0, 1, 1], [1, 0, -1, 1], [-1, 0, 0, 1]], [[2, 0, 0, 1], [0, 0, 2, 1], [-2, 0, -2, 1]]
    assert xr(body) == [1.25, 2, True, first, second, "TypeError"]


def test_views_are_those_of_the_device(xr: XRPage) -> None:
    """A field of view follows the session's near and far; a matrix stays as it is."""
    body = """
    const fieldOfView = { upDegrees: 45, downDegrees: 45, leftDegrees: 45, rightDegrees: 45 };
    const device = phone({ views: [{ ...STEREO[0] }, { ...STEREO[1], fieldOfView }] });
    const { session, inFrame } = await opened(gl, { device });
    const look = () => inFrame((frame, views) => views.map(({ eye, projectionMatrix: m, transform: t }) =>
      [eye, t.position.x, m[0], m[10], m[14]]));
    const before = await look();
    session.updateRenderState({ depthNear: 1, depthFar: 3 });
    return [before, await look()];
    """
    left, right = pytest.approx(-0.1), pytest.approx(0.1)
    fixed = ["left", left, 1, -1, pytest.approx(-0.2)]
    near = ["right", right, pytest.approx(1), pytest.approx(-1.0002, abs=1e-4), pytest.approx(-0.2, abs=1e-4)]
    assert xr(body) == [[fixed, near], [fixed, ["right", right, pytest.approx(1), -2, -3]]]


def test_visibility_and_reset_are_told(xr: XRPage) -> None:
    body = """
    const { controller, session, inFrame } = await opened(gl), told = [];
    session.addEventListener('visibilitychange', () => told.push(session.visibilityState));
    const local = await session.requestReferenceSpace('local');
    const reset = new Promise((resolve) => local.addEventListener('reset', resolve));
    for (const state of ['visible-blurred', 'hidden', 'visible']) {
      controller.simulateVisibilityChange(state);
      await later();
    }
    await inFrame(() => 0);
    controller.simulateResetPose();
    const { referenceSpace, constructor } = await reset;
    const error = thrown(() => controller.simulateVisibilityChange('gone'));
    return [told, referenceSpace === local, constructor.name, error];
    """
    assert xr(body) == [["visible-blurred", "hidden", "visible"], True, "XRReferenceSpaceEvent", "TypeError"]


def test_a_controller_comes_selects_and_goes(xr: XRPage) -> None:
    body = (
        CONTROLLER
        + "const { controller, session, inFrame } = await opened(gl);"
        + EVENTS
        + """
    const told = [], frame = async () => (await inFrame(() => 0), told.push(heard.splice(0)));
    await inFrame(() => 0);
    const input = controller.simulateInputSourceConnection(controllerInit({ selectionClicked: true }));
    await frame();
    input.startSelection(); input.startSelection();
    await frame();
    input.simulateSelect();
    await frame();
    input.endSelection(); input.endSelection();
    await frame();
    input.disconnect();
    await frame();
    input.reconnect();
    await frame();
    const source = session.inputSources[0];
    const { handedness, targetRayMode, profiles } = source;
    return [told, session.inputSources.length, handedness, targetRayMode, [...profiles]];
    """
    )
    click = ["selectstart", "select", "selectend"]
    told = [
        [[1, 0], *click],
        ["selectstart"],
        ["select", "selectend", "selectstart"],
        ["select", "selectend"],
    ]
    assert xr(body) == [[*told, [[0, 1]], [[1, 0]]], 1, "right", "tracked-pointer", ["generic-trigger"]]


def test_a_controller_that_becomes_another_is_a_new_source(xr: XRPage) -> None:
    body = (
        CONTROLLER
        + "const { controller, session, inFrame } = await opened(gl);"
        + EVENTS
        + """
    const input = controller.simulateInputSourceConnection(controllerInit());
    const source = () => inFrame(() => session.inputSources[0]);
    const found = [await source()];
    input.setPointerOrigin(at(5));
    found.push(await source());
    for (const change of [
      () => input.setHandedness('left'), () => input.setTargetRayMode('gaze'), () => input.setProfiles([]),
      () => input.setGripOrigin(at(1)), () => input.clearGripOrigin(),
    ]) {
      change();
      found.push(await source());
    }
    return [found.slice(1).map((one, before) => one === found[before]), heard,
      found.map(({ handedness, targetRayMode, gripSpace }) => [handedness, targetRayMode, !!gripSpace])];
    """
    )
    same, heard, kinds = xr(body)
    assert same == [True, *[False] * 5]
    assert heard == [[1, 0], *[[1, 1]] * 5]
    assert kinds[2:] == [
        ["left", "tracked-pointer", False],
        ["left", "gaze", False],
        ["left", "gaze", False],
        ["left", "gaze", True],
        ["left", "gaze", False],
    ]


def test_a_controller_is_where_it_was_put(xr: XRPage) -> None:
    body = (
        CONTROLLER
        + """
    const { controller, session, inFrame, reference } = await opened(gl, { space: 'local' });
    const input = controller.simulateInputSourceConnection(controllerInit({ gripOrigin: at(7) }));
    const where = () => inFrame((frame) => {
      const [{ targetRaySpace, gripSpace }] = session.inputSources;
      return [targetRaySpace, gripSpace].map((space) => {
        const { transform: { position: { x } }, emulatedPosition } = frame.getPose(space, reference);
        return [x, emulatedPosition];
      });
    });
    const found = [await where()];
    input.setPointerOrigin(at(2), true);
    input.setGripOrigin(at(3), true);
    return [...found, await where()];
    """
    )
    assert xr(body) == [[[1, False], [7, False]], [[2, True], [3, True]]]


def test_the_grip_button_squeezes(xr: XRPage) -> None:
    body = (
        CONTROLLER
        + "const { controller, session, inFrame } = await opened(gl);"
        + EVENTS
        + """
    const grip = { buttonType: 'grip' };
    const button = (pressed) => ({ ...grip, pressed, touched: pressed, pressedValue: Number(pressed) });
    const init = controllerInit({ supportedButtons: [button(false)] });
    const input = controller.simulateInputSourceConnection(init);
    await inFrame(() => 0);
    input.updateButtonState(button(true));
    await inFrame(() => 0);
    input.updateButtonState(button(false));
    await inFrame(() => 0);
    return [heard.slice(1),
      thrown(() => input.updateButtonState({ ...button(false), buttonType: 'touchpad' })),
      thrown(() => input.updateButtonState({ ...button(true), touched: false })),
      thrown(() => input.setSupportedButtons([{ buttonType: 'grip' }])),
      thrown(() => controller.simulateInputSourceConnection({}))];
    """
    )
    errors = ["NotFoundError", "TypeError", "TypeError", "TypeError"]
    assert xr(body) == [["squeezestart", "squeeze", "squeezeend"], *errors]


@pytest.mark.parametrize(
    "data",
    [
        "new Uint16Array([1, 2, 3, 4])",
        "new Uint16Array([1, 2, 3, 4]).buffer",
        "new Uint8Array([1, 0, 2, 0, 3, 0, 4, 0])",
        "new Uint16Array([9, 9, 1, 2, 3, 4, 9]).subarray(2, 6)",
        "new DataView(new Uint8Array([9, 1, 0, 2, 0, 3, 0, 4, 0]).buffer, 1)",
    ],
)
def test_depth_comes_as_a_buffer_or_any_part_of_one(xr: XRPage, data: str) -> None:
    body = f"""
    const depthData = {data};
    const {{ inFrame, get }} = await sensing(gl, 'cpu', {{ data: {{ depthData, width: 2, height: 2 }} }});
    new Uint8Array(depthData.buffer ?? depthData).fill(0); // ours by now
    return inFrame((frame, [view]) => [...new Uint16Array(get(frame, view).data)]);
    """
    assert xr(body) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "change",
    [
        "{ depthData: null }",
        "{ depthData: undefined }",
        "{ depthData: [1, 2] }",
        "{ depthData: new Uint16Array(11) }",
        "{ depthFormat: 'float16' }",
        "{ width: undefined }",
        "{ rawValueToMeters: NaN }",
        "{ normDepthBufferFromNormView: undefined }",
        "{ normDepthBufferFromNormView: { position: [0, 0], orientation: [0, 0, 0, 1] } }",
        "{ projectionMatrix: [1, 2, 3] }",
        "{ viewOffset: {} }",
    ],
)
def test_depth_of_the_wrong_shape_is_refused(xr: XRPage, change: str) -> None:
    """setDepthSensingData(): TypeError, and what was there stays."""
    body = f"""
    const {{ controller, inFrame, get }} = await sensing(gl, 'cpu');
    const error = thrown(() => controller.setDepthSensingData({{ ...depth(), ...{change} }}));
    return [error, await inFrame((frame, [view]) => get(frame, view) !== null)];
    """
    assert xr(body) == ["TypeError", True]


@pytest.mark.parametrize("support", [{}, {"depthTypes": [], "depthFormats": [], "depthUsages": []}])
def test_what_the_device_does_not_limit_is_all_there(xr: XRPage, support: dict[str, Any]) -> None:
    """depthSupport: a list that is missing or empty stands for everything."""
    body = """
    const device = phone({ depthSupport: values[0] }), found = [];
    for (const usage of ['cpu-optimized', 'gpu-optimized'])
      for (const format of ['luminance-alpha', 'float32', 'unsigned-short'])
        for (const type of ['raw', 'smooth']) {
          const lists = { usagePreference: [usage], dataFormatPreference: [format] };
          const depthSensing = { ...lists, depthTypeRequest: [type] };
          const { session } = await opened(gl, { device, depthSensing });
          const { depthUsage, depthDataFormat, depthType } = session;
          found.push([depthUsage === usage, depthDataFormat === format, depthType === type]);
          await session.end();
        }
    return found.flat().every(Boolean) && found.length;
    """
    assert xr(body, support) == 12


def test_a_device_that_goes_ends_its_session(xr: XRPage) -> None:
    body = """
    const events = [], listen = () => events.push('devicechange');
    navigator.xr.addEventListener('devicechange', listen);
    const { controller, session } = await opened(gl);
    const ended = new Promise((resolve) => session.addEventListener('end', resolve));
    await controller.disconnect();
    await ended;
    await controller.disconnect();
    navigator.xr.removeEventListener('devicechange', listen);
    return [events.length, await rejected(session.end())];
    """
    assert xr(body) == [2, "InvalidStateError"]


def test_the_newest_of_several_devices_is_the_one(xr: XRPage) -> None:
    """When all are gone, the device that was there before them is back."""
    body = """
    const { test } = navigator.xr, vr = () => navigator.xr.isSessionSupported('immersive-vr');
    const connect = (...supportedModes) => test.simulateDeviceConnection(phone({ supportedModes }));
    const before = await vr();
    const first = await connect('immersive-vr');
    const second = await connect('immersive-ar');
    const found = [await vr()];
    await second.disconnect();
    found.push(await vr());
    await test.disconnectAllDevices();
    return [...found, (await vr()) === before];
    """
    assert xr(body) == [False, True, True]
