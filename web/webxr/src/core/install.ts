// Puts WebXR where pages look for it, over whatever the browser has there.
import { provideHost } from '../depth/host';
import { installDepth } from '../depth/install';
import type { Device, Hook } from '../device/device';
import { invalidState } from '../idl/errors';
import { exposed, extend, type Interface } from '../idl/interface';
import { noteSetters } from './clearing';
import { eventInterfaces } from './events';
import { XRFrame } from './frame';
import { XRInputSource, XRInputSourceArray } from './input_source';
import { XRLayer, XRRenderState } from './render_state';
import { rigid, XRRigidTransform } from './rigid_transform';
import { XRSession } from './session';
import { XRBoundedReferenceSpace, XRReferenceSpace, XRSpace } from './space';
import { bindings, frames, renderValues, sessions, transforms, views } from './states';
import { connect, connectedDevice, endImmersive, system, XRSystem } from './system';
import { XRPose, XRView, XRViewerPose, XRViewport } from './view';
import { XRWebGLBinding } from './webgl_binding';
import { XRWebGLLayer } from './webgl_layer';

/** Where the scripts of this package find each other. */
const HOOK = Symbol.for('nearfar.webxr');

const interfaces: Readonly<Record<string, Interface>> = {
  XRSystem,
  XRSession,
  XRRenderState,
  XRFrame,
  XRSpace,
  XRReferenceSpace,
  XRBoundedReferenceSpace,
  XRView,
  XRViewport,
  XRRigidTransform,
  XRPose,
  XRViewerPose,
  XRInputSource,
  XRInputSourceArray,
  XRLayer,
  XRWebGLLayer,
  XRWebGLBinding,
  ...eventInterfaces,
};

/** The hook that is there, where this page has the runtime already. */
export function installedHook(): Hook | undefined {
  return (globalThis as unknown as Record<symbol, Hook | undefined>)[HOOK];
}

/** Installs WebXR with this device under it. A second call connects its device to what is there. */
export function install(device: Device): Hook {
  const before = installedHook();
  if (before) {
    before.connect(device);
    return before;
  }
  noteSetters();
  provideHost({
    view: (value) => views.peek(value),
    frame: (value) => frames.peek(value),
    session(value) {
      const session = sessions.peek(value);
      if (!session) return undefined;
      const { depthNear, depthFar } = renderValues(session);
      return { ended: session.ended, currentFrame: session.currentFrame, near: depthNear, far: depthFar };
    },
    binding: (value) => bindings.peek(value),
    rigid,
    matrix: (value) => (transforms.peek(value) ? (value as XRRigidTransform).matrix : undefined),
  });
  const depthInterfaces = installDepth({
    session: XRSession.prototype,
    frame: XRFrame.prototype,
    binding: XRWebGLBinding.prototype,
  });
  exposed({ ...interfaces, ...depthInterfaces });
  extend(Navigator.prototype, {
    get xr() {
      if ((this as unknown) !== navigator) throw new TypeError('Illegal invocation');
      return system;
    },
  });
  for (const type of [WebGLRenderingContext, WebGL2RenderingContext])
    extend(type.prototype, compatibility(type));
  // The page's own buttons are hidden under the canvas: this is the user's way out.
  window.addEventListener('keydown', ({ key }) => key === 'Escape' && endImmersive());
  connect(device);
  const hook: Hook = {
    connect,
    get device() {
      return connectedDevice();
    },
  };
  Object.defineProperty(globalThis, HOOK, { value: hook, configurable: true });
  return hook;
}

function compatibility(type: Interface): object {
  return {
    async makeXRCompatible(): Promise<void> {
      if (!((this as unknown) instanceof type)) throw new TypeError('Illegal invocation');
      if ((this as unknown as WebGLRenderingContext).isContextLost())
        throw invalidState('makeXRCompatible: the context is lost.');
    },
  };
}
