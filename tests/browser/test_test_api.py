"""navigator.xr.test: fake devices come and go, and are what a test says.

https://immersive-web.github.io/webxr-test-api/
"""

from __future__ import annotations

import pytest

from xr_page import XRPage

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("xr", ["webgl2"], indirect=True)]


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
