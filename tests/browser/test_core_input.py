"""What a session hears of a mouse, of touches and of controllers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LISTEN = """
  const { session, canvas } = await begin('immersive-ar', { init: {
    optionalFeatures: ['dom-overlay'], domOverlay: { root: document.querySelector('#overlay') } } });
  const space = await session.requestReferenceSpace('viewer');
  window.heard = [];
  for (const type of ['selectstart', 'select', 'selectend'])
    session['on' + type] = ({ frame, inputSource }) => {
      const [x, y, z] = frame.getPose(inputSource.targetRaySpace, space).transform.matrix.subarray(8);
      const slope = [x, y].map(value => +(-value / z).toFixed(3));
      heard.push([type, inputSource.targetRayMode, session.inputSources.length, ...slope]);
    };
  session.oninputsourceschange = ({ added, removed }) => heard.push(['change', added.length, removed.length]);
  const loop = () => session.requestAnimationFrame(loop);
  loop();
  await frame(session);
  window.settled = () => frame(session).then(() => frame(session));
"""


def test_a_click_selects_where_the_mouse_is(run: Callable[..., Any], page: Page) -> None:
    run(LISTEN)
    page.mouse.move(480, 120)  # right of the middle by half the picture's half, above it by as much
    page.mouse.down()
    run("await settled();")
    page.mouse.up()
    run("await settled();")
    ray = ["screen", 1, 0.5, 0.375]
    assert run("return heard;") == [
        ["change", 1, 0],
        ["selectstart", *ray],
        ["select", *ray],
        ["selectend", *ray],
        ["change", 0, 1],
    ]


def test_an_overlay_keeps_what_it_wants_for_itself(run: Callable[..., Any], page: Page) -> None:
    run(
        LISTEN
        + "document.querySelector('#button').addEventListener('beforexrselect', e => e.preventDefault());"
    )
    page.click("#button")
    run("await settled();")
    assert run("return heard;") == []
    page.mouse.click(320, 400)  # the overlay itself, over the canvas
    run("await settled();")
    assert [event[0] for event in run("return heard;")] == [
        "change",
        "selectstart",
        "select",
        "selectend",
        "change",
    ]


def test_every_touch_is_an_input_of_its_own(phone: Page) -> None:
    phone.evaluate(f"async () => {{ {LISTEN} }}")
    touch = phone.context.new_cdp_session(phone)
    left, right = {"id": 1, "x": 160, "y": 240}, {"id": 2, "x": 480, "y": 240}
    for kind, points in [
        ("touchStart", [left]),
        ("touchStart", [left, right]),
        ("touchMove", [left, dict(right, y=120)]),
        ("touchEnd", []),
    ]:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        phone.evaluate("settled()")
    assert phone.evaluate("heard") == [
        ["change", 1, 0],
        ["selectstart", "screen", 1, -0.5, 0],
        ["change", 1, 0],
        ["selectstart", "screen", 2, 0.5, 0],
        ["select", "screen", 2, -0.5, 0],
        ["selectend", "screen", 2, -0.5, 0],
        ["change", 0, 1],
        ["select", "screen", 1, 0.5, 0.375],
        ["selectend", "screen", 1, 0.5, 0.375],
        ["change", 0, 1],
    ]


def test_a_picture_keeps_its_shape_and_its_pointers(run: Callable[..., Any], page: Page) -> None:
    """An upright picture stands in the middle of a wide window; rays go through what was pressed."""
    run(
        "hook.connect(fake({ current: { ...fake().current, views: [{ ...view('none'), projection: "
        "{ left: 0.75, right: 0.75, up: 1, down: 1 } }] } }));"
        + LISTEN
        + "window.size = [canvas.width, canvas.height];"
    )
    assert run("return size;") == [360, 480]
    page.mouse.click(320 + 90, 120)  # half of the picture's half to the right, and above
    run("await settled();")
    assert run("return heard.find(([type]) => type === 'select').slice(3);") == [0.375, 0.5]


def test_controllers_come_select_and_go(run: Callable[..., Any]) -> None:
    assert run("""
      const events = [], hand = {
        id: 7, handedness: 'left', targetRayMode: 'tracked-pointer', profiles: ['generic-trigger'],
        pointer: identity(0, 1, 0), grip: identity(0, 0.5, 0), emulatedPosition: false };
      const inputs = { connected: [hand], taken: () => events.splice(0) };
      hook.connect(fake({ inputs }));
      const { session } = await begin('immersive-ar');
      const heard = [], local = await session.requestReferenceSpace('local');
      for (const type of ['inputsourceschange', 'selectstart', 'select', 'selectend', 'squeezestart'])
        session.addEventListener(type, () => heard.push(type));
      await frame(session);
      const [source] = session.inputSources;
      const { y: height } = await within(session,
        frame => frame.getPose(source.gripSpace, local).transform.position);
      events.push({ id: 7, action: 'select', phase: 'start' }, { id: 7, action: 'select', phase: 'end' });
      await frame(session);
      inputs.connected = [{ ...hand, handedness: 'right', grip: null }];
      await frame(session);
      const changed = [...session.inputSources].map(s => [s.handedness, s.gripSpace, s === source]);
      inputs.connected = [];
      await frame(session);
      const { length, 0: first } = session.inputSources;
      return [source.handedness, height, heard, changed, length, first];
    """) == [
        "left",
        0.5,
        [
            "inputsourceschange",
            "selectstart",
            "select",
            "selectend",
            "inputsourceschange",
            "inputsourceschange",
        ],
        [["right", None, False]],
        0,
        None,
    ]
