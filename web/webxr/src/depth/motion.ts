// From a sample of a sensor's buffer to its place in the view's buffer. The definition of this, and of all of
// `reprojected`, is the docstring of nearfar.xr.reprojection: the same sums in the same order, equal bit by bit.
import type { NativeDepth } from './host';

type Row = readonly [number, number, number];
type Square = readonly [Row, Row, Row];

/** A sample (u, v) at d metres is seen at d·a·(u, v, 1) + b = D·(x, y, 1): pixels, metres. */
export interface Motion {
  readonly a: Square;
  readonly b: Row;
}

/** null: nothing can be seen, a projection has no width or height. */
export function motionBetween(
  native: NativeDepth,
  viewProjection: ArrayLike<number>,
  viewerFromView: ArrayLike<number>,
): Motion | null {
  const { width, height } = native;
  const [m0, m1, m4, m5, m12, m13] = entries(native.normDepthBufferFromNormView, [0, 1, 4, 5, 12, 13]);
  const [p0, p5, p8, p9] = entries(native.projection ?? viewProjection, [0, 5, 8, 9]);
  const [q0, q5, q8, q9] = entries(viewProjection, [0, 5, 8, 9]);
  if (p0 === 0 || p5 === 0) return null;
  const last: Row = [0, 0, 1];
  const pixel: Square = [[1 / width, 0, 0], [0, 1 / height, 0], last];
  const picture: Square = [[m0, m1, -(m0 * m12 + m1 * m13)], [m4, m5, -(m4 * m12 + m5 * m13)], last];
  const ray: Square = [
    [2 / p0, 0, (p8 - 1) / p0],
    [0, -2 / p5, (p9 + 1) / p5],
    [0, 0, -1],
  ];
  const seen: Square = [
    [q0 / 2, 0, (q8 - 1) / 2],
    [0, -q5 / 2, -(q9 + 1) / 2],
    [0, 0, -1],
  ];
  const buffer: Square = [[m0, m4, m12], [m1, m5, m13], last];
  const pixels: Square = [[width, 0, 0], [0, height, 0], last];
  const toPixels = product(pixels, product(buffer, seen));
  const { turn, shift } = viewFromSensor(native.viewerFromSensor, viewerFromView);
  const a = product(toPixels, product(turn, product(ray, product(picture, pixel))));
  const b: Row = [dot(toPixels[0], shift), dot(toPixels[1], shift), dot(toPixels[2], shift)];
  return [...a.flat(), ...b].every(Number.isFinite) ? { a, b } : null;
}

function viewFromSensor(sensor: Float32Array | null, view: ArrayLike<number>): { turn: Square; shift: Row } {
  if (!sensor) return { turn: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], shift: [0, 0, 0] };
  const [s, v] = [columns(sensor), columns(view)];
  const away: Row = [s[3][0] - v[3][0], s[3][1] - v[3][1], s[3][2] - v[3][2]];
  const turned = (axis: Row): Row => [dot(axis, s[0]), dot(axis, s[1]), dot(axis, s[2])];
  return {
    turn: [turned(v[0]), turned(v[1]), turned(v[2])],
    shift: [dot(v[0], away), dot(v[1], away), dot(v[2], away)],
  };
}

function columns(m: ArrayLike<number>): [Row, Row, Row, Row] {
  const column = (i: number): Row => [m[i]!, m[i + 1]!, m[i + 2]!];
  return [column(0), column(4), column(8), column(12)];
}

function entries<const Indices extends readonly number[]>(
  matrix: ArrayLike<number>,
  indices: Indices,
): { [K in keyof Indices]: number } {
  return indices.map((index) => matrix[index]!) as { [K in keyof Indices]: number };
}

function dot(a: Row, b: Row): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function product(a: Square, b: Square): Square {
  const column = (j: 0 | 1 | 2): Row => [b[0][j], b[1][j], b[2][j]];
  const row = (line: Row): Row => [dot(line, column(0)), dot(line, column(1)), dot(line, column(2))];
  return [row(a[0]), row(a[1]), row(a[2])];
}
