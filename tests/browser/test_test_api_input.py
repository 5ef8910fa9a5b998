"""Fake controllers come, select, squeeze and go."""

from __future__ import annotations

import pytest

from xr_page import XRPage

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("xr", ["webgl2"], indirect=True)]

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
