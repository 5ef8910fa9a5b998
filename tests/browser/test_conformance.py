"""What the WebXR Depth Sensing specification demands of frames, in Chromium, with WebGL 1 and WebGL 2.

Fourteen groups, of CPU and GPU depth: values, textures, no data, inactive frames, wrong usage, stale views,
pausing, and matchDepthView's geometry and data. Each test names the rule that it holds, in
https://immersive-web.github.io/depth-sensing/; sessions have `test_conformance_session.py`.
"""

from __future__ import annotations

import pytest

from xr_page import XRPage

pytestmark = pytest.mark.browser

USAGES = ("cpu", "gpu")


class TestCPUValues:
    @pytest.mark.parametrize("format", ["luminance-alpha", "unsigned-short", "float32"])
    def test_metres_are_raw_values_times_scale_through_the_matrix(self, xr: XRPage, format: str) -> None:
        """getDepthInMeters(x, y): the entry nearest to the moved point, times rawValueToMeters; the same
        as data by way of the inverse matrix. The buffer's origin is at the bottom right here."""
        body = """
        const [format] = values, data = { depthFormat: format, normDepthBufferFromNormView: HALF_TURN };
        const { inFrame } = await sensing(gl, 'cpu', { data, ask: { dataFormatPreference: [format] } });
        const right = (info) => {
          const { width, height, rawValueToMeters, normDepthBufferFromNormView } = info;
          if (width !== 4 || height !== 3 || rawValueToMeters !== Math.fround(0.01)) return false;
          const raw = new ENTRIES[format](info.data), back = normDepthBufferFromNormView.inverse.matrix;
          return [...raw].every((value, at) => {
            const [u, v] = [((at % width) + 0.5) / width, (Math.floor(at / width) + 0.5) / height];
            const [x, y] = [back[0] * u + back[4] * v + back[12], back[1] * u + back[5] * v + back[13]];
            const metres = Math.fround(value * rawValueToMeters);
            if (Math.abs(metres - (at + 1)) > 1e-5) return false;
            return info.getDepthInMeters(x, y) === metres && info.getDepthInMeters(1 - u, 1 - v) === metres;
          });
        };
        return inFrame((frame, views) => views.map((view) => right(frame.getDepthInformation(view))));
        """
        assert xr(body, format) == [True, True]

    def test_the_edges_are_inside(self, xr: XRPage) -> None:
        """getDepthInMeters(x, y): RangeError outside 0 to 1; 1 itself is the last entry."""
        body = """
        const { inFrame } = await sensing(gl, 'cpu');
        return inFrame((frame, [view]) => {
          const info = frame.getDepthInformation(view);
          const at = (x, y) => Math.round(info.getDepthInMeters(x, y));
          const outside = [[-0.001, 0], [0, -0.001], [1.001, 0], [0, 1.001]];
          return [at(0, 0), at(1, 0), at(0, 1), at(1, 1), ...outside.map(([x, y]) => thrown(() => at(x, y)))];
        });
        """
        assert xr(body) == [1, 4, 9, 12, *["RangeError"] * 4]

    def test_coordinates_are_floats(self, xr: XRPage) -> None:
        """Web IDL: `float` takes no NaN and no infinity (TypeError), and both arguments are needed."""
        body = """
        const { inFrame } = await sensing(gl, 'cpu');
        return inFrame((frame, [view]) => {
          const info = frame.getDepthInformation(view);
          return [[NaN, 0], [0, NaN], [Infinity, 0], [0, -Infinity], [0.5], []].map((given) =>
            thrown(() => info.getDepthInMeters(...given)));
        });
        """
        assert xr(body) == ["TypeError"] * 6

    def test_data_is_one_array_buffer_of_the_page(self, xr: XRPage) -> None:
        """data: [SameObject] ArrayBuffer, rows from the top without padding; getDepthInMeters() reads it."""
        body = """
        const { inFrame } = await sensing(gl, 'cpu');
        return inFrame((frame, [view]) => {
          const info = frame.getDepthInformation(view), { data, normDepthBufferFromNormView: norm } = info;
          const raw = [...new Uint16Array(data)];
          new Uint16Array(data)[0] = 4200;
          return [
            raw, Math.round(info.getDepthInMeters(0, 0)), data instanceof ArrayBuffer,
            info.data === data, info.normDepthBufferFromNormView === norm,
            info instanceof XRCPUDepthInformation, info instanceof XRDepthInformation,
          ];
        });
        """
        assert xr(body) == [[100 * n for n in range(1, 13)], 42, True, True, True, True, True]

    def test_no_value_is_no_distance(self, xr: XRPage) -> None:
        """data: an invalid pixel is 0, in metres too."""
        body = """
        const { inFrame } = await sensing(gl, 'cpu', { data: { depthData: new Uint16Array(12) } });
        return inFrame((frame, [view]) => frame.getDepthInformation(view).getDepthInMeters(0.5, 0.5));
        """
        assert xr(body) == 0


