// What depth sensing adds to XRSession.
import { invalidState, notSupported } from '../idl/errors';
import type { XRDepthDataFormat, XRDepthType, XRDepthUsage } from './host';
import { host } from './host';
import type { SessionDepth } from './session_depth';
import { depthOf } from './session_depth';

export const sessionMembers = {
  get depthUsage(): XRDepthUsage {
    return enabled(this).configuration.usage;
  },

  get depthDataFormat(): XRDepthDataFormat {
    return enabled(this).configuration.dataFormat;
  },

  get depthType(): XRDepthType | null {
    return enabled(this).configuration.type;
  },

  get depthActive(): boolean | null {
    return enabled(this).active;
  },

  pauseDepthSensing(): void {
    setActive(this, false);
  },

  resumeDepthSensing(): void {
    setActive(this, true);
  },
};

function enabled(session: object): SessionDepth {
  if (!host.session(session)) throw new TypeError('Illegal invocation');
  const depth = depthOf(session);
  if (!depth) throw invalidState('depth sensing is not enabled in this session');
  return depth;
}

/** Takes effect at once. */
function setActive(session: object, active: boolean): void {
  const state = host.session(session);
  if (!state) throw new TypeError('Illegal invocation');
  if (state.ended) throw invalidState('the session has ended');
  if (!state.currentFrame || !host.frame(state.currentFrame)?.active)
    throw invalidState('depth sensing can be paused and resumed only in an animation frame');
  const depth = depthOf(session);
  if (!depth) throw notSupported('depth sensing is not enabled in this session');
  depth.active = active;
}
