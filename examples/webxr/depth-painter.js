// Draws a view's depth in false colours, and reads it back in metres: from CPU data by way of a texture of our own,
// from a GPU texture as it is, whatever it holds.
//
//   luminance-alpha   texel.ra as two bytes                          × rawValueToMeters
//   unsigned-short    an integer                                     × rawValueToMeters
//   float32           a float                                        × rawValueToMeters
//   window-space      z in a texture array, bottom row first: metres = near / (1 - z), as headsets have it

const VERTEX = `#version 300 es
out vec2 view; // 0..1 from the top left
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  view = vec2(corner.x, 1.0 - corner.y);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

const TEXELS = {
  'luminance-alpha': 'dot(texture(depth, at).ra, vec2(255.0, 256.0 * 255.0)) * scale',
  'unsigned-short': 'float(texture(depth, at).r) * scale',
  float32: 'texture(depth, at).r * scale',
};

function metresShader(format, kind) {
  const array = kind !== 'texture';
  const at = array ? 'vec3(place, layer)' : 'place';
  const sampler = (format === 'unsigned-short' && kind !== 'window-space' ? 'usampler2D' : 'sampler2D') + (array ? 'Array' : '');
  return `
uniform highp ${sampler} depth;
uniform mat4 bufferFromView;
uniform float scale, near, layer;
float metresAt(vec2 view) {
  ${
    kind === 'window-space'
      ? `vec2 place = vec2(view.x, 1.0 - view.y);
         float z = texture(depth, ${at}).r;
         return z > 0.0 && z < 1.0 ? near / (1.0 - z) : 0.0;`
      : `vec2 place = (bufferFromView * vec4(view, 0.0, 1.0)).xy;
         return ${TEXELS[format].replace('at)', `${at})`)};`
  }
}`;
}

const HEAD = '#version 300 es\nprecision highp float;\n';

const MEASURE = `
uniform vec2 point;
out vec4 result;
void main() { result = vec4(metresAt(point), 0.0, 0.0, 1.0); }`;

// From dark blue, near, to yellow, far: of even steps, and told apart by colour-blind eyes.
const PAINT = `
in vec2 view;
uniform float opacity;
out vec4 color;
void main() {
  float metres = metresAt(view);
  float t = clamp((log2(metres) + 2.0) / 5.0, 0.0, 1.0) * 4.0; // 0.25 m to 8 m
  vec3 steps[5] = vec3[](vec3(0.27, 0.0, 0.33), vec3(0.23, 0.32, 0.55), vec3(0.13, 0.57, 0.55),
                         vec3(0.37, 0.79, 0.38), vec3(0.99, 0.91, 0.14));
  int low = int(min(t, 3.0));
  vec3 found = mix(steps[low], steps[low + 1], t - float(low));
  color = metres > 0.0 ? vec4(found, 1.0) * opacity : vec4(0.0, 0.0, 0.0, opacity);
}`;

export class DepthPainter {
  constructor(gl, format) {
    this.gl = gl;
    this.format = format;
    this.programs = new Map();
    this.empty = gl.createVertexArray();
    this.measured = gl.createFramebuffer();
    if (!gl.getExtension('EXT_color_buffer_float')) throw new Error('no float textures can be drawn into here');
    const target = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, target);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, 64, 1);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.measured);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, target, 0);
  }

  /** What is drawn next: a view's depth information, of this frame. */
  take(info, renderState) {
    this.info = info;
    this.near = info.depthNear ?? renderState.depthNear;
    if (info.texture) {
      const array = info.textureType === 'texture-array';
      this.kind = array ? (info.depthNear > 0 ? 'window-space' : 'texture-array') : 'texture';
      this.texture = info.texture;
      this.shader = this.format;
    } else {
      this.kind = 'texture';
      this.texture = this.upload(info);
      this.shader = 'float32';
    }
  }

  /** The second way to a CPU value: data[column + row · width] · rawValueToMeters, here left to the shader. */
  upload({ data, width, height }) {
    const { gl } = this;
    this.own ??= gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.own);
    const raw = this.format === 'float32' ? new Float32Array(data) : Float32Array.from(new Uint16Array(data));
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, width, height, 0, gl.RED, gl.FLOAT, raw);
    return this.own;
  }

  paint({ x, y, width, height }, framebuffer, opacity) {
    const { gl } = this;
    const program = this.use('paint', PAINT);
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.viewport(x, y, width, height);
    gl.uniform1f(gl.getUniformLocation(program, 'opacity'), opacity);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  /** Metres at points (x, y) of the view, 0..1 from the top left; 0 where there is none. */
  metresAt(points) {
    const { gl } = this;
    const program = this.use('measure', MEASURE);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.measured);
    const place = gl.getUniformLocation(program, 'point');
    points.forEach(([x, y], index) => {
      gl.viewport(index, 0, 1, 1);
      gl.uniform2f(place, x, y);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    });
    const read = new Float32Array(4 * points.length);
    gl.readPixels(0, 0, points.length, 1, gl.RGBA, gl.FLOAT, read);
    return points.map((_, index) => read[4 * index]);
  }

  use(name, main) {
    const { gl, info } = this;
    const key = `${name} ${this.shader} ${this.kind}`;
    if (!this.programs.has(key)) this.programs.set(key, linked(gl, HEAD + metresShader(this.shader, this.kind) + main));
    const program = this.programs.get(key);
    const target = this.kind === 'texture' ? gl.TEXTURE_2D : gl.TEXTURE_2D_ARRAY;
    gl.useProgram(program);
    gl.bindVertexArray(this.empty);
    gl.disable(gl.BLEND);
    gl.disable(gl.DEPTH_TEST);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(target, this.texture);
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(target, side, gl.NEAREST);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(target, side, gl.CLAMP_TO_EDGE);
    const { matrix } = info.normDepthBufferFromNormView;
    gl.uniformMatrix4fv(gl.getUniformLocation(program, 'bufferFromView'), false, matrix);
    gl.uniform1f(gl.getUniformLocation(program, 'scale'), info.rawValueToMeters);
    gl.uniform1f(gl.getUniformLocation(program, 'near'), this.near);
    gl.uniform1f(gl.getUniformLocation(program, 'layer'), info.imageIndex ?? 0);
    return program;
  }
}

function linked(gl, fragment) {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  return program;
}