class TestGPUTexture:
    def test_it_is_a_texture_of_the_binding_s_context(self, xr: XRPage) -> None:
        """texture: [SameObject], TEXTURE_2D without imageIndex."""
        body = """
        const data = { normDepthBufferFromNormView: HALF_TURN };
        const { inFrame, get, gl: context } = await sensing(gl, 'gpu', { data });
        return inFrame((frame, [view]) => {
          const info = get(frame, view);
          const { texture, textureType, imageIndex, width, height, rawValueToMeters } = info;
          return [
            textureType, imageIndex, width, height,
            context.isTexture(texture), info.texture === texture, rawValueToMeters === Math.fround(0.01),
            alike(info.normDepthBufferFromNormView.matrix.slice(12), [1, 1, 0, 1]),
            info instanceof XRWebGLDepthInformation, info instanceof XRDepthInformation,
          ];
        });
        """
        assert xr(body) == ["texture", None, 4, 3, *[True] * 6]

    def test_its_texels_are_the_raw_values(self, xr: XRPage) -> None:
        """texture: rows as in the buffer; the raw value of luminance-alpha is dot(texel.ra, (255, 65280))."""
        body = """
        const { inFrame, get, gl: context } = await sensing(gl, 'gpu');
        return inFrame((frame, [view]) => texels(context, get(frame, view).texture, 4, 3).map(
          ([red, , , alpha]) => red + 256 * alpha));
        """
        assert xr(body) == [100 * n for n in range(1, 13)]

    def test_a_format_that_the_context_cannot_take_is_refused(self, xr: XRPage) -> None:
        """Explainer: float32 configured, but a WebGL 1 binding: the call fails, and gives nothing else."""
        body = """
        const ask = { dataFormatPreference: ['float32'] };
        const { inFrame, get } = await sensing(gl, 'gpu', { data: { depthFormat: 'float32' }, ask });
        return [gl, await inFrame((frame, [view]) => thrown(() => get(frame, view)))];
        """
        assert xr(body) in (["webgl", "InvalidStateError"], ["webgl2", "nothing"])

    def test_a_view_of_another_session_is_refused_first(self, xr: XRPage) -> None:
        """XRWebGLBinding.getDepthInformation(): the view's session is tested ahead of all else."""
        body = """
        const first = await opened(gl);
        const view = await first.inFrame((frame, views) => views[0]);
        await first.session.end();
        const { inFrame, binding } = await onDevice(gl);
        return inFrame((frame, [own]) =>
          [view, own].map((one) => thrown(() => binding.getDepthInformation(one))));
        """
        assert xr(body) == ["InvalidStateError", "NotSupportedError"]


