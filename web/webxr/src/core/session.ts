// XRSession: one page's use of a device, from requestSession to end.
import { endSession } from '../depth/session_depth';
import { identity } from '../geometry/matrix';
import type { XREnvironmentBlendMode, XRInteractionMode, XRVisibilityState } from '../device/device';
import { toDictionary, toDouble, toEnum, toFloat, toFunction, toUnsignedLong } from '../idl/convert';
import { invalidState, notSupported } from '../idl/errors';
import { handlers } from '../idl/handlers';
import { illegalConstructor, published, required } from '../idl/interface';
import { XRReferenceSpaceEvent, XRSessionEvent } from './events';
import { inlineSessions, stopFrames } from './frame_loop';
import { referenceSpace, type XRReferenceSpace } from './space';
import {
  renderValues,
  sessions,
  webGLLayers,
  type FrameCallback,
  type RenderValues,
  type Session,
} from './states';

const REFERENCE_SPACES = ['viewer', 'local', 'local-floor', 'bounded-floor', 'unbounded'] as const;
/** How high eyes are over the floor, where the device does not say: metres. */
const EYE_HEIGHT = 1.6;
const EVENTS = [
  'end',
  'inputsourceschange',
  'select',
  'selectstart',
  'selectend',
  'squeeze',
  'squeezestart',
  'squeezeend',
  'visibilitychange',
  'frameratechange',
];

export class XRSession extends EventTarget {
  constructor() {
    super();
    illegalConstructor();
  }

  get visibilityState(): XRVisibilityState {
    return sessions.of(this).visibility;
  }

  get frameRate(): number | null {
    sessions.of(this);
    return null;
  }

  get supportedFrameRates(): Float32Array | null {
    sessions.of(this);
    return null;
  }

  get renderState(): object {
    return sessions.of(this).renderState;
  }

  get inputSources(): object {
    return sessions.of(this).inputSources;
  }

  get trackedSources(): object {
    return sessions.of(this).trackedSources;
  }

  get enabledFeatures(): readonly string[] {
    return sessions.of(this).features;
  }

  get isSystemKeyboardSupported(): boolean {
    sessions.of(this);
    return false;
  }

  get environmentBlendMode(): XREnvironmentBlendMode {
    const { mode, device } = sessions.of(this);
    return mode === 'immersive-ar' && device ? device.blendMode : 'opaque';
  }

  get interactionMode(): XRInteractionMode {
    return sessions.of(this).device?.interactionMode ?? 'screen-space';
  }

  get domOverlayState(): { type: string } | null {
    return sessions.of(this).domOverlayState;
  }

  updateRenderState(state: unknown = {}): void {
    const session = sessions.of(this);
    const given = toDictionary(state, 'XRRenderStateInit');
    const wanted = toRenderValues(given);
    if (session.ended) throw invalidState('updateRenderState: the session has ended.');
    const layer = wanted.baseLayer && webGLLayers.of(wanted.baseLayer);
    if (layer && layer.session !== this)
      throw invalidState('updateRenderState: the layer is of another session.');
    if (wanted.inlineVerticalFieldOfView !== undefined && session.mode !== 'inline')
      throw invalidState('updateRenderState: inlineVerticalFieldOfView is for inline sessions.');
    if (given['layers'] !== undefined && given['layers'] !== null)
      throw notSupported('updateRenderState: the session has no layers feature.');
    session.pending = { ...(session.pending ?? renderValues(session)), ...wanted };
  }

  async updateTargetFrameRate(rate: unknown): Promise<void> {
    sessions.of(this);
    required(arguments, 1, 'updateTargetFrameRate');
    toFloat(rate, 'updateTargetFrameRate');
    throw invalidState('updateTargetFrameRate: the device has no frame rates to choose from.');
  }

  async requestReferenceSpace(type: unknown): Promise<XRReferenceSpace> {
    const session = sessions.of(this);
    required(arguments, 1, 'requestReferenceSpace');
    const wanted = toEnum(type, REFERENCE_SPACES, 'XRReferenceSpaceType');
    if (session.ended) throw invalidState('requestReferenceSpace: the session has ended.');
    if (!session.features.includes(wanted))
      throw notSupported(`requestReferenceSpace: the session has no '${wanted}' feature.`);
    const space = referenceSpace({
      session: this,
      ofViewer: wanted === 'viewer',
      native: () => originOf(session, wanted),
      offset: identity(),
      emulated: () => wanted === 'viewer' && !!session.moment.emulatedPosition,
      bounds: wanted === 'bounded-floor' ? () => session.moment.bounds : null,
    });
    session.spaces.push(space);
    return space;
  }

