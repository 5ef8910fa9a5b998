"""Depth in a page, as the vectors have it that the Python model wrote: values, matrices, textures, errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "web/webxr/conformance/vectors.json").read_text(encoding="utf-8"))
HELP = [Path(__file__).with_name(name) for name in ("depth_page.js", "depth_vectors.js")]

pytestmark = pytest.mark.browser


@pytest.fixture
def xr(page: Page, scripts: Path) -> Page:
    """A page with the runtime ahead of it, and the vectors in it."""
    for script in (scripts / "nearfar-webxr.js", *HELP):
        page.add_init_script(path=script)
    page.route(
        "http://localhost/", lambda route: route.fulfill(body="<!DOCTYPE html>", content_type="text/html")
    )
    page.goto("http://localhost/")
    page.evaluate("(given) => { depthVectors.document = given; }", VECTORS)
    return page


def asked(xr: Page, what: str, cases: list[Any], *more: Any) -> list[Any]:
    """What comes of each case, one session after the other."""
    script = """async ([what, cases, more]) => {
      const found = [];
      for (const given of cases) found.push(await depthVectors[what](given, ...more));
      return found;
    }"""
    return list(xr.evaluate(script, [what, cases, more]))


def differing(cases: list[Any], found: list[Any], expected: list[Any]) -> dict[str, Any]:
    """What is not as it should be, by the case's name; transforms come by other sums, and are rounded."""
    return {
        str(case.get("name", case)): (got, wanted)
        for case, got, wanted in zip(cases, found, expected, strict=True)
        if rounded(got) != rounded(wanted)
    }


def rounded(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: rounded(entry, name) for name, entry in value.items()}
    if key == "transform":
        return [round(number, 5) + 0.0 for number in value]
    return [rounded(entry) for entry in value] if isinstance(value, list) else value


def in_frame(xr: Page, usage: str, body: str, **asked: Any) -> Any:
    """What the body of a function returns in a frame: it sees the session, and `get` for a view's depth."""
    given = {"native": "small luminance-alpha, aligned, 90", "views": "mono", "layout": "linear", **asked}
    script = """async ([usage, given]) => {
      const device = depthVectors.connect(given);
      const asked = { dataFormat: 'luminance-alpha', matchDepthView: true, ...given };
      const opened = await depthVectors.open(device, depthVectors.asked(usage, asked));
      const { session, binding, gl, inFrame } = opened;
      const get = (frame, view) => (usage === 'cpu-optimized' ? frame : binding).getDepthInformation(view);
      const run = async () => { BODY };
      try { return await run(); } finally { await session.end().catch(() => {}); }
    }"""
    return xr.evaluate(script.replace("BODY", body), [usage, given])


CPU, GPU = "cpu-optimized", "gpu-optimized"


@pytest.mark.parametrize("part", range(4))
def test_values_and_matrices_are_those_of_python(xr: Page, part: int) -> None:
    cases = VECTORS["cpu"][part::4]
    assert not differing(cases, asked(xr, "cpu", cases), [case["expected"] for case in cases])


@pytest.mark.parametrize("profile", ["spec", "arcore", "quest"])
@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize("kind", ["webgl", "webgl2"])
def test_textures_are_those_of_python(xr: Page, profile: str, part: int, kind: str) -> None:
    cases = [case for case in VECTORS["gpu"] if case["profile"] == profile][part::2]
    refused = [kind == "webgl" and not fits_webgl(case) for case in cases]
    expected = [
        "InvalidStateError" if no else {name: case[name] for name in ("expected", "layers") if name in case}
        for case, no in zip(cases, refused, strict=True)
    ]
    assert not differing(cases, asked(xr, "gpu", cases, kind), expected)


def fits_webgl(case: Any) -> bool:
    return case["layout"] == "linear" and case["dataFormat"] == "luminance-alpha"


@pytest.mark.parametrize("part", range(4))
def test_misuse_is_refused_as_in_python(xr: Page, part: int) -> None:
    cases = VECTORS["misuse"][part::4]
    expected = [{name: case[name] for name in ("error", "returnsNull")} for case in cases]
    assert not differing(cases, asked(xr, "misuse", cases), expected)


