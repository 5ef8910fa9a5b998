// XRWebGLDepthInformation: depth as a texture.
import { invalidState } from '../idl/errors';
import { Slots, created, published } from '../idl/interface';
import { identity } from '../geometry/matrix';
import { DepthTextures } from './depth_textures';
import type { GL, SessionState, ViewState } from './host';
import { host } from './host';
import type { Information } from './information';
import { XRDepthInformation, informations, live, toInformation } from './information';
import type { SessionDepth } from './session_depth';
import { enabledDepthOf } from './session_depth';
import { isWebGL2 } from './unpacking';
import type { Layer } from './window_space';
import { windowSpace } from './window_space';

type XRTextureType = 'texture' | 'texture-array';

interface Textured {
  readonly texture: WebGLTexture;
  readonly textureType: XRTextureType;
  readonly imageIndex: number | null;
}

const textured = new Slots<Textured>('XRWebGLDepthInformation');

export class XRWebGLDepthInformation extends XRDepthInformation {
  get texture(): WebGLTexture {
    const { texture } = textured.of(this);
    live(this);
    return texture;
  }

  get textureType(): XRTextureType {
    const { textureType } = textured.of(this);
    live(this);
    return textureType;
  }

  get imageIndex(): number | null {
    const { imageIndex } = textured.of(this);
    live(this);
    return imageIndex;
  }
}
published(XRWebGLDepthInformation, 'XRWebGLDepthInformation');

/** `binding.getDepthInformation(view)`; errors in the order of the specification. */
export function getWebGLDepthInformation(binding: unknown, value: unknown): XRWebGLDepthInformation | null {
  const bound = host.binding(binding);
  if (!bound) throw new TypeError('Illegal invocation');
  const view = host.view(value);
  if (!view) throw new TypeError("getDepthInformation: parameter 1 is not of type 'XRView'.");
  const frame = host.frame(view.frame);
  if (frame?.session !== bound.session) throw invalidState('the view belongs to another session');
  const depth = enabledDepthOf(bound.session);
  if (depth.configuration.usage !== 'gpu-optimized') throw invalidState('the session is not gpu-optimized');
  if (!frame.active) throw invalidState("the view's frame is not active");
  if (!frame.animation) throw invalidState("the view's frame is not an animation frame");
  requireTextures(depth, bound.gl);
  const picture = depth.picture(view);
  const session = host.session(bound.session)!;
  // The last frame of a session that has ended goes on, but its textures are gone: none is made that nobody deletes.
  if (!picture || session.ended || bound.gl.isContextLost()) return null;
  const information = toInformation(depth, view, picture);
  if (depth.source.gpu === 'linear') return linear(depth, bound.gl, information);
  return layered(depth, bound.gl, information, session);
}

/** Throws InvalidStateError where a context has no texture for what was agreed on. */
function requireTextures(depth: SessionDepth, gl: GL): void {
  const { dataFormat } = depth.configuration;
  if (isWebGL2(gl)) return;
  if (depth.source.gpu !== 'linear') throw invalidState('depth comes as texture arrays here: use WebGL 2');
  if (dataFormat !== 'luminance-alpha') throw invalidState(`WebGL 1 has no textures of ${dataFormat}`);
}

/** As the specification says: raw values, top row first. */
function linear(depth: SessionDepth, gl: GL, information: Information): XRWebGLDepthInformation {
  const texture = texturesOf(depth, gl).flat(information.view.eye, information.picture);
  return toObject(information, { texture, textureType: 'texture', imageIndex: null });
}

/** As headsets do: see `windowSpace`. Both eyes at once: pages ask for one, and sample the other's layer too. */
function layered(
  depth: SessionDepth,
  gl: GL,
  information: Information,
  session: SessionState,
): XRWebGLDepthInformation {
  const { view, picture } = information;
  const own = windowSpace(picture, session.near);
  const both: [Layer, Layer] = [own, own];
  for (const sibling of view.siblings) {
    const seen = depth.picture(sibling);
    if (seen) both[imageIndexOf(sibling)] = windowSpace(seen, session.near);
  }
  const { width, height } = own;
  const upright = { normDepthBufferFromNormView: identity(), rawValueToMeters: 1, width, height };
  const object = toObject(
    { ...information, ...upright },
    {
      texture: texturesOf(depth, gl).array(both),
      textureType: 'texture-array',
      imageIndex: imageIndexOf(view),
    },
  );
  // Not in the specification any more, but pages written for headsets read them.
  return Object.assign(object, { isValid: true, depthNear: session.near, depthFar: Infinity });
}

function imageIndexOf(view: ViewState): 0 | 1 {
  return view.eye === 'right' ? 1 : 0;
}

function toObject(information: Information, own: Textured): XRWebGLDepthInformation {
  const object = informations.fill(created(XRWebGLDepthInformation), information);
  return textured.fill(object, own);
}

const textures = new WeakMap<SessionDepth, Map<GL, DepthTextures>>();

function texturesOf(depth: SessionDepth, gl: GL): DepthTextures {
  let contexts = textures.get(depth);
  if (!contexts) textures.set(depth, (contexts = new Map()));
  const found = contexts.get(gl);
  if (found) return found;
  const made = new DepthTextures(gl, depth.configuration.dataFormat);
  contexts.set(gl, made);
  depth.closers.push(() => made.delete());
  return made;
}