@pytest.mark.parametrize("usage", USAGES)
class TestNoData:
    def test_cleared_depth_is_null_until_it_is_back(self, xr: XRPage, usage: str) -> None:
        """getDepthInformation(): null where the device has no depth for the frame."""
        body = """
        const { controller, inFrame, get } = await sensing(gl, values[0]);
        const seen = [];
        const look = (frame, views) => seen.push(...views.map((view) => get(frame, view) !== null));
        await inFrame((frame, views) => (controller.clearDepthSensingData(), look(frame, views)));
        await inFrame((frame, views) => (controller.setDepthSensingData(depth()), look(frame, views)));
        await inFrame(look);
        return seen;
        """
        assert xr(body, usage) == [True, True, False, False, True, True]

    def test_a_device_without_depth_gives_null(self, xr: XRPage, usage: str) -> None:
        """getDepthInformation(): null where there has never been any."""
        body = """
        const { inFrame, get } = await opened(gl, { depthSensing: asked(values[0]) });
        return inFrame((frame, views) => views.map((view) => get(frame, view)));
        """
        assert xr(body, usage) == [None, None]


@pytest.mark.parametrize("usage", USAGES)
class TestInactiveFrame:
    def test_outside_the_callback_calls_throw(self, xr: XRPage, usage: str) -> None:
        """getDepthInformation(), pause- and resumeDepthSensing(): InvalidStateError outside the frame."""
        body = """
        const { session, inFrame, get } = await sensing(gl, values[0]);
        const [frame, views] = await inFrame((frame, views) => [frame, [...views]]);
        await later();
        const calls = [() => session.pauseDepthSensing(), () => session.resumeDepthSensing()];
        return [...views.map((view) => () => get(frame, view)), ...calls].map(thrown);
        """
        assert xr(body, usage) == ["InvalidStateError"] * 4

    def test_information_dies_with_its_frame(self, xr: XRPage, usage: str) -> None:
        """data, texture and getDepthInMeters(): InvalidStateError once the frame is over."""
        body = """
        const { inFrame, get } = await sensing(gl, values[0]);
        const info = await inFrame((frame, [view]) => get(frame, view));
        await later();
        const cpu = [() => info.data, () => info.getDepthInMeters(0.5, 0.5)];
        return (values[0] === 'cpu' ? cpu : [() => info.texture]).map(thrown);
        """
        assert set(xr(body, usage)) == {"InvalidStateError"}


@pytest.mark.parametrize("usage", USAGES)
class TestWrongUsage:
    def test_the_other_usage_s_call_throws(self, xr: XRPage, usage: str) -> None:
        """getDepthInformation(): InvalidStateError on a session of the other usage, of frame and binding."""
        body = """
        const { inFrame, binding } = await sensing(gl, values[0]);
        const other = (frame) => (values[0] === 'cpu' ? binding : frame);
        return inFrame((frame, views) => views.map((view) =>
          thrown(() => other(frame).getDepthInformation(view))));
        """
        assert xr(body, usage) == ["InvalidStateError"] * 2


@pytest.mark.parametrize("usage", USAGES)
class TestStaleView:
    def test_a_view_of_the_frame_before_throws(self, xr: XRPage, usage: str) -> None:
        """getDepthInformation(): InvalidStateError for a view of another frame."""
        body = """
        const { inFrame, get } = await sensing(gl, values[0]);
        const old = await inFrame((frame, views) => [...views]);
        return inFrame((frame) => old.map((view) => thrown(() => get(frame, view))));
        """
        assert xr(body, usage) == ["InvalidStateError"] * 2


@pytest.mark.parametrize("usage", USAGES)
class TestPauseResume:
    def test_pausing_acts_at_once_and_depth_is_soon_back(self, xr: XRPage, usage: str) -> None:
        """pauseDepthSensing(): depthActive is false and depth null in the same frame. resumeDepthSensing():
        true at once, depth within ten frames. Either twice is no error."""
        body = """
        const { session, inFrame, get } = await sensing(gl, values[0]), seen = [];
        const there = (frame) => (view) => get(frame, view) !== null;
        const state = (frame, views) => [session.depthActive, ...views.map(there(frame))];
        const twice = (act) => (act(), act());
        await inFrame((...given) => {
          seen.push(state(...given));
          twice(() => session.pauseDepthSensing());
          seen.push(state(...given));
        });
        await inFrame((...given) => {
          seen.push(state(...given));
          twice(() => session.resumeDepthSensing());
          seen.push([session.depthActive]);
        });
        let found = null;
        for (let n = 0; n < 10 && !found?.[1]; n++) found = await inFrame(state);
        return [...seen, found];
        """
        on, off = [True, True, True], [False, False, False]
        assert xr(body, usage) == [on, off, off, [True], on]


