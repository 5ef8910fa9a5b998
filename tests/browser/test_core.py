"""WebXR's core in a real page: sessions, the frame loop, spaces, input, the canvas.

What https://immersive-web.github.io/webxr/ and its modules for AR and DOM overlays say of each is asserted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from core_page import prepare

pytestmark = pytest.mark.browser


@pytest.fixture
def run(page: Page, scripts: Path) -> Callable[..., Any]:
    """Runs the body of an async function in a page that has the runtime and a device."""
    prepare(page, scripts)
    return lambda body: page.evaluate(f"async () => {{ {body} }}")


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


@pytest.mark.parametrize("kind", ["webgl", "webgl2"])
@pytest.mark.parametrize("mode", ["inline", "immersive-ar"])
def test_frames_run_in_every_kind_of_context(run: Callable[..., Any], kind: str, mode: str) -> None:
    assert run(f"""
      const {{ session, gl, baseLayer }} = await begin('{mode}', {{ kind: '{kind}' }});
      await gl.makeXRCompatible();
      const space = await session.requestReferenceSpace('viewer');
      const times = [];
      for (let i = 0; i < 3; i++) times.push((await frame(session))[0]);
      return within(session, (frame, time) => {{
        const [view] = frame.getViewerPose(space).views, viewport = baseLayer.getViewport(view);
        times.push(time);
        const {{ framebufferWidth, framebufferHeight }} = baseLayer;
        return [times.every((t, i) => !i || t >= times[i - 1]), frame.session === session, view.eye,
          view.index, viewport.width === framebufferWidth, viewport.height === framebufferHeight,
          gl.getError()];
      }});
    """) == [True, True, "none", 0, True, True, 0]


def test_handles_are_never_those_of_the_window(run: Callable[..., Any]) -> None:
    assert run("""
      const { session } = await begin('immersive-ar');
      let ran = '';
      const cancelled = session.requestAnimationFrame(() => ran += 'a');
      const first = session.requestAnimationFrame(() => { ran += 'b'; session.cancelAnimationFrame(last); });
      const last = session.requestAnimationFrame(() => ran += 'c');
      session.cancelAnimationFrame(cancelled);
      window.cancelAnimationFrame(first);
      for (let handle = 1; handle < 200; handle++) session.cancelAnimationFrame(handle);
      await frame(session);
      return [ran, first >= 2 ** 30, last > first];
    """) == ["b", True, True]


def test_a_callback_that_throws_is_reported_and_the_rest_run(run: Callable[..., Any]) -> None:
    assert run("""
      const { session } = await begin('immersive-ar');
      const reported = next(window, 'error').then(event => (event.preventDefault(), event.message));
      addEventListener('error', event => event.preventDefault());
      session.requestAnimationFrame(() => { throw new Error('mine'); });
      await frame(session);
      return [await reported, (await frame(session)).length];
    """) == ["Uncaught Error: mine", 2]


def test_inline_rests_while_immersive_runs_and_resumes(run: Callable[..., Any]) -> None:
    assert run("""
      const inline = (await begin('inline')).session;
      let count = 0;
      const loop = () => { count++; inline.requestAnimationFrame(loop); };
      loop();
      await frame(inline);
      const states = [inline.visibilityState];
      inline.onvisibilitychange = () => states.push(inline.visibilityState);
      const { session } = await begin('immersive-ar');
      await frame(session);
      const resting = count;
      for (let i = 0; i < 5; i++) await frame(session);
      const rested = count === resting;
      const ended = next(session, 'end');
      await session.end();
      await ended;
      await frame(inline);
      return [rested, count > resting, states, await nameOf(() => session.end()),
        session.requestAnimationFrame(() => 0)];
    """) == [True, True, ["visible", "hidden", "visible"], "InvalidStateError", 0]


def test_nothing_runs_without_a_layer_and_the_state_waits_for_a_frame(run: Callable[..., Any]) -> None:
    assert run("""
      const session = await navigator.xr.requestSession('immersive-ar');
      let ran = 0;
      session.requestAnimationFrame(() => ran++);
      for (let i = 0; i < 3; i++) await new Promise(done => requestAnimationFrame(done));
      const { gl } = draw(), baseLayer = new XRWebGLLayer(session, gl);
      const before = session.renderState;
      session.updateRenderState({ baseLayer });
      session.updateRenderState({ depthNear: 0.5, depthFar: 20 });
      const waiting = [ran, before.baseLayer, session.renderState === before];
      await frame(session);
      const { depthNear, depthFar } = session.renderState;
      return [waiting, ran, session.renderState.baseLayer === baseLayer, depthNear, depthFar,
        await nameOf(() => session.updateRenderState({ inlineVerticalFieldOfView: 1 })),
        await nameOf(() => session.updateRenderState({ depthNear: Infinity })),
        await nameOf(() => session.updateRenderState({ baseLayer: {} })),
        await nameOf(() => session.updateRenderState({ layers: [] }))];
    """) == [
        [0, None, True],
        1,
        True,
        0.5,
        20,
        "InvalidStateError",
        "TypeError",
        "TypeError",
        "NotSupportedError",
    ]


def test_a_device_frame_runs_at_once_and_never_inside_a_callback(run: Callable[..., Any]) -> None:
    """A device that is far ahead of the display: frames follow it, each in a task of its own."""
    assert run("""
      const device = fake();
      hook.connect(device);
      const { session } = await begin('immersive-ar');
      await frame(session);
      let inside = false, nested = false, ran = 0, windows = 0;
      const count = () => { windows++; requestAnimationFrame(count); };
      requestAnimationFrame(count);
      await new Promise(done => {
        const loop = () => {
          nested ||= inside;
          inside = true;
          device.onframe();
          device.onframe();
          inside = false;
          if (++ran === 100) done(); else session.requestAnimationFrame(loop);
        };
        session.requestAnimationFrame(loop);
      });
      return [nested, windows < 50];
    """) == [False, True]


def test_a_second_frame_before_the_browser_showed_the_first_finds_a_clear_canvas(
    run: Callable[..., Any],
) -> None:
    """And the page's state of WebGL as it was."""
    for kind in ("webgl", "webgl2"):
        assert run(f"""
          const device = fake();
          hook.connect(device);
          const {{ session, gl }} = await begin('immersive-ar', {{ kind: '{kind}' }});
          const texel = new Uint8Array(4), other = gl.createFramebuffer();
          const read = () => (gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, texel), [...texel].join());
          const seen = [];
          await frame(session);
          await new Promise(done => {{
            const loop = () => {{
              const bound = gl.getParameter(gl.FRAMEBUFFER_BINDING), scissor = gl.isEnabled(gl.SCISSOR_TEST);
              const state = [bound === other, scissor, ...gl.getParameter(gl.COLOR_CLEAR_VALUE),
                ...gl.getParameter(gl.COLOR_WRITEMASK)].join();
              gl.bindFramebuffer(gl.FRAMEBUFFER, null);
              seen.push([read(), state]);
              gl.disable(gl.SCISSOR_TEST);
              gl.colorMask(true, true, true, true);
              gl.clearColor(1, 0, 0, 1);
              gl.clear(gl.COLOR_BUFFER_BIT);
              gl.bindFramebuffer(gl.FRAMEBUFFER, other);
              gl.enable(gl.SCISSOR_TEST);
              gl.scissor(0, 0, 1, 1);
              gl.colorMask(true, false, true, false);
              device.onframe();
              if (seen.length === 40) done(); else session.requestAnimationFrame(loop);
            }};
            session.requestAnimationFrame(loop);
          }});
          await session.end();
          const states = new Set(seen.slice(1).map(([, state]) => state));
          return [[...new Set(seen.map(([texel]) => texel))], [...states]];
        """) == [["0,0,0,0"], ["true,true,1,0,0,1,true,false,true,false"]]


