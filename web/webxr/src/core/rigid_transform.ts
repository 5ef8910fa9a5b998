// XRRigidTransform: a position and an orientation, and their matrix.
import { composed, quaternionOf, rigidInverse, type Matrix } from '../geometry/matrix';
import { toDictionary } from '../idl/convert';
import { invalidState } from '../idl/errors';
import { created, published } from '../idl/interface';
import { transforms, type Transform } from './states';

/** DOMPointInit, finite. */
function toPoint(value: unknown, name: string): [number, number, number, number] {
  const given = toDictionary(value, 'DOMPointInit');
  const number = (key: string, otherwise: number) =>
    given[key] === undefined ? otherwise : Number(given[key]);
  const [w, x, y, z] = [number('w', 1), number('x', 0), number('y', 0), number('z', 0)];
  if (![x, y, z, w].every(Number.isFinite))
    throw new TypeError(`XRRigidTransform: ${name} has a value that is not finite.`);
  return [x, y, z, w];
}

export class XRRigidTransform {
  constructor(position: unknown = {}, orientation: unknown = {}) {
    const at = toPoint(position, 'position');
    const turned = toPoint(orientation, 'orientation');
    if (at[3] !== 1) throw new TypeError('XRRigidTransform: position.w must be 1.');
    const length = Math.hypot(...turned);
    if (length === 0) throw invalidState('XRRigidTransform: the orientation has no length.');
    fill(
      this,
      at,
      turned.map((value) => value / length),
      null,
    );
  }

  get position(): DOMPointReadOnly {
    return transforms.of(this).position;
  }

  get orientation(): DOMPointReadOnly {
    return transforms.of(this).orientation;
  }

  get matrix(): Matrix {
    return matrixOf(transforms.of(this));
  }

  get inverse(): XRRigidTransform {
    const state = transforms.of(this);
    if (!state.inverse) {
      const inverse = rigid(rigidInverse(matrixOf(state)));
      transforms.of(inverse).inverse = this;
      state.inverse = inverse;
    }
    return state.inverse as XRRigidTransform;
  }
}
published(XRRigidTransform, 'XRRigidTransform');

function fill(
  object: object,
  position: ArrayLike<number>,
  orientation: ArrayLike<number>,
  matrix: Matrix | null,
): void {
  transforms.fill(object, {
    position: new DOMPointReadOnly(position[0], position[1], position[2], 1),
    orientation: new DOMPointReadOnly(orientation[0], orientation[1], orientation[2], orientation[3]),
    matrix,
    inverse: null,
  });
}

/** The same array each time, unless the page gave its buffer away. */
function matrixOf(state: Transform): Matrix {
  if (!state.matrix?.byteLength) {
    const { position, orientation } = state;
    const { x, y, z, w } = orientation;
    state.matrix = composed([position.x, position.y, position.z], [x, y, z, w]);
  }
  return state.matrix;
}

/** A new XRRigidTransform with a copy of this matrix. */
export function rigid(matrix: Matrix): XRRigidTransform {
  const transform = created(XRRigidTransform);
  fill(transform, matrix.subarray(12, 15), quaternionOf(matrix), new Float32Array(matrix));
  return transform;
}
