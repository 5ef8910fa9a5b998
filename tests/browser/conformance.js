// What the conformance tests stand on inside a page: a fake device, a session on a canvas, and frames.
'use strict';
(() => {
  const IDENTITY = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };
  const HALF_TURN = { position: [1, 1, 0], orientation: [0, 0, 1, 0] };
  const PROJECTION = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, -1, 0, 0, -0.2, 0];
  const ENTRIES = { 'luminance-alpha': Uint16Array, 'unsigned-short': Uint16Array, float32: Float32Array };

  const CORNERS = `
    attribute vec2 corner; varying vec2 at;
    void main() { at = corner * 0.5 + 0.5; gl_Position = vec4(corner, 0.0, 1.0); }`;
  const COPY = `
    precision highp float; varying vec2 at; uniform sampler2D depth;
    void main() { gl_FragColor = texture2D(depth, at); }`;

  const viewOf = (eye, x) => ({
    eye,
    projectionMatrix: PROJECTION,
    viewOffset: { position: [x, 0, 0], orientation: [0, 0, 0, 1] },
    resolution: { width: 64, height: 48 },
  });
  const MONO = [viewOf('none', 0)];
  const STEREO = [viewOf('left', -0.1), viewOf('right', 0.1)];

  /** A FakeXRDeviceInit of a phone that can do everything. */
  const phone = (changes = {}) => ({
    supportedModes: ['inline', 'immersive-ar'],
    views: STEREO,
    viewerOrigin: IDENTITY,
    supportedFeatures: ['local-floor', 'bounded-floor', 'unbounded', 'depth-sensing'],
    ...changes,
  });

  /** Depth of 4×3 whose raw values count from 1, unlike each other. */
  const depth = (changes = {}) => {
    const { depthFormat = 'luminance-alpha', width = 4, height = 3 } = changes;
    const values = ENTRIES[depthFormat].from({ length: width * height }, (_, at) => 100 * (at + 1));
    return {
      depthData: values,
      depthFormat,
      width,
      height,
      normDepthBufferFromNormView: IDENTITY,
      rawValueToMeters: 0.01,
      ...changes,
    };
  };

  const asked = (usage, changes = {}) => ({
    usagePreference: [`${usage}-optimized`],
    dataFormatPreference: ['luminance-alpha'],
    ...changes,
  });

  /** The name of what a function throws. */
  const thrown = (run) => {
    try {
      run();
    } catch (error) {
      return error.name;
    }
    return 'nothing';
  };

  /** The name of the error that a promise is rejected with. */
  const rejected = (promise) =>
    promise.then(
      () => 'nothing',
      (error) => error.name,
    );

  const request = (init, mode = 'immersive-ar') =>
    new Promise((resolve, reject) => {
      navigator.xr.test.simulateUserActivation(() => navigator.xr.requestSession(mode, init).then(resolve, reject));
    });

  /** A session that draws; `depthSensing`, when given, is required. */
  const opened = async (kind, { device = phone(), depthSensing, space = 'viewer', ...rest } = {}) => {
    const controller = await navigator.xr.test.simulateDeviceConnection(device);
    return { controller, ...(await onDevice(kind, { depthSensing, space, ...rest })) };
  };

  /** Depth of one usage on a device that has some: `data` changes its depth, `ask` what is asked for. */
  const sensing = (kind, usage, { data = {}, ask = {}, views = STEREO } = {}) =>
    opened(kind, { device: phone({ views, depthSensingData: depth(data) }), depthSensing: asked(usage, ask) });

  /** As `opened`, on the device that is connected already. */
  const onDevice = async (kind, { depthSensing, space = 'viewer', features = [] } = {}) => {
    const required = depthSensing ? ['depth-sensing', ...features] : features;
    const session = await request({ requiredFeatures: required, ...(depthSensing ? { depthSensing } : {}) });
    const canvas = document.body.appendChild(document.createElement('canvas'));
    const gl = canvas.getContext(kind, { alpha: false, antialias: false });
    await gl.makeXRCompatible();
    const layer = new XRWebGLLayer(session, gl);
    session.updateRenderState({ baseLayer: layer });
    const binding = new XRWebGLBinding(session, gl);
    const reference = await session.requestReferenceSpace(space);
    /** Depth by the usage that was asked for. */
    const get = (frame, view) =>
      depthSensing?.usagePreference[0] === 'gpu-optimized'
        ? binding.getDepthInformation(view)
        : frame.getDepthInformation(view);
    /** What a function gives inside the next animation frame. */
    const inFrame = (run) =>
      new Promise((resolve, reject) => {
        session.requestAnimationFrame((time, frame) => {
          try {
            const pose = frame.getViewerPose(reference);
            resolve(run(frame, pose && pose.views, pose));
          } catch (error) {
            reject(error);
          }
        });
      });
    return { session, gl, layer, binding, reference, get, inFrame };
  };

  /** Time outside all frames. */
  const later = () => new Promise((resolve) => setTimeout(resolve, 5));

  /** The (red, green, blue, alpha) bytes of a texture of two channels, row by row from its first. */
  const texels = (gl, texture, width, height) => {
    const shader = (type, source) => {
      const made = gl.createShader(type);
      gl.shaderSource(made, source);
      gl.compileShader(made);
      return made;
    };
    const program = gl.createProgram();
    gl.attachShader(program, shader(gl.VERTEX_SHADER, CORNERS));
    gl.attachShader(program, shader(gl.FRAGMENT_SHADER, COPY));
    gl.linkProgram(program);
    gl.useProgram(program);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
    const corner = gl.getAttribLocation(program, 'corner');
    gl.enableVertexAttribArray(corner);
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
    const target = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, target);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, target, 0);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.viewport(0, 0, width, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    const read = new Uint8Array(4 * width * height);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, read);
    return Array.from({ length: width * height }, (_, at) => [...read.slice(4 * at, 4 * at + 4)]);
  };

  const bytes = (buffer) => [...new Uint8Array(buffer)];
  const alike = (a, b) => a.length === b.length && [...a].every((value, at) => Math.abs(value - b[at]) < 1e-5);

  Object.assign(globalThis, { IDENTITY, HALF_TURN, PROJECTION, ENTRIES, MONO, STEREO });
  Object.assign(globalThis, { phone, depth, asked, thrown, rejected, request, opened, sensing, onDevice, later, texels, bytes, alike });
})();
