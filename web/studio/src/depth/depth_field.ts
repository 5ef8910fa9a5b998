// A depth map as the studio's views take it: metres, upright, as wide as the picture shows.
import type { NativeDepth } from '../../../webxr/src/depth/host';

export interface DepthField {
  readonly width: number;
  readonly height: number;
  /** Row by row; 0 where nothing is known. */
  readonly metres: Float32Array;
  /** What distances are worth: metres; metres in name only; numbers without a unit. */
  readonly unit: 'metres' | 'nominal' | 'none';
}

export function depthField(native: NativeDepth, unit: DepthField['unit']): DepthField {
  const { bytes, format, width, height, rawValueToMeters: scale } = native;
  const count = width * height;
  const whole = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const floats = format === 'float32' && new Float32Array(whole.buffer, whole.byteOffset, count);
  if (floats && scale === 1) return { width, height, metres: floats, unit };
  const raw = floats || new Uint16Array(whole.buffer, whole.byteOffset, count);
  const metres = new Float32Array(count);
  for (let i = 0; i < metres.length; i++) metres[i] = raw[i]! * scale;
  return { width, height, metres, unit };
}

/** The distance at a place, 0..1 from the top left; 0 where nothing is known. */
export function distanceAt(field: DepthField, x: number, y: number): number {
  const column = Math.min(field.width - 1, Math.max(0, Math.floor(x * field.width)));
  const row = Math.min(field.height - 1, Math.max(0, Math.floor(y * field.height)));
  return field.metres[row * field.width + column]!;
}

/** A distance for people: "1.24 m", "1.24 m (nominal)", "no depth here". */
export function distanceInWords(metres: number, unit: DepthField['unit']): string {
  if (!(metres > 0)) return 'no depth here';
  if (metres === Infinity) return 'infinitely far';
  const digits = metres < 10 ? 2 : 1;
  if (unit === 'none') return `${metres.toPrecision(3)} (no unit)`;
  return `${metres.toFixed(digits)} m${unit === 'nominal' ? ' (nominal)' : ''}`;
}
