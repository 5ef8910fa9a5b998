"""The WebXR model in Python: reading depth, and what a frame costs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import moderngl
import numpy as np

from benchmarks.measure import Row, interleaved
from nearfar import xr

_SIZE = (480, 640)
_FRAMES = 200
_TURNED = xr.RigidTransform((1.0, 0.0, 0.0), (0.0, 0.0, float(np.sqrt(0.5)), float(np.sqrt(0.5))))


def rows() -> Iterator[Row]:
    yield one_point()
    yield many_points()
    yield frame_on_the_cpu()
    yield from frame_on_the_gpu()


def one_point() -> Row:
    """`get_depth_in_meters`, of a turned 16-bit buffer."""
    with session("cpu-optimized", "luminance-alpha") as running:
        frame = next(running.frames())
        information = frame.get_depth_information(view(frame))
        assert information is not None

        def calls() -> None:
            ask = information.get_depth_in_meters
            for _ in range(1000):
                ask(0.25, 0.75)

        (taken,) = interleaved((calls,), 50)
    return Row("xr: get_depth_in_meters(x, y)", figure(taken, "µs"), "–", "–", "≤ 2 µs")


def many_points() -> Row:
    """A million points at once; beside it the same with NumPy."""
    rng = np.random.default_rng(0)
    points = rng.uniform(0.0, 1.0, (1_000_000, 2)).astype(np.float32)
    with session("cpu-optimized", "luminance-alpha") as running:
        frame = next(running.frames())
        information = frame.get_depth_information(view(frame))
        assert information is not None

        def numpy_does() -> np.ndarray:
            m = information.norm_depth_buffer_from_norm_view.matrix.astype(np.float64)
            x, y = points.astype(np.float64).T
            height, width = information.array.shape
            column = ((m[0] * x + m[4] * y + m[12]) * width).astype(np.intp).clip(0, width - 1)
            row = ((m[1] * x + m[5] * y + m[13]) * height).astype(np.intp).clip(0, height - 1)
            return information.array[row, column] * np.float32(information.raw_value_to_meters)

        assert np.array_equal(information.depths_in_meters(points), numpy_does())
        ours, peer = interleaved((lambda: information.depths_in_meters(points), numpy_does), 20)
    return Row(
        "xr: depths_in_meters of 10⁶ points / NumPy",
        figure(ours, "ms"),
        figure(peer, "ms"),
        f"{statistics.median(ours) / statistics.median(peer):.2g}×",
        "≤ 10 ms",
    )


def frame_on_the_cpu() -> Row:
    """From the request of a frame to a metre of it: pose, view, information, one point."""
    with session("cpu-optimized", "float32") as running:
        space, frames, taken = running.request_reference_space("local"), running.frames(), []
        for _ in range(_FRAMES):
            begun = time.perf_counter()
            frame = next(frames)
            pose = frame.get_viewer_pose(space)
            assert pose is not None
            information = frame.get_depth_information(pose.views[0])
            assert information is not None
            information.get_depth_in_meters(0.5, 0.5)
            taken.append(time.perf_counter() - begun)
    return Row(
        "xr: a frame, 640×480 16 bits as float32, to its first metre",
        figure(taken, "ms"),
        "–",
        "–",
        "–",
    )


def frame_on_the_gpu() -> Iterator[Row]:
    """The same to a texture that is there; nothing where there is no OpenGL."""
    try:
        context = moderngl.create_context(standalone=True, backend="egl")
    except Exception:  # noqa: BLE001 - moderngl raises plain ones
        return
    renderer = context.info["GL_RENDERER"].split()[0]
    for layout, data_format in (("linear", "luminance-alpha"), ("window-space", "float32")):
        with session("gpu-optimized", data_format, layout) as running:
            binding, frames, taken = xr.GLBinding(running, context), running.frames(), []
            for _ in range(_FRAMES):
                begun = time.perf_counter()
                binding.get_depth_information(view(next(frames)))
                context.finish()
                taken.append(time.perf_counter() - begun)
        what = f"xr: a frame, 640×480 16 bits as a texture, {layout} {data_format} ({renderer})"
        yield Row(what, figure(taken, "ms"), "–", "–", "–")
    context.release()


def figure(seconds: list[float], unit: str) -> str:
    """Median and, in brackets, least: milliseconds, or microseconds of each of a thousand calls."""
    return f"{statistics.median(seconds) * 1e3:.2f} ({min(seconds) * 1e3:.2f}) {unit}"


def session(usage: str, data_format: str, gpu_layout: xr.GPULayout = "linear") -> xr.XRSession:
    """A session with a phone's sensor: 16-bit millimetres, turned by a quarter."""
    device = xr.SimulatedDevice(gpu_layout=gpu_layout)
    rng = np.random.default_rng(0)
    raw = rng.integers(0, 8000, _SIZE, np.uint16)
    device.set_depth(xr.NativeDepth(raw, xr.DepthDataFormat.UNSIGNED_SHORT, 0.001, _TURNED))
    return xr.request_session(
        "immersive-ar",
        device=device,
        required_features=["depth-sensing"],
        depth_sensing=xr.DepthStateInit([usage], [data_format]),  # type: ignore[arg-type]
    )


def view(frame: xr.XRFrame) -> xr.XRView:
    pose = frame.get_viewer_pose(frame.session.request_reference_space("local"))
    assert pose is not None
    return pose.views[0]
