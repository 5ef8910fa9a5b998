// A depth buffer of a sensor beside the view, as the view sees it: what `matchDepthView` asks for.
//
//   sensor's buffer ── metres, motion ──▶ places ── patches, nearest on top ──▶ view's buffer
import type { NativeDepth } from './host';
import { motionBetween } from './motion';
import type { Samples } from './native_depth';
import { samplesOf } from './native_depth';
import { Splatting } from './splatting';

const LARGEST_FLOAT = 3.4028234663852886e38;

let splatting: Splatting | null = null;

/** Type, size, orientation and scale stay; 0 where the view sees nothing. */
export function reprojected(
  native: NativeDepth,
  viewProjection: Float32Array,
  viewerFromView: Float32Array,
): Samples {
  const samples = samplesOf(native.bytes, native.format);
  const { width, height } = native;
  const float = samples instanceof Float32Array;
  const found: Samples = float ? new Float32Array(samples.length) : new Uint16Array(samples.length);
  const motion = motionBetween(native, viewProjection, viewerFromView);
  if (!motion) return found;
  if (splatting?.width !== width || splatting.height !== height) splatting = new Splatting(width, height);
  const scale = Math.fround(native.rawValueToMeters);
  splatting.run(samples, scale, motion);
  const { seen } = splatting;
  for (let k = 0; k < seen.length; k++) {
    const raw = 1 / seen[k]! / scale;
    const value = float ? raw : Math.floor(raw + 0.5);
    if (value <= (float ? LARGEST_FLOAT : 65535)) found[k] = value;
  }
  return found;
}