def test_a_picture_stays_while_its_page_asks_for_no_frame(run: Callable[..., Any]) -> None:
    assert (
        run("""
      const device = fake();
      hook.connect(device);
      const { session, gl } = await begin('immersive-ar', { attributes: { preserveDrawingBuffer: true } });
      const texel = new Uint8Array(4);
      await within(session, () => { gl.clearColor(0, 1, 0, 1); gl.clear(gl.COLOR_BUFFER_BIT); });
      for (let i = 0; i < 20; i++) {
        device.onframe();
        await new Promise(done => setTimeout(done));
      }
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, texel);
      return texel.join();
    """)
        == "0,255,0,255"
    )


def test_spaces_say_where_the_viewer_is(run: Callable[..., Any]) -> None:
    assert run("""
      const { session } = await begin('immersive-ar', { init: { requiredFeatures: ['bounded-floor'] } });
      const at = type => session.requestReferenceSpace(type);
      const [viewer, local, floor] = [await at('viewer'), await at('local'), await at('bounded-floor')];
      const moved = floor.getOffsetReferenceSpace(new XRRigidTransform({ x: 1 }, { y: 1, w: 1 }));
      return within(session, frame => {
        const point = ({ x, y, z }) => [x, y, z].map(v => +v.toFixed(5) + 0);
        const place = space => point(frame.getViewerPose(space).transform.position);
        return {
          viewer: place(viewer), local: place(local), floor: place(floor), moved: place(moved),
          back: point(frame.getPose(local, viewer).transform.position),
          bounds: floor.boundsGeometry.map(point), movedBounds: moved.boundsGeometry.map(point),
          kinds: [moved instanceof XRBoundedReferenceSpace, local instanceof XRBoundedReferenceSpace],
        };
      });
    """) == {
        "viewer": [0, 0, 0],
        "local": [1, 2, 3],
        "floor": [1, 3.25, 3],
        "moved": [-3, 3.25, 0],
        "back": [-1, -2, -3],
        "bounds": [[1, 0, 1], [1, 0, -1], [-1, 0, -1]],
        "movedBounds": [[-1, 0, 0], [1, 0, 0], [1, 0, -2]],
        "kinds": [True, False],
    }