@pytest.mark.parametrize("part", range(2))
def test_sessions_get_what_python_agrees_on(xr: Page, part: int) -> None:
    cases = VECTORS["negotiation"][part::2]
    expected = []
    for case in cases:
        agreed = case["configuration"]
        known = agreed and {name: agreed[name] for name in ("usage", "dataFormat", "type")}
        wrong = case["errorIfOptional"]
        optional = None if wrong else known or False
        expected.append(
            {"configuration": known, "error": case["error"], "optional": optional, "errorIfOptional": wrong}
        )
    assert not differing(cases, asked(xr, "negotiated", cases), expected)


def test_data_that_were_given_away_are_refused(xr: Page) -> None:
    body = """return inFrame((frame, [view]) => {
      const information = get(frame, view);
      structuredClone(information.data, { transfer: [information.data] });
      const again = get(frame, view);
      try { information.getDepthInMeters(2, 2); } catch (error) {
        const { data } = again;
        return [error.name, information.data.byteLength, data.byteLength, again.getDepthInMeters(0, 0) > 0];
      }
    });"""
    assert in_frame(xr, CPU, body) == ["InvalidStateError", 0, 70, True]


def test_getDepthInMeters_reads_what_a_page_wrote(xr: Page) -> None:  # noqa: N802
    body = """return inFrame((frame, [view]) => {
      const information = get(frame, view);
      new Uint16Array(information.data).fill(1234);
      return [information.getDepthInMeters(0.5, 0.5), get(frame, view).getDepthInMeters(0.5, 0.5)];
    });"""
    written, other = in_frame(xr, CPU, body)
    assert written == pytest.approx(1.234)
    assert other != written


@pytest.mark.parametrize("usage", [CPU, GPU])
def test_objects_are_of_their_interfaces_and_stay_the_same(xr: Page, usage: str) -> None:
    body = """return inFrame((frame, [view]) => {
      const own = usage === 'cpu-optimized' ? XRCPUDepthInformation : XRWebGLDepthInformation;
      const one = get(frame, view), other = get(frame, view);
      const content = usage === 'cpu-optimized' ? 'data' : 'texture';
      const same = ['normDepthBufferFromNormView', 'transform', content];
      const names = Object.keys(one);
      return [
        one instanceof own, one instanceof XRDepthInformation, one !== other, names,
        same.every((name) => one[name] === one[name]), one.transform === view.transform,
        Object.prototype.toString.call(one) === `[object ${own.name}]`,
        one.normDepthBufferFromNormView.inverse === one.normDepthBufferFromNormView.inverse,
      ];
    });"""
    assert in_frame(xr, usage, body) == [True, True, True, [], True, True, True, True]


def test_the_first_explainers_names_work_beside_todays(xr: Page) -> None:
    body = """return inFrame((frame, [view]) => {
      const information = get(frame, view), { width, height } = information;
      const raw = new Uint16Array(information.data), metres = [];
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++) metres.push(information.getDepth(column, row));
      let outside;
      try { information.getDepth(width, 0); } catch (error) { outside = error.name; }
      return [
        information.normTextureFromNormView === information.normDepthBufferFromNormView,
        session.depthFormat, outside,
        metres.every((value, k) => value === Math.fround(raw[k] * information.rawValueToMeters)),
        ['getDepth', 'normTextureFromNormView'].some((name) => name in XRCPUDepthInformation.prototype),
        'depthFormat' in XRSession.prototype,
      ];
    });"""
    assert in_frame(xr, CPU, body) == [True, "luminance-alpha", "RangeError", True, False, False]


def test_the_explainers_way_to_ask_works(xr: Page) -> None:
    script = """async () => {
      depthVectors.connect({ native: 'small float32, aligned, 0', views: 'mono' });
      const formatPreference = ['float32', 'luminance-alpha'];
      const depthSensing = { usagePreference: ['cpu-optimized'], formatPreference };
      const options = { requiredFeatures: ['depth-sensing'], depthSensing };
      const session = await navigator.xr.requestSession('immersive-ar', options);
      const found = [session.depthDataFormat, session.depthFormat];
      await session.end();
      return found;
    }"""
    assert xr.evaluate(script) == ["float32", "float32"]


