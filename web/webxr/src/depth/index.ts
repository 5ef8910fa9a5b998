// Depth Sensing, as the core sees it. What it sees of the core is in host.ts.
//
//   toDepthInit ▶ findSupportedConfiguration ▶ enableDepth ▶ (beginFrame ▶ page's callbacks)* ▶ endSession
//
// WebXR Depth Sensing Module: https://immersive-web.github.io/depth-sensing/
import { exposed, extend } from '../idl/interface';
import { XRCPUDepthInformation, getCPUDepthInformation } from './cpu';
import { XRWebGLDepthInformation, deleteTextures, getWebGLDepthInformation } from './gpu';
import type { DepthPrototypes, DepthSource } from './host';
import { XRDepthInformation } from './information';
import type { DepthConfiguration } from './negotiation';
import { withOlderCPUNames, withOlderNames, withOlderSessionNames } from './older_names';
import { SessionDepth, depthOf, enable } from './session_depth';
import { sessionMembers } from './session_members';
import { rememberUnpacking } from './unpacking';

export { provideHost } from './host';
export { toDepthInit } from './init';
export { findSupportedConfiguration } from './negotiation';
export type { DepthConfiguration, DepthInit } from './negotiation';

/** Once, ahead of a page's own scripts: members of the core's interfaces, and interfaces of its own on `window`. */
export function installDepth(prototypes: DepthPrototypes): void {
  rememberUnpacking();
  extend(prototypes.session, sessionMembers);
  extend(prototypes.frame, {
    getDepthInformation(this: unknown, view: unknown): XRCPUDepthInformation | null {
      const information = getCPUDepthInformation(this, view);
      return information && withOlderCPUNames(information);
    },
  });
  extend(prototypes.binding, {
    getDepthInformation(this: unknown, view: unknown): XRWebGLDepthInformation | null {
      const information = getWebGLDepthInformation(this, view);
      return information && withOlderNames(information);
    },
  });
  exposed({ XRDepthInformation, XRCPUDepthInformation, XRWebGLDepthInformation });
}

/** A session gets depth sensing, as it was agreed on. */
export function enableDepth(session: object, configuration: DepthConfiguration, source: DepthSource): void {
  enable(session, new SessionDepth(configuration, source));
  withOlderSessionNames(session);
}

/** At the start of each frame of a session; one without depth sensing is passed over. */
export function beginFrame(session: object): void {
  depthOf(session)?.latch();
}

/** After a session has ended. */
export function endSession(session: object): void {
  const depth = depthOf(session);
  if (depth) deleteTextures(depth);
}
