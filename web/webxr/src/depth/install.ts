// Depth Sensing's interfaces, and its members of the core's. What it knows of the core is in host.ts.
//
//   toDepthInit ▶ findSupportedConfiguration ▶ enableDepth ▶ (beginFrame ▶ page's callbacks)* ▶ endSession
//
// WebXR Depth Sensing Module: https://immersive-web.github.io/depth-sensing/
import type { Interface } from '../idl/interface';
import { extend } from '../idl/interface';
import { XRCPUDepthInformation, getCPUDepthInformation } from './cpu';
import { XRWebGLDepthInformation, getWebGLDepthInformation } from './gpu';
import type { DepthPrototypes } from './host';
import { XRDepthInformation } from './information';
import { withOlderCPUNames, withOlderNames } from './older_names';
import { sessionMembers } from './session_members';
import { rememberUnpacking } from './unpacking';

/** Once, ahead of a page's own scripts. Returns what belongs on `window`. */
export function installDepth(prototypes: DepthPrototypes): Readonly<Record<string, Interface>> {
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
  return { XRDepthInformation, XRCPUDepthInformation, XRWebGLDepthInformation };
}
