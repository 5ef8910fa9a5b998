"""The WebXR depth sensing explainer, step by step, on any machine: each step under the JavaScript of a page.

    python examples/webxr_depth.py depth.png [device [profile]]

Ask for depth, see what was agreed on, read it on the CPU in both ways, and let a shader read it on the GPU;
lines that begin with "js" are what a page has there. What was found is printed and drawn side by side. With
the profile "arcore" the device is a phone; where its picture is higher than wide it is held upright.
Needs ``pip install 'nearfar[gpu,scene]'`` and OpenGL, for which Mesa's software renderer will do (Debian:
libegl1 libgl1-mesa-dri).
"""

from __future__ import annotations

import sys

import moderngl
import numpy as np
from PIL import Image

import nearfar as nf

VERTEX_SHADER = """
    #version 330
    in vec2 position;           // 0..1 from the top left of the view: normalized view coordinates
    out vec2 view_coordinates;

    void main() {
        view_coordinates = position;
        gl_Position = vec4(2.0 * position.x - 1.0, 1.0 - 2.0 * position.y, 0.0, 1.0);
    }
"""

FRAGMENT_SHADER = """
    #version 330
    uniform sampler2D depth_texture;
    uniform mat4 uv_transform;
    uniform float raw_value_to_meters;
    in vec2 view_coordinates;
    out float meters;

    // luminance-alpha: the lower byte is in red, green and blue, the higher one in alpha, each as 0..1.
    float depth_in_meters(vec2 uv) {
        vec2 low_and_high = texture(depth_texture, uv).ra;
        return dot(low_and_high, vec2(255.0, 255.0 * 256.0)) * raw_value_to_meters;
    }

    void main() {
        meters = depth_in_meters((uv_transform * vec4(view_coordinates, 0.0, 1.0)).xy);
    }
"""


def main(output: str = "depth.png", name: str = "virtual:dual?size=480x640", profile: str = "spec") -> None:
    color, on_cpu = read_on_the_cpu(name, profile)
    on_gpu = draw_on_the_gpu(name, profile)
    pictures = [color, *(nf.depth.false_colour(nf.DepthMap(metres)) for metres in (on_cpu, on_gpu))]
    widths = [round(360 * picture.shape[1] / picture.shape[0]) for picture in pictures]
    sheet = Image.new("RGB", (sum(widths), 360))
    for column, (picture, width) in enumerate(zip(pictures, widths, strict=True)):
        sheet.paste(Image.fromarray(picture).resize((width, 360)), (sum(widths[:column]), 0))
    sheet.save(output)
    print(f"{output}: the camera's picture, the depth buffer, and depth as the view shows it")


def read_on_the_cpu(name: str, profile: str) -> tuple[np.ndarray, np.ndarray]:
    """Usage "cpu-optimized": the camera's picture, and the metres of the depth buffer."""
    # js  const session = await navigator.xr.requestSession("immersive-ar", {
    # js    requiredFeatures: ["depth-sensing"],
    # js    depthSensing: { usagePreference: [...], dataFormatPreference: [...] } });
    with nf.xr.request_session(
        "immersive-ar",
        device=name,
        profile=profile,
        required_features=["depth-sensing"],
        depth_sensing=nf.xr.DepthStateInit(
            usage_preference=["cpu-optimized", "gpu-optimized"],
            data_format_preference=["luminance-alpha", "float32"],
        ),
    ) as session:
        # js  session.depthUsage, session.depthDataFormat
        print(f"CPU   {session.depth_usage}, {session.depth_data_format}")
        # js  const space = await session.requestReferenceSpace("local");
        space = session.request_reference_space("local")
        # js  session.requestAnimationFrame((time, frame) => { … });
        for frame in session.frames():
            # js  const pose = frame.getViewerPose(space); const view = pose.views[0];
            pose = frame.get_viewer_pose(space)
            if pose is None or frame.color is None:
                continue
            view = pose.views[0]
            # js  const info = frame.getDepthInformation(view);
            info = frame.get_depth_information(view)
            # js  if (info == null) { … }
            if info is None:
                continue  # this frame has no depth: the next one may

            # js  info.getDepthInMeters(0.5, 0.5)
            print(f"      {info.get_depth_in_meters(0.5, 0.5):.3f} m in the middle of the view")

            # js  const data = session.depthDataFormat == "float32"
            # js    ? new Float32Array(info.data) : new Uint16Array(info.data);
            data = np.frombuffer(info.data, "<f4" if session.depth_data_format == "float32" else "<u2")
            # js  const metres = data[c + r * info.width] * info.rawValueToMeters;
            c, r = info.width // 3, info.height // 2
            metres = data[c + r * info.width] * np.float32(info.raw_value_to_meters)

            # The same place in the view: of the middle of the entry, where rounding does no harm.
            # js  const viewFromBuffer = info.normDepthBufferFromNormView.inverse.matrix;
            view_from_buffer = info.norm_depth_buffer_from_norm_view.inverse.matrix
            place = np.array([(c + 0.5) / info.width, (r + 0.5) / info.height, 0.0, 1.0])
            x, y = (view_from_buffer.reshape(4, 4).T @ place)[:2]  # the matrix comes by columns
            # js  info.getDepthInMeters(x, y) == metres
            assert info.get_depth_in_meters(x, y) == metres
            # js  const px = [x * viewport.width, y * viewport.height];
            height, width = frame.color.shape[:2]
            print(f"      {metres:.3f} m in column {c}, row {r}: at ({x * width:.0f}, {y * height:.0f}) px")
            all_metres = info.array * np.float32(info.raw_value_to_meters)
            return frame.color, np.where(info.array == 0, np.nan, all_metres)
    sys.exit(f"{name} gives no depth")


