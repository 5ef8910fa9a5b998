"""Textures hold what the CPU reads; a shader finds the metres that `get_depth_in_meters` gives."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import moderngl
import numpy as np
import pytest

from nearfar.errors import InvalidStateError, MissingExtra, NotSupportedError, XRError
from nearfar.xr import (
    DepthDataFormat,
    DeviceView,
    FieldOfView,
    GLBinding,
    GLDepthInformation,
    NativeDepth,
    RigidTransform,
    SimulatedDevice,
    XRSession,
    request_session,
)
from xr_sessions import depth_session, device_with_depth, first_view, plain_session

HALF = float(np.sqrt(0.5))
TURNS = {
    0: RigidTransform(),
    90: RigidTransform((1, 0, 0), (0, 0, HALF, HALF)),
    180: RigidTransform((1, 1, 0), (0, 0, 1, 0)),
    270: RigidTransform((0, 1, 0), (0, 0, -HALF, HALF)),
}
SIZE = (7, 5)
"""Columns and rows of the buffers: odd, so that no row ends where OpenGL would like it to."""

VERTEX = """
    #version 330
    in vec2 position;
    out vec2 view_coordinates;
    void main() {
        view_coordinates = position;
        gl_Position = vec4(2.0 * position.x - 1.0, 1.0 - 2.0 * position.y, 0.0, 1.0);
    }
"""
FRAGMENT = """
    #version 330
    uniform SAMPLER depth_texture;
    uniform mat4 uv_transform;
    uniform float raw_value_to_meters;
    in vec2 view_coordinates;
    out float meters;
    void main() {
        vec2 uv = (uv_transform * vec4(view_coordinates, 0.0, 1.0)).xy;
        meters = UNPACKED * raw_value_to_meters;
    }