SENSOR = """
const [usage, matchDepthView, apart] = values;
const projectionMatrix = [1.5, 0, 0, 0, 0, 1.25, 0, 0, 0.1, -0.2, -1, -1, 0, 0, -0.2, 0];
const viewOffset = { position: [0.05, 0.02, 0], orientation: [0, 0, 0, 1] };
const ask = matchDepthView === null ? {} : { matchDepthView };
const data = apart ? { projectionMatrix, viewOffset } : {};
const { inFrame, get } = await sensing(gl, usage, { data, ask });
"""


@pytest.mark.parametrize("usage", USAGES)
class TestMatchDepthViewGeometry:
    @pytest.mark.parametrize(
        ("match", "apart"), [(None, False), (True, False), (False, False), (None, True), (True, True)]
    )
    def test_matched_or_aligned_geometry_is_the_view_s(
        self, xr: XRPage, usage: str, match: bool | None, apart: bool
    ) -> None:
        """projectionMatrix and transform: the view's where matchDepthView is true (the default), and where
        the sensor stands in the view."""
        body = (
            SENSOR
            + """
        const same = (info, view) => alike(info.projectionMatrix, view.projectionMatrix)
          && alike(info.transform.matrix, view.transform.matrix);
        return inFrame((frame, views) => views.map((view) => same(get(frame, view), view)));
        """
        )
        assert xr(body, usage, match, apart) == [True, True]

    def test_unmatched_geometry_is_the_sensor_s(self, xr: XRPage, usage: str) -> None:
        """projectionMatrix and transform: the sensor's own where matchDepthView is false."""
        body = (
            SENSOR
            + """
        const own = ({ projectionMatrix: matrix, transform }) => alike(matrix, projectionMatrix)
          && alike(transform.matrix.slice(12, 15), viewOffset.position);
        return inFrame((frame, views) => views.map((view) => own(get(frame, view))));
        """
        )
        assert xr(body, usage, False, True) == [True, True]


class TestMatchDepthViewData:
    def test_unmatched_data_are_the_device_s_bytes(self, xr: XRPage) -> None:
        """matchDepthView false: the data are not reprojected."""
        body = SENSOR + "return inFrame((frame, views) => views.map((view) => bytes(get(frame, view).data)));"
        raw = b"".join((100 * n).to_bytes(2, "little") for n in range(1, 13))
        assert xr(body, "cpu", False, True) == [list(raw)] * 2

    def test_matched_data_are_seen_from_the_view(self, xr: XRPage) -> None:
        """matchDepthView true: each distance is where the view sees it. What is in the middle for a sensor
        half a metre to the right is, two metres off, an eighth of the width further right for the view."""
        body = """
        const width = 16, height = 3, raw = new Uint16Array(width * height).fill(2000);
        raw[width + 8] = 1990;
        const viewOffset = { position: [0.5, 0, 0], orientation: [0, 0, 0, 1] };
        const data = { depthData: raw, width, height, rawValueToMeters: 0.001, viewOffset };
        const { inFrame, get } = await sensing(gl, 'cpu', { data, views: MONO });
        const row = (info) => [...new Uint16Array(info.data)].slice(width, 2 * width);
        return inFrame((frame, [view]) => row(get(frame, view)));
        """
        row = xr(body)
        assert row.index(1990) == 10
        assert set(row[2:]) == {1990, 2000}
        assert row[:2] == [0, 0], "the sensor has not seen what lies left of it"
