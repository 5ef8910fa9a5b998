// Raw depth values from one format to another. nearfar.xr.formats is its twin in Python.
//
// Between two formats of the same samples nothing changes, the scale neither. Metres become 16 bits as
// millimetres, and 16 bits become float32 as metres. A hole is 0 in all.
import type { Samples } from './native_depth';
import { isFloat } from './native_depth';
import type { XRDepthDataFormat } from './host';

/** The scale of 16-bit depth that was float: what Chrome on Android gives. */
export const MILLIMETRE = Math.fround(0.001);

export interface Scaled {
  readonly samples: Samples;
  readonly rawValueToMeters: number;
}

/** `samples` in the format `wanted`; the same array where both formats have the same samples. */
export function converted(samples: Samples, rawValueToMeters: number, wanted: XRDepthDataFormat): Scaled {
  const scale = Math.fround(rawValueToMeters);
  const float = samples instanceof Float32Array;
  if (float === isFloat(wanted)) return { samples, rawValueToMeters: scale };
  const count = samples.length;
  if (!float) {
    const metres = new Float32Array(count); // what is stored is rounded: once, since both factors are short
    for (let i = 0; i < count; i++) metres[i] = (samples[i] as number) * scale;
    return { samples: metres, rawValueToMeters: 1 };
  }
  const millimetres = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const value = Math.floor(Math.fround((samples[i] as number) * scale) * 1000 + 0.5);
    if (value >= 1 && value <= 65535) millimetres[i] = value;
  }
  return { samples: millimetres, rawValueToMeters: MILLIMETRE };
}