"""
SAMPLING = {
    DepthDataFormat.LUMINANCE_ALPHA: (
        "sampler2D",
        "dot(texture(depth_texture, uv).ra, vec2(255.0, 255.0 * 256.0))",
    ),
    DepthDataFormat.UNSIGNED_SHORT: ("usampler2D", "float(texture(depth_texture, uv).r)"),
    DepthDataFormat.FLOAT32: ("sampler2D", "texture(depth_texture, uv).r"),
}

each_format = pytest.mark.parametrize("data_format", list(DepthDataFormat))
each_turn = pytest.mark.parametrize("rotation", TURNS)


def device(
    data_format: DepthDataFormat, rotation: int = 0, seed: int = 0, **options: object
) -> SimulatedDevice:
    """A device that sees something else in each pixel, and nothing in the first one."""
    rng = np.random.default_rng(seed)
    raw: np.ndarray
    if data_format == DepthDataFormat.FLOAT32:
        raw, scale = rng.uniform(0.2, 60.0, SIZE[::-1]).astype(np.float32), 1.0
    else:
        raw, scale = rng.integers(1, 1 << 16, SIZE[::-1], np.uint16), 0.001
    raw[0, 0] = 0
    made = SimulatedDevice(**options)  # type: ignore[arg-type]
    made.set_depth(NativeDepth(raw, data_format, scale, TURNS[rotation]))
    return made


@pytest.mark.parametrize("native_format", [DepthDataFormat.UNSIGNED_SHORT, DepthDataFormat.FLOAT32])
@each_turn
@each_format
def test_a_texture_holds_the_bytes_that_the_cpu_gets(
    gl_context: moderngl.Context, data_format: DepthDataFormat, rotation: int, native_format: DepthDataFormat
) -> None:
    seen = device(native_format, rotation)
    with depth_session(seen, "cpu-optimized", data_format) as session:
        information = next(session.frames()).get_depth_information
        on_cpu = information(first_view(session.active_frame))
        data, scale = bytes(on_cpu.data), on_cpu.raw_value_to_meters
    with depth_session(seen, "gpu-optimized", data_format) as session:
        on_gpu = GLBinding(session, gl_context).get_depth_information(first_view(next(session.frames())))
        assert on_gpu.texture.read(alignment=1) == data
        assert on_gpu.raw_value_to_meters == scale
        assert (on_gpu.width, on_gpu.height) == on_gpu.texture.size == SIZE
        assert np.array_equal(on_gpu.norm_depth_buffer_from_norm_view.matrix, TURNS[rotation].matrix)
        assert (on_gpu.texture_type, on_gpu.image_index) == ("texture", None)
        assert (on_gpu.is_valid, on_gpu.depth_near, on_gpu.depth_far) == (True, None, None)


@each_turn
@each_format
def test_a_shader_finds_the_metres_of_the_cpu_at_each_fragment(
    gl_context: moderngl.Context, data_format: DepthDataFormat, rotation: int
) -> None:
    seen = device(data_format, rotation)
    width, height = (3 * side for side in (SIZE if rotation % 180 == 0 else SIZE[::-1]))
    with depth_session(seen, "gpu-optimized", data_format) as session:
        found = GLBinding(session, gl_context).get_depth_information(first_view(next(session.frames())))
        drawn = render(gl_context, found, SAMPLING[data_format], (width, height))
    with depth_session(seen, "cpu-optimized", data_format) as session:
        frame = next(session.frames())
        information = frame.get_depth_information(first_view(frame))
        expected = [
            [information.get_depth_in_meters((x + 0.5) / width, (y + 0.5) / height) for x in range(width)]
            for y in range(height)
        ]
    assert np.allclose(drawn, expected, rtol=3e-7, atol=0)


def render(
    gl: moderngl.Context, information: object, sampling: tuple[str, str], size: tuple[int, int]
) -> np.ndarray:
    """The metres of a view, top row first, as a fragment shader finds them."""
    sampler, unpacked = sampling
    code = FRAGMENT.replace("SAMPLER", sampler).replace("UNPACKED", unpacked)
    program = gl.program(vertex_shader=VERTEX, fragment_shader=code)
    corners = gl.buffer(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32).tobytes())
    information.texture.use(3)
    program["depth_texture"] = 3
    program["uv_transform"].write(information.norm_depth_buffer_from_norm_view.matrix)
    program["raw_value_to_meters"] = information.raw_value_to_meters
    target = gl.simple_framebuffer(size, components=1, dtype="f4")
    target.use()
    gl.vertex_array(program, [(corners, "2f", "position")]).render(moderngl.TRIANGLE_STRIP)
    read = target.read(components=1, dtype="f4", alignment=1)
    return np.frombuffer(read, np.float32).reshape(size[::-1])[::-1]


@pytest.mark.parametrize("gpu_layout", ["linear", "window-space"])
def test_a_texture_is_the_same_object_while_its_size_holds_and_goes_with_the_session(
    gl_context: moderngl.Context, gpu_layout: str
) -> None:
    seen = device(DepthDataFormat.FLOAT32, gpu_layout=gpu_layout)
    session = depth_session(seen, "gpu-optimized", "float32")
    binding = GLBinding(session, gl_context)
    frames = session.frames()
    first = binding.get_depth_information(first_view(next(frames))).texture
    before = first.read()
    seen.set_depth(device(DepthDataFormat.FLOAT32, seed=1)._depth)
    again = binding.get_depth_information(first_view(next(frames))).texture
    assert again is first
    assert again.read() != before
    seen.set_depth(NativeDepth(np.ones((2, 2), np.float32), DepthDataFormat.FLOAT32, 1.0))
    other = binding.get_depth_information(first_view(next(frames))).texture
    assert other is not first
    assert other.size[:2] == (2, 2)
    session.end()
    for texture in (first, other):
        with pytest.raises(AttributeError):  # moderngl's way to say that it was released
            texture.read()


@each_turn
@each_format
def test_headsets_get_window_space_in_both_layers_at_once(
    gl_context: moderngl.Context, data_format: DepthDataFormat, rotation: int
) -> None:
    """Both eyes; the sensor is where the left one is, and its depth is seen from each."""
    field = FieldOfView(1.0, 1.0, 1.0, 1.0)
    views = [DeviceView(field, "left"), DeviceView(field, "right", RigidTransform((0.06, 0, 0)))]
    seen = device(data_format, rotation, views=views, gpu_layout="window-space")
    depth = seen._depth
    seen.set_depth(
        NativeDepth(
            depth.raw, data_format, depth.raw_value_to_meters, TURNS[rotation], None, RigidTransform()
        )
    )
    with depth_session(seen, "gpu-optimized", data_format) as session:
        session.update_render_state(depth_near=0.5)
        binding = GLBinding(session, gl_context)
        frame = next(session.frames())
        pose = frame.get_viewer_pose(session.request_reference_space("local"))
        left = binding.get_depth_information(pose.views[0])
        size = (left.height, left.width)
        layers = np.frombuffer(left.texture.read(alignment=1), np.float32).reshape(2, *size).copy()
        right = binding.get_depth_information(pose.views[1])
        assert right.texture is left.texture
        assert np.array_equal(np.frombuffer(right.texture.read(alignment=1), np.float32), layers.ravel())
        assert (left.texture_type, left.image_index, right.image_index) == ("texture-array", 0, 1)
        assert (left.is_valid, left.depth_near, left.depth_far) == (True, 0.5, np.inf)
        assert left.raw_value_to_meters == 1.0
        assert np.array_equal(left.norm_depth_buffer_from_norm_view.matrix, np.eye(4).ravel())
    with depth_session(seen, "cpu-optimized", data_format) as session:
        frame = next(session.frames())
        pose = frame.get_viewer_pose(session.request_reference_space("local"))
        for view, layer in zip(pose.views, layers, strict=True):
            information = frame.get_depth_information(view)
            for row, column in np.ndindex(size):
                x, y = (column + 0.5) / size[1], 1.0 - (row + 0.5) / size[0]
                metres = information.get_depth_in_meters(x, y)
                z = max(1.0 - 0.5 / metres, 0.0) if metres else 1.0
                assert layer[row, column] == np.float32(z)


def test_what_is_wrong_first_is_said_first(gl_context: moderngl.Context) -> None:
    """The specification's order: the session, then whether it has depth, its usage, its frame."""
    with depth_session(usage="gpu-optimized") as session, plain_session() as plain:
        binding = GLBinding(session, gl_context)
        stranger = first_view(next(plain.frames()))
        raises(TypeError, lambda: binding.get_depth_information("view"))
        raises(InvalidStateError, lambda: binding.get_depth_information(stranger), "another session")
        own = GLBinding(plain, gl_context)
        raises(NotSupportedError, lambda: own.get_depth_information(stranger), "no depth sensing")
        next(plain.frames())
        raises(NotSupportedError, lambda: own.get_depth_information(stranger), "no depth sensing")
        frames = session.frames()
        view = first_view(next(frames))
        next(frames)
        raises(InvalidStateError, lambda: binding.get_depth_information(view), "is over")
    with depth_session(usage="cpu-optimized") as session:
        binding = GLBinding(session, gl_context)
        view = first_view(next(session.frames()))
        raises(InvalidStateError, lambda: binding.get_depth_information(view), "cpu-optimized")
    with depth_session(usage="gpu-optimized") as session:
        frame = next(session.frames())
        raises(InvalidStateError, lambda: frame.get_depth_information(first_view(frame)), "gpu-optimized")