def test_views_are_the_devices(run: Callable[..., Any]) -> None:
    assert run("""
      const views = [view('left', -0.03), view('right', 0.03)];
      hook.connect(fake({ current: { ...fake().current, views } }));
      const { session, baseLayer } = await begin('immersive-ar');
      const space = await session.requestReferenceSpace('local');
      session.updateRenderState({ depthNear: 0.25, depthFar: 4 });
      const half = baseLayer.framebufferWidth / 2;
      return within(session, frame => frame.getViewerPose(space).views.map(view => {
        const { x, y, width, height } = baseLayer.getViewport(view);
        return [view.eye, view.index, +view.transform.position.x.toFixed(4),
          [...view.projectionMatrix].map(v => +v.toFixed(4)),
          x / half, y, width / half, height === baseLayer.framebufferHeight];
      }));
    """) == [
        [eye, index, x, [1, 0, 0, 0, 0, 1.3333, 0, 0, 0, 0, -1.1333, -1, 0, 0, -0.5333, 0], index, 0, 1, True]
        for index, (eye, x) in enumerate([("left", 0.97), ("right", 1.03)])
    ]


def test_a_frame_that_is_over_tells_nothing(run: Callable[..., Any]) -> None:
    assert run("""
      const { session, baseLayer } = await begin('immersive-ar');
      const other = (await begin('inline')).session;
      const space = await session.requestReferenceSpace('local');
      const foreign = await other.requestReferenceSpace('viewer');
      let view;
      const [, old] = await new Promise(done => session.requestAnimationFrame((time, frame) => {
        view = frame.getViewerPose(space).views[0];
        done([time, frame]);
      }));
      return [await nameOf(() => old.getViewerPose(space)), await nameOf(() => old.getPose(space, space)),
        await nameOf(() => baseLayer.getViewport(view)), view.eye,
        await within(session, async frame => [await nameOf(() => frame.getViewerPose(foreign)),
          await nameOf(() => frame.getViewerPose({})), await nameOf(() => frame.getViewerPose())])];
    """) == ["InvalidStateError"] * 3 + ["none", ["InvalidStateError", "TypeError", "TypeError"]]


