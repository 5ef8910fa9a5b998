// In a page that has the runtime: sessions on the devices of web/webxr/conformance/vectors.json. Needs depth_page.js.
globalThis.depthVectors = {
  /** The vectors' file, once for a page. */
  document: null,
  contexts: new Map(),

  native(name) {
    const given = this.document.natives[name];
    return {
      bytes: depthPage.bytes(given.data),
      format: given.dataFormat,
      width: given.width,
      height: given.height,
      rawValueToMeters: given.rawValueToMeters,
      normDepthBufferFromNormView: new Float32Array(given.normDepthBufferFromNormView.matrix),
      projection: given.projectionMatrix && new Float32Array(given.projectionMatrix),
      viewerFromSensor: given.viewOffset && new Float32Array(given.viewOffset.matrix),
    };
  },

  /** A device as the vectors have it, under navigator.xr. */
  connect({ native, views, layout = 'linear', support = this.document.supports[0] }) {
    const device = {
      modes: ['immersive-ar', 'immersive-vr'],
      features: ['depth-sensing'],
      blendMode: 'alpha-blend',
      interactionMode: 'screen-space',
      depthSupport: support,
      gpu: layout,
      localFromFloor: null,
      bounds: [],
      onframe: null,
      current: {
        sequence: 0,
        time: 0,
        depth: native ? this.native(native) : null,
        views: this.document.views[views].map(({ eye, fieldOfView, viewOffset }) => ({
          eye, projection: fieldOfView, viewerFromView: new Float32Array(viewOffset.matrix), resolution: null,
        })),
        viewer: new Float32Array(this.document.viewerPose.matrix),
      },
    };
    globalThis[Symbol.for('nearfar.webxr')].connect(device);
    return device;
  },

  gl(kind) {
    if (!this.contexts.has(kind)) this.contexts.set(kind, depthPage.context(kind));
    return this.contexts.get(kind);
  },

  /** A session that is ready to draw; `depthSensing` undefined: without depth. */
  async open(device, depthSensing, kind = 'webgl2') {
    const options = depthSensing ? { requiredFeatures: ['depth-sensing'], depthSensing } : {};
    const session = await navigator.xr.requestSession('immersive-ar', options);
    const gl = this.gl(kind);
    session.updateRenderState({ baseLayer: new XRWebGLLayer(session, gl) });
    const space = await session.requestReferenceSpace('local');
    const binding = new XRWebGLBinding(session, gl);
    /** What `act` returns or throws in the next frame. */
    const inFrame = (act) =>
      new Promise((resolve, reject) => {
        session.requestAnimationFrame((time, frame) => {
          try {
            resolve(act(frame, frame.getViewerPose(space).views));
          } catch (error) {
            reject(error);
          }
        });
        device.onframe();
      });
    return { session, binding, gl, inFrame };
  },

  asked(usage, { dataFormat, matchDepthView }) {
    return { usagePreference: [usage], dataFormatPreference: [dataFormat], matchDepthView };
  },

  geometry(information) {
    const { width, height, rawValueToMeters, projectionMatrix, transform } = information;
    return {
      width,
      height,
      rawValueToMeters,
      projectionMatrix: [...projectionMatrix],
      transform: [...transform.matrix],
      normDepthBufferFromNormView: [...information.normDepthBufferFromNormView.matrix],
    };
  },

  /** Each view's information, as the vectors write it. */
  async cpu(asked) {
    const { session, inFrame } = await this.open(this.connect(asked), this.asked('cpu-optimized', asked));
    const found = await inFrame((frame, views) =>
      views.map((view, index) => {
        const information = frame.getDepthInformation(view);
        return {
          ...this.geometry(information),
          data: depthPage.text(new Uint8Array(information.data)),
          points: asked.expected[index].points.map(([x, y]) => [x, y, information.getDepthInMeters(x, y)]),
        };
      }),
    );
    await session.end();
    return found;
  },

  async gpu(asked, kind) {
    const sensing = this.asked('gpu-optimized', asked);
    const { session, inFrame, binding, gl } = await this.open(this.connect(asked), sensing, kind);
    try {
      return await inFrame((frame, views) => {
        const all = views.map((view) => binding.getDepthInformation(view));
        const layered = asked.layout === 'window-space';
        const read = ({ texture, width, height }, layer) =>
          depthPage.text(depthPage.texels(gl, texture, layered ? 'float32' : asked.dataFormat, width, height, layer));
        const expected = all.map((information) => {
          const { textureType, imageIndex, isValid, depthNear, depthFar } = information;
          const found = { ...this.geometry(information), textureType, imageIndex };
          if (!layered) return { ...found, data: read(information, null) };
          return { ...found, isValid, depthNear, depthFar: depthFar === Infinity ? null : depthFar };
        });
        return layered ? { expected, layers: [0, 1].map((layer) => read(all[0], layer)) } : { expected };
      });
    } catch (error) {
      return error.name;
    } finally {
      await session.end();
    }
  },

  /** What comes of one call: the name of its error, and whether it gave null. */
  async misuse(given) {
    const { call, depth, when, view, returnsNull: _, ...rest } = given;
    const device = this.connect({ native: this.document.misuseNative, views: 'mono' });
    const asked = { dataFormat: 'luminance-alpha', matchDepthView: true };
    const opened = await this.open(device, depth === 'none' ? undefined : this.asked(depth, asked));
    const { session, binding, inFrame } = opened;
    const get = (frame, of) => (depth === 'cpu-optimized' ? frame : binding).getDepthInformation(of);
    const earlier = view === 'earlier' ? await inFrame((frame, [first]) => first) : null;
    if (when === 'no data') device.current = { ...device.current, depth: null };
    const found = await inFrame((frame, [first]) => {
      const information = call.startsWith('information.') ? get(frame, first) : null;
      if (when === 'paused') session.pauseDepthSensing();
      const ask = () => attempt(call, { session, frame, binding, information }, arguments_(rest, view, first, earlier));
      return ['over', 'ended'].includes(when) ? { ask } : { result: ask() };
    });
    if (when === 'ended') await session.end();
    const result = found.ask ? found.ask() : found.result;
    if (when !== 'ended') await session.end();
    return result;
  },

  /** What was agreed on, or the error's name, depth being required; and the error's name, it being optional. */
  async negotiated({ init, support }) {
    const ask = async (where) => {
      this.connect({ views: 'mono', support: this.document.supports[support] });
      const options = { [where]: ['depth-sensing'], ...(init && { depthSensing: init }) };
      try {
        const session = await navigator.xr.requestSession('immersive-ar', options);
        const enabled = session.enabledFeatures.includes('depth-sensing');
        const found = enabled && {
          usage: session.depthUsage, dataFormat: session.depthDataFormat, type: session.depthType,
        };
        await session.end();
        return [found, null];
      } catch (error) {
        return [null, error.name];
      }
    };
    const [[configuration, error], [optional, errorIfOptional]] = [
      await ask('requiredFeatures'), await ask('optionalFeatures'),
    ];
    return { configuration, error, optional, errorIfOptional };
  },
};

const METHODS = ['getDepthInformation', 'getDepthInMeters', 'pauseDepthSensing', 'resumeDepthSensing'];

function arguments_({ arguments: given }, view, own, earlier) {
  if (given.length) return given.map(Number);
  return { own: [own], earlier: [earlier], none: [] }[view];
}

function attempt(call, targets, given) {
  const [target, member] = call.split('.');
  try {
    const value = METHODS.includes(member) ? targets[target][member](...given) : targets[target][member];
    return { error: null, returnsNull: value === null };
  } catch (error) {
    return { error: error.name, returnsNull: false };
  }
}
