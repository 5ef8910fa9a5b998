// Depth as headsets hand it to pages: upright as the view, bottom row first, and what a fragment at that depth
// would have in gl_FragCoord.z under a projection without a far plane.
//
//   z = 1 - near / metres; 1, the farthest, where there is no depth; 0, which hides all, nearer than near
//
// nearfar.xr.window_space is its twin in Python.
import type { NativeDepth } from './host';
import type { Picture } from './session_depth';

/** One picture of a texture array. Never changes: a newer one is another object. */
export interface Layer {
  readonly native: NativeDepth;
  readonly width: number;
  readonly height: number;
  readonly near: number;
  readonly values: Float32Array<ArrayBuffer>;
}

const layers = new WeakMap<Picture, Layer>();

export function windowSpace(picture: Picture, near: number): Layer {
  const before = layers.get(picture);
  if (before?.near === near) return before;
  const layer = made(picture, near);
  layers.set(picture, layer);
  return layer;
}

function made({ native, samples, rawValueToMeters }: Picture, near: number): Layer {
  const m = native.normDepthBufferFromNormView;
  const turned = Math.abs(m[1]!) > Math.abs(m[0]!); // by a quarter
  const [width, height] = turned ? [native.height, native.width] : [native.width, native.height];
  const values = new Float32Array(width * height);
  const [lastColumn, lastRow] = [native.width - 1, native.height - 1];
  const across = Float64Array.from({ length: width }, (_, column) => (column + 0.5) / width);
  const [columns, rows] = [across.map((x) => m[0]! * x), across.map((x) => m[1]! * x)];
  for (let row = 0, entry = 0; row < height; row++) {
    const y = (height - row - 0.5) / height;
    const [columnDown, rowDown] = [m[4]! * y, m[5]! * y];
    for (let column = 0; column < width; column++, entry++) {
      const bufferColumn = Math.trunc((columns[column]! + columnDown + m[12]!) * native.width);
      const bufferRow = Math.trunc((rows[column]! + rowDown + m[13]!) * native.height);
      const from = clamped(bufferRow, lastRow) * native.width + clamped(bufferColumn, lastColumn);
      const metres = Math.fround(samples[from]! * rawValueToMeters);
      values[entry] = metres > 0 ? Math.max(1 - near / metres, 0) : 1;
    }
  }
  return { native, width, height, near, values };
}

function clamped(position: number, last: number): number {
  return Math.min(last, Math.max(0, position));
}
