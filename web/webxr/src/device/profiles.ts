// Which kind of device plays the part of WebXR's, so that a page meets what it will meet there.
//
//   spec     the specification to the letter: every format, usage and type
//   arcore   a phone held upright: depth is 16-bit millimetres
//   quest    a headset: depth for the GPU alone, in window space
//
// nearfar.xr.profiles is the twin in Python.
import type { DepthSupport } from '../depth/host';
import type { XRSessionMode } from './device';

export interface Profile {
  readonly modes: readonly XRSessionMode[];
  readonly depthSupport: DepthSupport;
  readonly gpu: 'linear' | 'window-space';
}

const IMMERSIVE = ['immersive-ar', 'immersive-vr'] as const;
const SMOOTH_FIRST = ['smooth', 'raw'] as const;
const SIXTEEN_BITS_FIRST = ['luminance-alpha', 'unsigned-short', 'float32'] as const;
const USAGES = ['cpu-optimized', 'gpu-optimized'] as const;

export const PROFILES = {
  spec: {
    modes: IMMERSIVE,
    depthSupport: {
      types: SMOOTH_FIRST,
      formats: ['luminance-alpha', 'float32', 'unsigned-short'],
      usages: USAGES,
    },
    gpu: 'linear',
  },
  arcore: {
    modes: ['immersive-ar'],
    depthSupport: { types: SMOOTH_FIRST, formats: SIXTEEN_BITS_FIRST, usages: USAGES },
    gpu: 'linear',
  },
  quest: {
    modes: IMMERSIVE,
    depthSupport: { types: SMOOTH_FIRST, formats: SIXTEEN_BITS_FIRST, usages: ['gpu-optimized'] },
    gpu: 'window-space',
  },
} as const satisfies Record<string, Profile>;
