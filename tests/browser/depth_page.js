// In a page: bytes to and from a test, and what is in a texture.
globalThis.depthPage = {
  bytes: (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)),

  text(array) {
    let found = '';
    for (const byte of new Uint8Array(array.buffer, array.byteOffset, array.byteLength)) found += String.fromCharCode(byte);
    return btoa(found);
  },

  samples(text, format) {
    return new (format === 'float32' ? Float32Array : Uint16Array)(depthPage.bytes(text).buffer);
  },

  context(name, width = 8, height = 8) {
    const gl = Object.assign(document.createElement('canvas'), { width, height }).getContext(name);
    if (name === 'webgl2') gl.getExtension('EXT_color_buffer_float');
    return gl;
  },

  /** Raw values of a depth texture, first row of the texture first, as a shader gets them. */
  texels(gl, texture, format, width, height, layer = null) {
    const gl2 = gl instanceof WebGL2RenderingContext;
    if (format === 'luminance-alpha') return drawn(gl, texture, width, height);
    const frame = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    if (layer === null)
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    else gl.framebufferTextureLayer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, texture, 0, layer);
    const float = format === 'float32';
    const all = new (float ? Float32Array : Uint32Array)(4 * width * height);
    gl.readPixels(0, 0, width, height, ...(float ? [gl.RGBA, gl.FLOAT] : [gl.RGBA_INTEGER, gl.UNSIGNED_INT]), all);
    gl.deleteFramebuffer(frame);
    if (!gl2 || gl.getError()) throw new Error('the texture cannot be read');
    return (float ? Float32Array : Uint16Array).from({ length: width * height }, (_, k) => all[4 * k]);
  },
};

/** Luminance and alpha by a shader: no framebuffer takes such a texture. */
function drawn(gl, texture, width, height) {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, 'attribute vec2 at; void main() { gl_Position = vec4(at, 0, 1); }'],
    [gl.FRAGMENT_SHADER, `precision highp float; uniform sampler2D depth;
      void main() { gl_FragColor = vec4(texture2D(depth, gl_FragCoord.xy / vec2(${width}, ${height})).ra, 0, 1); }`],
  ]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  const target = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, target);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
  const frame = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, target, 0);
  gl.viewport(0, 0, width, height);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  const place = gl.getAttribLocation(program, 'at');
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
  gl.enableVertexAttribArray(place);
  gl.vertexAttribPointer(place, 2, gl.FLOAT, false, 0, 0);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
  const all = new Uint8Array(4 * width * height);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, all);
  gl.deleteFramebuffer(frame);
  gl.deleteTexture(target);
  if (gl.getError()) throw new Error('the texture cannot be read');
  return Uint16Array.from({ length: width * height }, (_, k) => all[4 * k] + 256 * all[4 * k + 1]);
}
