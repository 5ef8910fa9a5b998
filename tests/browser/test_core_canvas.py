"""A page's canvas as the display of a session, and its overlay: lent, and put back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_the_canvas_is_lent_and_put_back(run: Callable[..., Any], page: Page) -> None:
    assert run("""
      const { canvas, gl } = draw();
      const wrap = document.body.appendChild(document.createElement('div'));
      wrap.style.transform = 'translate(90px, 40px) scale(0.5)';
      wrap.append(canvas);
      canvas.width = 111; canvas.height = 77;
      canvas.setAttribute('style', 'border: 3px solid red; margin: 5px;');
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


def test_a_canvas_in_what_a_page_hides_is_shown_for_the_session(run: Callable[..., Any]) -> None:
    """A page may hide its own view of the scene: a headset shows the session all the same."""
    assert run("""
      const { canvas, gl } = draw();
      const [outer, inner] = ['div', 'p'].map(name => document.createElement(name));
      document.body.append(outer);
      outer.style.display = 'none';
      inner.hidden = true;
      outer.append(inner);
      inner.append(canvas);
      const before = outer.outerHTML;
      const session = await navigator.xr.requestSession('immersive-ar');
      session.updateRenderState({ baseLayer: new XRWebGLLayer(session, gl) });
      await frame(session);
      const during = [document.elementFromPoint(320, 240) === canvas, canvas.getBoundingClientRect().width];
      await session.end();
      return [during, outer.outerHTML === before];
    """) == [[True, 640], True]


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


def test_a_page_whose_policy_forbids_style_attributes_gets_its_styles_back(
    run: Callable[..., Any], page: Page
) -> None:
    assert run("""
      const { canvas, gl } = draw();
      document.head.append(Object.assign(document.createElement('meta'),
        { httpEquiv: 'Content-Security-Policy', content: "style-src 'none'" }));
      const refused = [];
      document.addEventListener('securitypolicyviolation', event => refused.push(event.violatedDirective));
      canvas.style.borderTopWidth = '7px';
      const session = await navigator.xr.requestSession('immersive-ar');
      session.updateRenderState({ baseLayer: new XRWebGLLayer(session, gl) });
      await frame(session);
      await session.end();
      await new Promise(resolve => setTimeout(resolve));
      return [canvas.style.borderTopWidth, canvas.style.position, refused];
    """) == ["7px", "", []]