def test_a_viewer_that_is_not_tracked_has_no_pose(run: Callable[..., Any]) -> None:
    assert run("""
      const device = fake();
      hook.connect(device);
      const { session } = await begin('immersive-ar');
      const space = await session.requestReferenceSpace('local');
      const before = await within(session, frame => frame.getViewerPose(space).emulatedPosition);
      device.current = { ...device.current, viewer: null };
      const lost = await within(session, frame => frame.getViewerPose(space));
      device.current = { ...device.current, viewer: identity(), emulatedPosition: true };
      return [before, lost, await within(session, frame => frame.getViewerPose(space).emulatedPosition)];
    """) == [False, None, True]


def test_rigid_transforms_invert_and_refuse_nonsense(run: Callable[..., Any]) -> None:
    assert run("""
      const turned = new XRRigidTransform({ x: 1, y: 2, z: 3 }, { x: 0, y: 2, z: 0, w: 2 });
      const { inverse } = turned, dom = ({ matrix }) => new DOMMatrix([...matrix]);
      const product = dom(turned).multiply(dom(inverse));
      const refused = [[{ w: 2 }], [{ x: NaN }], [{}, { x: 0, y: 0, z: 0, w: 0 }], [1]];
      return [turned.inverse === inverse, inverse.inverse === turned, turned.matrix === turned.matrix,
        [...product.toFloat32Array()].map(v => Math.round(v * 1e5) / 1e5 + 0),
        +turned.orientation.y.toFixed(5),
        await Promise.all(refused.map(values => nameOf(() => new XRRigidTransform(...values))))];
    """) == [
        True,
        True,
        True,
        [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
        0.70711,
        ["TypeError", "TypeError", "InvalidStateError", "TypeError"],
    ]


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


def test_the_canvas_is_lent_and_put_back(run: Callable[..., Any], page: Page) -> None:
    assert run("""
      const { canvas, gl } = draw();
      const wrap = document.body.appendChild(document.createElement('div'));
      wrap.style.transform = 'translate(90px, 40px) scale(0.5)';
      wrap.append(canvas);
      canvas.width = 111; canvas.height = 77;
      canvas.setAttribute('style', 'border: 3px solid red; margin: 5px');
      const before = [canvas.outerHTML, document.body.children.length];
      const session = await navigator.xr.requestSession('immersive-ar');
      const baseLayer = new XRWebGLLayer(session, gl);
      session.updateRenderState({ baseLayer });
      await frame(session);
      const box = canvas.getBoundingClientRect();
      const during = [box.x, box.y, box.width, box.height, canvas.parentNode === wrap,
        document.elementFromPoint(5, 5) === canvas];
      const size = [baseLayer.framebufferWidth, baseLayer.framebufferHeight];
      canvas.width = 10;
      await frame(session);
      const kept = [canvas.width, canvas.height].join() === size.join()
        && baseLayer.framebufferWidth === size[0];
      const resized = next(window, 'resize');
      await session.end();
      await resized;
      return [during, size, kept, [canvas.outerHTML, document.body.children.length].join() === before.join()];
    """) == [[0, 0, 640, 480, True, True], [640, 480], True, True]


def test_the_whole_body_can_be_the_overlay(run: Callable[..., Any], page: Page) -> None:
    assert run("""
      const { canvas, gl } = draw();
      document.body.style.color = 'rgb(1, 2, 3)';
      const before = document.body.outerHTML, asked = [];
      document.addEventListener('beforexrselect', event => asked.push(event.target.tagName));
      const session = await navigator.xr.requestSession('immersive-ar', {
        requiredFeatures: ['dom-overlay'], domOverlay: { root: document.body } });
      session.updateRenderState({ baseLayer: new XRWebGLLayer(session, gl) });
      await frame(session);
      const { color, backgroundColor } = getComputedStyle(document.body);
      const { x, y } = button.getBoundingClientRect();
      const during = [color, backgroundColor, document.elementFromPoint(x + 3, y + 3) === button];
      for (const target of [button, canvas])
        target.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, pointerId: asked.length }));
      await session.end();
      return [during, document.body.outerHTML === before, asked];
    """) == [["rgb(1, 2, 3)", "rgba(0, 0, 0, 0)", True], True, ["BUTTON", "CANVAS"]]


def test_a_canvas_that_is_nowhere_is_shown_for_the_session(run: Callable[..., Any]) -> None:
    assert run("""
      const gl = document.createElement('canvas').getContext('webgl2');
      const session = await navigator.xr.requestSession('immersive-ar');
      const baseLayer = new XRWebGLLayer(session, gl, { framebufferScaleFactor: 0.5 });
      session.updateRenderState({ baseLayer });
      await frame(session);
      const during = [gl.canvas.isConnected, gl.drawingBufferWidth];
      dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
      await new Promise(done => setTimeout(done));
      return [during, gl.canvas.isConnected, gl.canvas.width, await nameOf(() => session.end()),
        await nameOf(() => new XRWebGLLayer(session, gl)),
        XRWebGLLayer.getNativeFramebufferScaleFactor(session)];
    """) == [[True, 320], False, 300, "InvalidStateError", "InvalidStateError", 0]


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


@pytest.fixture
def phone(browser: Browser, scripts: Path) -> Iterator[Page]:
    """A page with the runtime and a device, on a screen of touches and fine pixels."""
    context = browser.new_context(
        viewport={"width": 640, "height": 480}, has_touch=True, device_scale_factor=2.0
    )
    page = context.new_page()
    prepare(page, scripts)
    yield page
    context.close()


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


def test_fine_pixels_stay_when_a_page_shrinks_its_canvas(phone: Page) -> None:
    """As three.js does at a session's start: it sets its pixel ratio to 1, and then asks for the size."""
    assert phone.evaluate(
        """async () => {
      const { session, canvas, baseLayer } = await begin('immersive-ar');
      canvas.width = 640; canvas.height = 480;
      const { framebufferWidth, framebufferHeight } = baseLayer;
      await frame(session);
      return [framebufferWidth, framebufferHeight, canvas.width, canvas.height];
    }"""
    ) == [1280, 960, 1280, 960]


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


def test_a_picture_is_as_large_as_its_device_wants(run: Callable[..., Any]) -> None:
    assert run("""
      const sized = eye => ({ ...view(eye), resolution: { width: 200, height: 160 } });
      hook.connect(fake({ current: { ...fake().current, views: [sized('left'), sized('right')] } }));
      const session = await navigator.xr.requestSession('immersive-ar');
      const { gl } = draw();
      const layer = scale => new XRWebGLLayer(session, gl, { framebufferScaleFactor: scale });
      const { framebufferWidth, framebufferHeight } = layer(0.5);
      return [framebufferWidth, framebufferHeight, await nameOf(() => layer(NaN))];
    """) == [200, 80, "TypeError"]


def test_a_canvas_that_keeps_its_picture_is_cleared_for_each_frame(run: Callable[..., Any]) -> None:
    assert (
        run("""
      const { session, gl } = await begin('immersive-ar', { attributes: { preserveDrawingBuffer: true } });
      const seen = [];
      for (let i = 0; i < 3; i++)
        seen.push(await within(session, () => {
          const texel = new Uint8Array(4);
          gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, texel);
          gl.clearColor(0, 1, 0, 1);
          gl.clear(gl.COLOR_BUFFER_BIT);
          return texel.join();
        }));
      return seen;
    """)
        == ["0,0,0,0"] * 3
    )
