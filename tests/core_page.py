"""A page with the runtime, a device that is a plain object, and a few words for tests of the core."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

PAGE = "<!doctype html><body style='margin:0'><div id=overlay><button id=button>b</button></div>"

HELPERS = """
  const identity = (x = 0, y = 0, z = 0) => new Float32Array([1,0,0,0, 0,1,0,0, 0,0,1,0, x,y,z,1]);
  const edges = { left: 1, right: 1, up: 0.75, down: 0.75 };
  const view = (eye, x = 0) => ({ eye, projection: edges, viewerFromView: identity(x), resolution: null });
  const support = { types: ['raw'], formats: ['luminance-alpha'], usages: ['cpu-optimized'] };
  const fake = (changed = {}) => ({
    modes: ['inline', 'immersive-ar'], features: ['local-floor', 'bounded-floor', 'depth-sensing'],
    blendMode: 'alpha-blend', interactionMode: 'screen-space', depthSupport: support, gpu: 'linear',
    localFromFloor: identity(0, -1.25, 0), bounds: [[1, 1], [1, -1], [-1, -1]],
    current: { sequence: 0, time: 0, depth: null, views: [view('none')], viewer: identity(1, 2, 3) },
    onframe: null, ...changed,
  });
  const hook = globalThis[Symbol.for('nearfar.webxr')];
  const draw = (kind = 'webgl2', attributes = {}) => {
    const canvas = document.body.appendChild(document.createElement('canvas'));
    const gl = canvas.getContext(kind, attributes);
    return { canvas, gl };
  };
  const begin = async (mode, { kind = 'webgl2', init = {}, attributes = {} } = {}) => {
    const session = await navigator.xr.requestSession(mode, init);
    const { canvas, gl } = draw(kind, attributes);
    const baseLayer = new XRWebGLLayer(session, gl);
    session.updateRenderState({ baseLayer });
    return { session, canvas, gl, baseLayer };
  };
  const frame = session => new Promise(done => session.requestAnimationFrame((time, f) => done([time, f])));
  const within = (session, act) => new Promise((done, fail) =>
    session.requestAnimationFrame((time, f) => { try { done(act(f, time)); } catch (e) { fail(e); } }));
  const nameOf = async act => { try { await act(); return 'none'; } catch (e) { return e.name; } };
  const next = (target, type) => new Promise(done => target.addEventListener(type, done, { once: true }));
"""


def prepare(page: Page, scripts: Path) -> None:
    """Opens it, with a device under navigator.xr."""
    page.add_init_script(path=scripts / "nearfar-webxr.js")
    page.route("http://localhost/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto("http://localhost/")
    page.add_script_tag(content=HELPERS + "hook.connect(fake());")