  requestAnimationFrame(callback: unknown): number {
    const session = sessions.of(this);
    required(arguments, 1, 'requestAnimationFrame');
    const called = toFunction(callback, 'requestAnimationFrame') as FrameCallback;
    if (session.ended) return 0;
    session.callbacks.set(++session.lastHandle, called);
    return session.lastHandle;
  }

  cancelAnimationFrame(handle: unknown): void {
    const session = sessions.of(this);
    required(arguments, 1, 'cancelAnimationFrame');
    const number = toUnsignedLong(handle);
    session.callbacks.delete(number);
    session.running?.delete(number);
  }

  async end(): Promise<void> {
    const session = sessions.of(this);
    if (session.ended) throw invalidState('end: the session has ended.');
    await shutDown(session);
  }
}
handlers(XRSession, sessions, EVENTS);
published(XRSession, 'XRSession');

/** The members that are given, and no others. */
function toRenderValues(given: Readonly<Record<string, unknown>>): Partial<RenderValues> {
  const { baseLayer, passthroughFullyObscured } = given;
  if (baseLayer !== undefined && baseLayer !== null)
    webGLLayers.argument(baseLayer, 'updateRenderState: baseLayer');
  const number = (name: string, least: number, most: number) => {
    const value = given[name];
    if (value === undefined) return {};
    // Web IDL refuses an infinite one; three.js sets what headsets' depth says, and there it is infinite.
    if (name === 'depthFar' && value === Infinity) return { depthFar: Infinity };
    return { [name]: Math.min(most, Math.max(least, toDouble(value, name))) };
  };
  return {
    ...(baseLayer === undefined ? {} : { baseLayer: baseLayer as object | null }),
    ...number('depthFar', 0, Number.MAX_VALUE),
    ...number('depthNear', 0, Number.MAX_VALUE),
    ...number('inlineVerticalFieldOfView', 0.01, Math.PI - 0.01),
    ...(passthroughFullyObscured === undefined
      ? {}
      : { passthroughFullyObscured: !!passthroughFullyObscured }),
  };
}

function originOf(session: Session, type: (typeof REFERENCE_SPACES)[number]): Float32Array | null {
  if (type === 'viewer') return session.moment.viewer;
  const origin = identity();
  if (!type.endsWith('floor')) return origin;
  origin[13] = -EYE_HEIGHT;
  return session.moment.localFromFloor ?? origin;
}

/** Ends a session: its frames stop and its canvas is put back at once, its end event follows. */
export async function shutDown(session: Session): Promise<void> {
  session.ended = true;
  stopFrames(session);
  session.callbacks.clear();
  session.running?.clear();
  session.inputs?.stop();
  endSession(session.object);
  session.surface?.release();
  session.surface = null;
  if (session.mode !== 'inline') {
    try {
      session.device?.sessionEnded?.();
    } catch (error) {
      reportError(error); // the page's session ends all the same
    }
    hideInline(false);
  }
  await null; // not inside the call that ended it
  session.object.dispatchEvent(new XRSessionEvent('end', { session: session.object }));
}

/** Inline sessions rest while an immersive one has the display. */
export function hideInline(hidden: boolean): void {
  for (const session of inlineSessions()) show(session, hidden ? 'hidden' : 'visible');
}

/** The user sees more or less of a session than before. */
export function show(session: Session, state: XRVisibilityState): void {
  if (session.visibility === state) return;
  session.visibility = state;
  queueMicrotask(() => {
    session.object.dispatchEvent(new XRSessionEvent('visibilitychange', { session: session.object }));
  });
}

/** Local space has jumped: what the page has placed in it is elsewhere. */
export function reset(session: Session): void {
  const offset = Array.from(session.offsetSpaces, (space) => space.deref() ?? []).flat();
  for (const referenceSpace of [...session.spaces, ...offset])
    queueMicrotask(() => {
      referenceSpace.dispatchEvent(new XRReferenceSpaceEvent('reset', { referenceSpace }));
    });
}
