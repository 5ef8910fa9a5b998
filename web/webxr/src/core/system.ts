// XRSystem: where pages ask for sessions; and the device that is under it now.
import { enableDepth } from '../depth/session_depth';
import type { DepthSource } from '../depth/host';
import type { Device, XRSessionMode } from '../device/device';
import { toEnum } from '../idl/convert';
import { invalidState, notSupported } from '../idl/errors';
import { handlers } from '../idl/handlers';
import { created, illegalConstructor, published, required } from '../idl/interface';
import { grant, toSessionInit, type Granted } from './features';
import { deviceFrameArrived, immersiveSession, momentOf, startFrames } from './frame_loop';
import { inputSourceArray } from './input_source';
import { renderState } from './render_state';
import { hideInline, reset, show, shutDown, XRSession } from './session';
import { SessionInputs } from './session_inputs';
import { sessions, systems, type Session } from './states';

const MODES = ['inline', 'immersive-vr', 'immersive-ar'] as const;
/** Never one of the window's: there are pages that pass a session's to window.cancelAnimationFrame. */
const FIRST_HANDLE = 2 ** 30;

let device: Device | null = null;
let requesting = false;

export class XRSystem extends EventTarget {
  constructor() {
    super();
    illegalConstructor();
  }

  async isSessionSupported(mode: unknown): Promise<boolean> {
    systems.of(this);
    required(arguments, 1, 'isSessionSupported');
    const wanted = toEnum(mode, MODES, 'XRSessionMode');
    if (wanted !== 'inline') await deviceKnown();
    return supports(wanted);
  }

  async requestSession(mode: unknown, options: unknown = {}): Promise<XRSession> {
    systems.of(this);
    required(arguments, 1, 'requestSession');
    const wanted = toEnum(mode, MODES, 'XRSessionMode');
    const init = toSessionInit(options);
    if (wanted === 'inline') return begun(wanted, grant(wanted, init, null), null);
    if (requesting || immersiveSession())
      throw invalidState('requestSession: there is an immersive session already.');
    requesting = true;
    try {
      await deviceKnown(); // as long as it takes, another request finds this one pending
      if (!supports(wanted)) throw notSupported(`requestSession: the mode '${wanted}' is not supported.`);
      return begun(wanted, grant(wanted, init, device), device);
    } finally {
      requesting = false;
    }
  }
}
handlers(XRSystem, systems, ['devicechange']);
published(XRSystem, 'XRSystem');

/** navigator.xr: one object for the page's life, whatever device comes and goes. */
export const system = systems.fill(created(XRSystem), {});

/** Whatever the device is by then, it is known: another may come while one is waited for. */
async function deviceKnown(): Promise<void> {
  for (let waited: Device | null | undefined; waited !== device; ) await (waited = device)?.ready;
}

function supports(mode: XRSessionMode): boolean {
  return mode === 'inline' || !!device?.modes.includes(mode);
}

/** The device under navigator.xr. */
export function connectedDevice(): Device | null {
  return device;
}

/** Puts a device under navigator.xr; a session of the one before ends. */
export function connect(next: Device | null): void {
  endImmersive();
  if (device) device.onframe = device.onreset = device.onvisibility = null;
  device = next;
  if (device) {
    device.onframe = deviceFrameArrived;
    device.onreset = () => withImmersive(reset);
    device.onvisibility = (state) => withImmersive((running) => show(running, state));
  }
  system.dispatchEvent(new Event('devicechange'));
}

/** For whoever takes the display away: the user, another device. */
export function endImmersive(): void {
  withImmersive((session) => void shutDown(session));
}

function withImmersive(act: (session: Session) => void): void {
  const session = immersiveSession();
  if (session) act(session);
}

function begun(mode: XRSessionMode, { features, depth, overlay }: Granted, on: Device | null): XRSession {
  const object = created(XRSession);
  const values = {
    depthNear: 0.1,
    depthFar: 1000,
    inlineVerticalFieldOfView: mode === 'inline' ? Math.PI / 2 : null,
    passthroughFullyObscured: mode === 'immersive-ar' ? false : null,
    baseLayer: null,
  };
  const session: Session = {
    object,
    mode,
    features,
    device: on,
    overlay,
    domOverlayState: overlay && { type: 'screen' },
    inputSources: inputSourceArray(),
    trackedSources: inputSourceArray(),
    ended: false,
    visibility: mode === 'inline' && immersiveSession() ? 'hidden' : 'visible',
    renderState: renderState(values),
    pending: null,
    moment: momentOf({ device: on }),
    currentFrame: null,
    lastHandle: FIRST_HANDLE - 1,
    callbacks: new Map(),
    running: null,
    lastTime: 0,
    surface: null,
    inputs: null,
    spaces: [],
    offsetSpaces: new Set(),
  };
  sessions.fill(object, session);
  session.inputs = new SessionInputs(session);
  if (depth && on) enableDepth(object, depth, depthSource(on));
  startFrames(session);
  if (on) {
    hideInline(true);
    const { dataFormat: depthFormat = null, type: depthType = null } = depth ?? {};
    try {
      on.sessionStarted?.({ mode, features, depthFormat, depthType });
    } catch (error) {
      reportError(error);
      void shutDown(session); // else it would keep the display, and nobody could end it
      throw notSupported(`requestSession: the device could not start a session: ${String(error)}`);
    }
  }
  return object;
}

function depthSource(from: Device): DepthSource {
  return {
    get current() {
      return from.current?.depth ?? null;
    },
    support: from.depthSupport!,
    gpu: from.gpu,
  };
}
