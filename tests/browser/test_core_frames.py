"""When frames run, and what they find on the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser


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
