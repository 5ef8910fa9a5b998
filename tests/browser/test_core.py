"""WebXR's core in a real page: how sessions are asked for, and what becomes of them.

What https://immersive-web.github.io/webxr/ and its modules for AR and DOM overlays say of each is asserted,
here and in the tests of frames, spaces, input and the canvas.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_one_system_serves_whatever_device_is_there(run: Callable[..., Any]) -> None:
    assert run("""
      const { xr } = navigator;
      const modes = ['inline', 'immersive-ar', 'immersive-vr'];
      const supported = () => Promise.all(modes.map(mode => xr.isSessionSupported(mode)));
      const changed = next(xr, 'devicechange');
      const before = await supported();
      hook.connect(fake({ modes: ['immersive-vr'] }));
      await changed;
      const after = await supported();
      hook.connect(null);
      return [before, after, await supported(), navigator.xr === xr];
    """) == [[True, True, False], [True, False, True], [True, False, False], True]


def test_the_runtime_works_where_an_origin_is_not_secure(page: Page, scripts: Path) -> None:
    page.add_init_script(path=scripts / "nearfar-webxr.js")
    page.goto("about:blank")
    assert page.evaluate(
        "[isSecureContext, 'xr' in navigator, Object.keys(window).includes('XRSession'), typeof XRSession]"
    ) == [
        False,
        True,
        False,
        "function",
    ]


def test_requests_fail_by_the_names_that_the_specification_gives(run: Callable[..., Any]) -> None:
    assert run("""
      const { xr } = navigator, ask = (...values) => nameOf(() => xr.requestSession(...values));
      const running = await xr.requestSession('immersive-ar');
      const found = {
        nothing: await ask(), unknown: await ask('immersive'), options: await ask('inline', 1),
        list: await ask('inline', { requiredFeatures: 'local' }),
        inlineLocal: await ask('inline', { requiredFeatures: ['local'] }),
        second: await ask('immersive-ar'),
        dictionaryFirst: await ask('immersive-ar', { depthSensing: {} }),
      };
      await running.end();
      return { ...found,
        mode: await ask('immersive-vr'),
        feature: await ask('immersive-ar', { requiredFeatures: ['teleport'] }),
        depth: await ask('immersive-ar', { requiredFeatures: ['depth-sensing'] }),
        overlay: await ask('immersive-ar', { requiredFeatures: ['dom-overlay'] }),
        root: await ask('immersive-ar', { domOverlay: { root: {} } }),
        optional: await ask('immersive-ar', { optionalFeatures: ['teleport', 'depth-sensing'] }),
      };
    """) == {
        "nothing": "TypeError",
        "unknown": "TypeError",
        "options": "TypeError",
        "list": "TypeError",
        "inlineLocal": "NotSupportedError",
        "second": "InvalidStateError",
        "dictionaryFirst": "TypeError",
        "mode": "NotSupportedError",
        "feature": "NotSupportedError",
        "depth": "NotSupportedError",
        "overlay": "NotSupportedError",
        "root": "TypeError",
        "optional": "none",
    }


def test_two_requests_at_once_get_one_session(run: Callable[..., Any]) -> None:
    assert run("""
      const both = await Promise.allSettled([1, 2].map(() => navigator.xr.requestSession('immersive-ar')));
      return both.map(({ reason }) => reason?.name ?? 'session');
    """) == ["session", "InvalidStateError"]


def test_requests_wait_until_the_device_is_known(run: Callable[..., Any]) -> None:
    assert run("""
      let known;
      const device = fake({ modes: [], ready: new Promise(done => known = done) });
      hook.connect(device);
      const { xr } = navigator;
      const asked = [xr.isSessionSupported('immersive-ar'), xr.requestSession('immersive-ar')];
      const inline = await navigator.xr.requestSession('inline');
      device.modes = ['immersive-ar'];
      known();
      const [supported, session] = await Promise.all(asked);
      return [supported, session instanceof XRSession, inline.enabledFeatures];
    """) == [True, True, ["viewer"]]


def test_features_are_what_was_asked_for_and_is_there(run: Callable[..., Any]) -> None:
    assert run("""
      const session = await navigator.xr.requestSession('immersive-ar', {
        requiredFeatures: ['local-floor', 'viewer'],
        optionalFeatures: ['hit-test', 'dom-overlay', 'depth-sensing'],
        domOverlay: { root: document.querySelector('#overlay') },
        depthSensing: { usagePreference: [], dataFormatPreference: [] } });
      const spaces = {};
      for (const type of ['viewer', 'local', 'local-floor', 'bounded-floor', 'unbounded', 'floor'])
        spaces[type] = await nameOf(() => session.requestReferenceSpace(type));
      return [session.enabledFeatures, Object.isFrozen(session.enabledFeatures), session.depthUsage,
              session.domOverlayState.type, session.environmentBlendMode, session.interactionMode, spaces];
    """) == [
        ["viewer", "local", "local-floor", "dom-overlay", "depth-sensing"],
        True,
        "cpu-optimized",
        "screen",
        "alpha-blend",
        "screen-space",
        {
            "viewer": "none",
            "local": "none",
            "local-floor": "none",
            "bounded-floor": "NotSupportedError",
            "unbounded": "NotSupportedError",
            "floor": "TypeError",
        },
    ]


def test_pages_may_hang_their_own_on_what_they_get(run: Callable[..., Any]) -> None:
    assert run("""
      'use strict';
      const { session, baseLayer, gl } = await begin('immersive-ar');
      baseLayer.context = gl; session.mode = 'mine'; session.sessionInit = {};
      return [baseLayer.context === gl, session.mode];
    """) == [True, "mine"]


def test_a_device_that_goes_takes_its_session_along(run: Callable[..., Any]) -> None:
    assert run("""
      const told = [];
      hook.connect(fake({ sessionStarted: ({ mode }) => told.push(mode), surface: c => told.push(c.tagName),
        sessionEnded: () => told.push('ended') }));
      const { session } = await begin('immersive-ar');
      const ended = next(session, 'end');
      hook.connect(fake());
      await ended;
      return [told, (await navigator.xr.requestSession('immersive-ar')) !== session];
    """) == [["immersive-ar", "CANVAS", "ended"], True]


def test_pages_hear_of_resets_and_of_what_the_user_sees(run: Callable[..., Any]) -> None:
    assert run("""
      const device = fake();
      hook.connect(device);
      const { session } = await begin('immersive-ar');
      const local = await session.requestReferenceSpace('local');
      const heard = [];
      local.onreset = event => heard.push(event.referenceSpace === local, event.transform);
      device.onreset();
      session.onvisibilitychange = () => heard.push(session.visibilityState);
      await frame(session);
      device.onvisibility('hidden');
      let ran = false;
      session.requestAnimationFrame(() => ran = true);
      for (let i = 0; i < 3; i++) await new Promise(done => requestAnimationFrame(done));
      heard.push(ran);
      device.onvisibility('visible');
      await frame(session);
      return [...heard, ran];
    """) == [True, None, "hidden", False, "visible", True]


def test_a_binding_is_for_an_immersive_session_that_runs(run: Callable[..., Any]) -> None:
    assert run("""
      const { session, gl } = await begin('immersive-ar');
      const inline = await navigator.xr.requestSession('inline');
      const made = (...values) => nameOf(() => new XRWebGLBinding(...values));
      const asked = [[session, gl], [inline, gl], [session, {}], [{}, gl]];
      const found = await Promise.all(asked.map(values => made(...values)));
      await session.end();
      return [...found, await made(session, gl)];
    """) == ["none", "InvalidStateError", "TypeError", "TypeError", "InvalidStateError"]
