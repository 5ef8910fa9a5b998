// 4×4 matrices as WebGL has them: 16 numbers, column by column. Sums run in float64, in one fixed order.

export type Matrix = Float32Array;

export function identity(): Matrix {
  const matrix = new Float32Array(16);
  matrix[0] = matrix[5] = matrix[10] = matrix[15] = 1;
  return matrix;
}

/** Does b first, then a. */
export function multiplied(a: ArrayLike<number>, b: ArrayLike<number>): Matrix {
  const product = new Float32Array(16);
  for (let column = 0; column < 4; column++)
    for (let row = 0; row < 4; row++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += a[4 * k + row]! * b[4 * column + k]!;
      product[4 * column + row] = sum;
    }
  return product;
}

/** The inverse of a rotation with a translation. */
export function rigidInverse(matrix: ArrayLike<number>): Matrix {
  const inverse = identity();
  for (let row = 0; row < 3; row++) {
    let moved = 0;
    for (let k = 0; k < 3; k++) {
      inverse[4 * k + row] = matrix[4 * row + k]!;
      moved += matrix[4 * row + k]! * matrix[12 + k]!;
    }
    inverse[12 + row] = -moved;
  }
  return inverse;
}

/** From a position (x, y, z) and a unit quaternion (x, y, z, w). */
export function composed(position: ArrayLike<number>, quaternion: ArrayLike<number>): Matrix {
  const [x, y, z, w] = [quaternion[0]!, quaternion[1]!, quaternion[2]!, quaternion[3]!];
  // The diagonal in a form that is exact for quarter turns: 0, not -2e-16.
  return new Float32Array([
    w * w + x * x - (y * y + z * z),
    2 * (x * y + z * w),
    2 * (x * z - y * w),
    0,
    2 * (x * y - z * w),
    w * w + y * y - (x * x + z * z),
    2 * (y * z + x * w),
    0,
    2 * (x * z + y * w),
    2 * (y * z - x * w),
    w * w + z * z - (x * x + y * y),
    0,
    position[0]!,
    position[1]!,
    position[2]!,
    1,
  ]);
}

/** The unit quaternion (x, y, z, w) of a rigid matrix: that whose largest number is positive. */
export function quaternionOf(m: ArrayLike<number>): [number, number, number, number] {
  const [xx, yy, zz] = [m[0]!, m[5]!, m[10]!];
  const squares = [1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz, 1 + xx + yy + zz];
  const largest = squares.indexOf(Math.max(...squares));
  const [yz, zx, xy] = [m[6]! - m[9]!, m[8]! - m[2]!, m[1]! - m[4]!];
  const [xPlusY, zPlusX, yPlusZ] = [m[1]! + m[4]!, m[8]! + m[2]!, m[6]! + m[9]!];
  const rows: [number, number, number, number][] = [
    [squares[0]!, xPlusY, zPlusX, yz],
    [xPlusY, squares[1]!, yPlusZ, zx],
    [zPlusX, yPlusZ, squares[2]!, xy],
    [yz, zx, xy, squares[3]!],
  ];
  const [x, y, z, w] = rows[largest]!;
  const length = Math.hypot(x, y, z, w);
  return [x / length, y / length, z / length, w / length];
}

/** From the tangents of the four edges; far may be infinite. */
export function projectionOf(
  edges: { left: number; right: number; up: number; down: number },
  near: number,
  far: number,
): Matrix {
  const { left, right, up, down } = edges;
  const matrix = new Float32Array(16);
  matrix[0] = 2 / (left + right);
  matrix[5] = 2 / (up + down);
  matrix[8] = (right - left) / (left + right);
  matrix[9] = (up - down) / (up + down);
  matrix[10] = far === Infinity ? -1 : (far + near) / (near - far);
  matrix[11] = -1;
  matrix[14] = far === Infinity ? -2 * near : (2 * far * near) / (near - far);
  return matrix;
}