STATE = """
  const texture = gl.createTexture(), buffer = gl.createBuffer();
  gl.activeTexture(gl.TEXTURE5);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.bindTexture(gl.TEXTURE_2D_ARRAY, null);
  gl.bindBuffer(gl.PIXEL_UNPACK_BUFFER, buffer);
  const unpacking = {
    UNPACK_FLIP_Y_WEBGL: true, UNPACK_PREMULTIPLY_ALPHA_WEBGL: true, UNPACK_ALIGNMENT: 8,
    UNPACK_ROW_LENGTH: 50, UNPACK_IMAGE_HEIGHT: 40,
    UNPACK_SKIP_PIXELS: 3, UNPACK_SKIP_ROWS: 2, UNPACK_SKIP_IMAGES: 1,
  };
  for (const [name, value] of Object.entries(unpacking)) gl.pixelStorei(gl[name], value);
  const state = () => [
    ...Object.keys(unpacking).map((name) => gl.getParameter(gl[name])), gl.getParameter(gl.ACTIVE_TEXTURE),
    gl.getParameter(gl.TEXTURE_BINDING_2D) === texture, gl.getParameter(gl.TEXTURE_BINDING_2D_ARRAY),
    gl.getParameter(gl.PIXEL_UNPACK_BUFFER_BINDING) === buffer,
  ];
"""


@pytest.mark.parametrize("layout", ["linear", "window-space"])
@pytest.mark.parametrize("data_format", ["luminance-alpha", "unsigned-short", "float32"])
def test_a_pages_own_state_is_left_alone_and_has_no_say(xr: Page, layout: str, data_format: str) -> None:
    body = """
      const plain = await inFrame((frame, [view]) => contents(get(frame, view)));
      function contents({ texture, width, height }) {
        const layered = given.layout === 'window-space';
        return depthPage.text(depthPage.texels(
          gl, texture, layered ? 'float32' : given.dataFormat, width, height, layered ? 1 : null));
      }
      STATE
      const before = state();
      device.current = { ...device.current, depth: { ...device.current.depth } };
      const [after, information] = await inFrame((frame, [view]) => [get(frame, view), view]).then(
        ([information]) => [state(), information]);
      const error = gl.getError();
      for (const name of Object.keys(unpacking))
        gl.pixelStorei(gl[name], name === 'UNPACK_ALIGNMENT' ? 4 : 0);
      gl.bindBuffer(gl.PIXEL_UNPACK_BUFFER, null);
      const again = await inFrame((frame, [view]) => contents(get(frame, view)));
      return [after.join() === before.join(), error, again === plain, plain.length > 50];
    """.replace("STATE", STATE)
    assert in_frame(xr, GPU, body, layout=layout, dataFormat=data_format) == [True, 0, True, True]


@pytest.mark.parametrize("layout", ["linear", "window-space"])
def test_a_session_has_one_texture_and_takes_it_with_it(xr: Page, layout: str) -> None:
    body = """
      const seen = new Set(), sizes = [];
      for (const name of ['small luminance-alpha, aligned, 90', 'large luminance-alpha, beside, 0']) {
        device.current = { ...device.current, depth: depthVectors.native(name) };
        await inFrame((frame, [view]) => {
          const information = get(frame, view);
          seen.add(information.texture);
          sizes.push(information.width);
        });
      }
      const [texture] = seen, alive = gl.isTexture(texture);
      await session.end();
      return [seen.size, sizes, alive, gl.isTexture(texture), gl.getError()];
    """
    widths = [7 if layout == "linear" else 5, 22]
    assert in_frame(xr, GPU, body, layout=layout) == [1, widths, True, False, 0]


def test_a_lost_context_has_no_depth_until_it_is_restored(xr: Page) -> None:
    body = """
      const content = () => inFrame((frame, [view]) => {
        const information = get(frame, view);
        if (!information) return null;
        const { texture, width, height } = information;
        return depthPage.text(depthPage.texels(gl, texture, 'luminance-alpha', width, height));
      });
      const event = (name) => new Promise((resolve) => {
        gl.canvas.addEventListener(name, (event) => { event.preventDefault(); resolve(); }, { once: true });
      });
      const before = await content(), losing = gl.getExtension('WEBGL_lose_context');
      const [lost, restored] = [event('webglcontextlost'), event('webglcontextrestored')];
      losing.loseContext();
      await lost;
      const between = await content();
      losing.restoreContext();
      await restored;
      return [before.length > 50, between, await content() === before];
    """
    assert in_frame(xr, GPU, body) == [True, None, True]