def raises(kind: type[Exception], call: Callable[[], object], words: str = "must be") -> None:
    with pytest.raises(kind, match=words) as caught:
        call()
    assert kind is TypeError or isinstance(caught.value, XRError)


def test_without_depth_there_is_none(gl_context: moderngl.Context) -> None:
    seen = device_with_depth()
    with depth_session(seen, "gpu-optimized") as session:
        binding = GLBinding(session, gl_context)
        frames = session.frames()
        view = first_view(next(frames))
        session.pause_depth_sensing()
        assert binding.get_depth_information(view) is None
        session.resume_depth_sensing()
        assert binding.get_depth_information(view) is not None
        seen.clear_depth()
        assert binding.get_depth_information(first_view(next(frames))) is None


@pytest.mark.parametrize("name", [name for name in dir(GLDepthInformation) if not name.startswith("_")])
def test_information_dies_with_its_frame(gl_context: moderngl.Context, name: str) -> None:
    with depth_session(usage="gpu-optimized") as session:
        frames = session.frames()
        information = GLBinding(session, gl_context).get_depth_information(first_view(next(frames)))
        getattr(information, name)
        next(frames)
        with pytest.raises(InvalidStateError):
            getattr(information, name)


def test_a_binding_needs_a_session_that_lives_and_is_immersive(gl_context: moderngl.Context) -> None:
    session = depth_session(usage="gpu-optimized")
    raises(TypeError, lambda: GLBinding("session", gl_context))  # type: ignore[arg-type]
    raises(TypeError, lambda: GLBinding(session, "context"))  # type: ignore[arg-type]
    session.end()
    raises(InvalidStateError, lambda: GLBinding(session, gl_context), "has ended")
    with request_session("inline") as inline:
        raises(InvalidStateError, lambda: GLBinding(inline, gl_context), "inline")


def test_a_context_that_was_released_is_told(gl_context: moderngl.Context) -> None:
    with depth_session(usage="gpu-optimized") as session:
        binding = GLBinding(session, gl_context)
        view = first_view(next(session.frames()))
        binding.get_depth_information(view)
        gl_context.release()
        raises(InvalidStateError, lambda: binding.get_depth_information(view), "released")
        raises(InvalidStateError, lambda: GLBinding(session, gl_context), "released")


def test_a_context_of_another_thread_is_told(gl_context: moderngl.Context) -> None:
    told: list[str] = []

    def elsewhere() -> None:
        with depth_session(usage="gpu-optimized") as session:
            try:
                GLBinding(session, gl_context)
            except InvalidStateError as wrong:
                told.append(str(wrong))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert "not current in this thread" in told[0]
    with depth_session(usage="gpu-optimized") as session:
        wrong: list[BaseException] = []
        thread = threading.Thread(target=lambda: wrong.append(failing(session, gl_context)))
        thread.start()
        thread.join()
    assert isinstance(wrong[0], InvalidStateError)


def failing(session: XRSession, context: moderngl.Context) -> BaseException:
    with pytest.raises(InvalidStateError) as caught:
        GLBinding(session, context)
    return caught.value


def test_without_moderngl_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moderngl", None)
    with (
        depth_session(usage="gpu-optimized") as session,
        pytest.raises(MissingExtra, match=r"nearfar\[gpu\]"),
    ):
        GLBinding(session, None)  # type: ignore[arg-type]