def draw_on_the_gpu(name: str, profile: str) -> np.ndarray:
    """Usage "gpu-optimized": the metres that a shader finds at each fragment of the view."""
    # js  const gl = canvas.getContext("webgl2", { xrCompatible: true });
    gl = moderngl.create_context(standalone=True, backend="egl")
    # js  gl.linkProgram(program); …
    program = gl.program(vertex_shader=VERTEX_SHADER, fragment_shader=FRAGMENT_SHADER)
    corners = gl.buffer(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32).tobytes())
    whole_view = gl.vertex_array(program, [(corners, "2f", "position")])

    with nf.xr.request_session(
        "immersive-ar",
        device=name,
        profile=profile,
        required_features=["depth-sensing"],
        depth_sensing=nf.xr.DepthStateInit(
            usage_preference=["gpu-optimized"], data_format_preference=["luminance-alpha"]
        ),
    ) as session:
        print(f"GPU   {session.depth_usage}, {session.depth_data_format}, {gl.info['GL_RENDERER']}")
        space = session.request_reference_space("local")
        # js  const binding = new XRWebGLBinding(session, gl);
        binding = nf.xr.GLBinding(session, gl)
        for frame in session.frames():
            pose = frame.get_viewer_pose(space)
            if pose is None or frame.color is None:
                continue
            # js  const info = binding.getDepthInformation(pose.views[0]);
            info = binding.get_depth_information(pose.views[0])
            # js  if (info == null) { … }
            if info is None:
                continue
            # js  gl.activeTexture(gl.TEXTURE0); gl.bindTexture(gl.TEXTURE_2D, info.texture);
            info.texture.use(0)
            # js  gl.uniform1i(depthTexture, 0);
            program["depth_texture"] = 0
            # js  gl.uniformMatrix4fv(uvTransform, false, info.normDepthBufferFromNormView.matrix);
            program["uv_transform"].write(info.norm_depth_buffer_from_norm_view.matrix)
            # js  gl.uniform1f(rawValueToMeters, info.rawValueToMeters);
            program["raw_value_to_meters"] = info.raw_value_to_meters

            # Numbers instead of colours: a framebuffer of floats as large as the camera's picture.
            height, width = frame.color.shape[:2]
            target = gl.simple_framebuffer((width, height), components=1, dtype="f4")
            target.use()
            # js  gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
            whole_view.render(moderngl.TRIANGLE_STRIP)
            drawn = np.frombuffer(target.read(components=1, dtype="f4", alignment=1), np.float32)
            break
        else:
            sys.exit(f"{name} gives no depth")
    gl.release()
    metres = drawn.reshape(height, width)[::-1]  # OpenGL's first row is the bottom one
    print(f"      {metres[height // 2, width // 2]:.3f} m in the middle of the view")
    return np.where(metres == 0.0, np.nan, metres)


if __name__ == "__main__":
    main(*sys.argv[1:4])
