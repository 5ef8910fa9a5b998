// The device under navigator.xr until another is connected: it stands still and sees nothing.
import { identity } from '../geometry/matrix';
import type { Device } from './device';
import { PROFILES, type Profile } from './profiles';

/** `profile`: a name of `PROFILES`; any other is "spec". */
export function stillDevice(profile = 'spec'): Device {
  const known: Record<string, Profile> = PROFILES;
  const { modes, depthSupport, gpu } = Object.hasOwn(known, profile) ? known[profile]! : PROFILES.spec;
  return {
    modes: ['inline', ...modes],
    features: ['local-floor', 'unbounded', 'depth-sensing'],
    blendMode: 'alpha-blend',
    interactionMode: 'screen-space',
    depthSupport,
    gpu,
    localFromFloor: null,
    bounds: [],
    current: {
      sequence: 0,
      time: performance.now(),
      depth: null,
      views: [{ eye: 'none', projection: null, viewerFromView: identity(), resolution: null }],
      viewer: identity(),
    },
    onframe: null,
  };
}
