"""What pages do to a runtime that lives with them: they load it twice, delete what it lent, move canvases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

GPU = """
  const norm = identity();
  const depth = () => ({ bytes: new Uint8Array([1, 0, 2, 0, 3, 0, 4, 0]), format: 'unsigned-short', width: 2,
    height: 2, rawValueToMeters: 1, normDepthBufferFromNormView: norm,
    projection: null, viewerFromSensor: null });
  const sensed = () => ({ sequence: 0, time: 0, depth: depth(), views: [view('none')], viewer: identity() });
  const device = fake({ current: sensed(), depthSupport: { ...support, usages: ['gpu-optimized'] } });
  hook.connect(device);
  const init = { requiredFeatures: ['depth-sensing'],
    depthSensing: { usagePreference: [], dataFormatPreference: [] } };
"""


def test_a_second_copy_of_the_script_leaves_the_device_that_is_there(
    run: Callable[..., Any], page: Page, scripts: Path
) -> None:
    """A page that brings the script along is served by a server that puts it in as well."""
    run(
        "window.there = hook.device; window.ended = false; const { session } = await begin('immersive-ar');"
        "session.onend = () => window.ended = true;"
    )
    page.add_script_tag(path=scripts / "nearfar-webxr.js")
    assert run("return [hook.device === there, ended]") == [True, False]


def test_the_module_leaves_the_device_that_is_there(
    run: Callable[..., Any], page: Page, bundled: Callable[[str], Path]
) -> None:
    run("window.there = hook.device;")
    page.add_script_tag(path=bundled("entry/module"))
    assert run("const kept = hook.device === there; room.connect(null); return [kept, hook.device]") == [
        True,
        None,
    ]


def test_a_request_waits_for_the_device_that_came_meanwhile(run: Callable[..., Any]) -> None:
    assert run("""
      let first, second;
      hook.connect(fake({ modes: [], ready: new Promise(done => first = done) }));
      const session = navigator.xr.requestSession('immersive-ar').then(() => 'session', e => e.name);
      const known = navigator.xr.isSessionSupported('immersive-ar');
      const late = fake({ modes: [], ready: new Promise(done => second = done) });
      hook.connect(late);
      first();
      await new Promise(done => setTimeout(done));
      late.modes = ['immersive-ar'];
      second();
      return [await session, await known];
    """) == ["session", True]


def test_taps_on_an_immersive_session_are_not_those_of_an_inline_one_beside_it(
    run: Callable[..., Any],
) -> None:
    assert run("""
      const inline = await begin('inline'), heard = [];
      await frame(inline.session);
      for (const type of ['selectstart', 'select'])
        inline.session.addEventListener(type, e => heard.push(e.type));
      const immersive = await navigator.xr.requestSession('immersive-ar');
      immersive.updateRenderState({ baseLayer: new XRWebGLLayer(immersive, inline.gl) });
      await frame(immersive);
      const press = type =>
        inline.canvas.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerId: 7 }));
      press('pointerdown'); press('pointerup');
      await immersive.end();
      await frame(inline.session); await frame(inline.session);
      press('pointerdown'); await frame(inline.session);
      return heard;
    """) == ["selectstart"]


def test_a_session_ends_whatever_became_of_its_canvas(run: Callable[..., Any]) -> None:
    assert run("""
      const { session, canvas } = await begin('immersive-ar');
      await frame(session);
      canvas.removeAttribute('popover');
      canvas.remove();
      const ended = next(session, 'end');
      document.body.append(canvas);
      await session.end();
      await ended;
      return [canvas.style.position, document.querySelectorAll('[popover]').length];
    """) == ["", 0]


def test_a_canvas_that_a_page_moves_is_seen_again(run: Callable[..., Any]) -> None:
    """A page makes its session first, and then hangs the canvas where it wants to have it."""
    assert run("""
      const gl = document.createElement('canvas').getContext('webgl2');
      const session = await navigator.xr.requestSession('immersive-ar');
      session.updateRenderState({ baseLayer: new XRWebGLLayer(session, gl) });
      await frame(session);
      overlay.append(gl.canvas);
      await frame(session);
      const seen = document.elementFromPoint(320, 240) === gl.canvas;
      await session.end();
      return [seen, gl.canvas.parentNode === overlay];
    """) == [True, True]


def test_a_layer_that_is_not_shown_takes_nothing_from_the_one_that_is(run: Callable[..., Any]) -> None:
    assert run("""
      const { session, canvas } = await begin('immersive-ar');
      await frame(session);
      const other = draw();
      const baseLayer = new XRWebGLLayer(session, other.gl);
      await frame(session);
      const shown = () => document.elementFromPoint(320, 240) === canvas
        ? 'first' : document.elementFromPoint(320, 240) === other.canvas ? 'other' : 'none';
      const before = shown();
      session.updateRenderState({ baseLayer });
      await frame(session);
      const after = shown();
      await session.end();
      return [before, after, baseLayer.framebufferWidth, canvas.width, other.canvas.width];
    """) == ["first", "other", 640, 300, 300]


def test_depth_never_lands_in_a_pages_own_texture(run: Callable[..., Any]) -> None:
    """Where a page deleted the texture that it was lent, it gets another."""
    assert run(
        GPU
        + """
      const { session, gl } = await begin('immersive-ar', { init });
      const binding = new XRWebGLBinding(session, gl), space = await session.requestReferenceSpace('local');
      const lent = () => within(session, f =>
        binding.getDepthInformation(f.getViewerPose(space).views[0]).texture);
      const first = await lent();
      gl.deleteTexture(first);
      const own = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, own);
      const nines = new Uint8Array(16).fill(9);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 2, 2, 0, gl.RGBA, gl.UNSIGNED_BYTE, nines);
      device.current = sensed();
      const second = await lent();
      gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, own, 0);
      const pixels = new Uint8Array(16);
      gl.readPixels(0, 0, 2, 2, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
      const found = [second !== first, gl.isTexture(second), pixels.every(value => value === 9),
        gl.getParameter(gl.TEXTURE_BINDING_2D) === own];
      await session.end();
      return found;
    """
    ) == [True, True, True, True]


def test_sessions_leave_no_listeners_on_a_canvas(run: Callable[..., Any], page: Page) -> None:
    run(
        GPU
        + """
      window.shared = draw();
      for (let round = 0; round < 3; round++) {
        const session = await navigator.xr.requestSession('immersive-ar', init);
        session.updateRenderState({ baseLayer: new XRWebGLLayer(session, shared.gl) });
        const binding = new XRWebGLBinding(session, shared.gl);
        const space = await session.requestReferenceSpace('local');
        await within(session, f => binding.getDepthInformation(f.getViewerPose(space).views[0]).texture);
        await session.end();
      }
    """
    )
    tools = page.context.new_cdp_session(page)
    canvas = tools.send("Runtime.evaluate", {"expression": "shared.canvas"})["result"]["objectId"]
    assert tools.send("DOMDebugger.getEventListeners", {"objectId": canvas})["listeners"] == []


def test_spaces_made_from_others_hear_of_resets_too(run: Callable[..., Any]) -> None:
    """Of a reference space that is reset, all offset reference spaces are."""
    assert run("""
      const { session } = await begin('immersive-ar');
      const base = await session.requestReferenceSpace('local'), move = new XRRigidTransform({ x: 1 });
      const spaces = { base, once: base.getOffsetReferenceSpace(move) };
      spaces.twice = spaces.once.getOffsetReferenceSpace(move);
      const heard = [];
      for (const [name, space] of Object.entries(spaces))
        space.onreset = ({ referenceSpace }) => heard.push([name, referenceSpace === space]);
      hook.device.onreset();
      await new Promise(done => setTimeout(done));
      return heard;
    """) == [["base", True], ["once", True], ["twice", True]]


def test_a_session_that_ended_makes_no_more_textures(run: Callable[..., Any]) -> None:
    """It may end inside a callback, whose frame goes on."""
    assert run(
        GPU
        + """
      const { session, gl } = await begin('immersive-ar', { init });
      const binding = new XRWebGLBinding(session, gl), space = await session.requestReferenceSpace('local');
      return await within(session, f => {
        const [view] = f.getViewerPose(space).views;
        const before = binding.getDepthInformation(view).texture;
        session.end();
        return [binding.getDepthInformation(view), gl.isTexture(before)];
      });
    """
    ) == [None, False]


@pytest.mark.parametrize("profile", ["toaster", "toString"])
def test_a_profile_that_nobody_knows_is_the_specifications(page: Page, scripts: Path, profile: str) -> None:
    html = f"<!doctype html><script src=/runtime.js data-profile={profile}></script>"
    page.route("http://localhost/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.route("**/runtime.js", lambda route: route.fulfill(path=scripts / "nearfar-webxr.js"))
    page.goto("http://localhost/")
    assert page.evaluate("navigator.xr.isSessionSupported('immersive-vr')")
