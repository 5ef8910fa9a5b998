// The device under navigator.xr until another is connected: it stands still and sees nothing.
import { identity } from '../geometry/matrix';
import type { Device } from './device';

export function stillDevice(): Device {
  return {
    modes: ['inline', 'immersive-vr', 'immersive-ar'],
    features: ['local-floor', 'unbounded', 'depth-sensing'],
    blendMode: 'alpha-blend',
    interactionMode: 'screen-space',
    depthSupport: {
      types: ['raw', 'smooth'],
      formats: ['luminance-alpha', 'float32', 'unsigned-short'],
      usages: ['cpu-optimized', 'gpu-optimized'],
    },
    gpu: 'linear',
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
