// XRSpace and the reference spaces: where an origin is, in the local space of the device.
import type { Device } from '../device/device';
import { multiplied, rigidInverse, type Matrix } from '../geometry/matrix';
import { handlers } from '../idl/handlers';
import { created, illegalConstructor, published, required } from '../idl/interface';
import { referenceSpaces, sessions, spaces, transforms, type ReferenceSpace, type Space } from './states';
import { XRRigidTransform } from './rigid_transform';

const collected = new FinalizationRegistry((forget: () => void) => forget());

/** The same array as long as the room is the same. */
const geometries = new WeakMap<XRBoundedReferenceSpace, Geometry>();

interface Geometry {
  readonly corners: Device['bounds'];
  readonly points: readonly DOMPointReadOnly[];
}

export class XRSpace extends EventTarget {
  constructor() {
    super();
    illegalConstructor();
  }
}
published(XRSpace, 'XRSpace');

export class XRReferenceSpace extends XRSpace {
  getOffsetReferenceSpace(originOffset: unknown): XRReferenceSpace {
    const state = referenceSpaces.of(this);
    required(arguments, 1, 'getOffsetReferenceSpace');
    transforms.argument(originOffset, 'getOffsetReferenceSpace');
    const { matrix } = originOffset as XRRigidTransform;
    const made = referenceSpace({ ...state, offset: multiplied(state.offset, matrix) });
    const { offsetSpaces } = sessions.of(state.session);
    const weak = new WeakRef(made);
    offsetSpaces.add(weak);
    collected.register(made, () => offsetSpaces.delete(weak));
    return made;
  }
}
handlers(XRReferenceSpace, referenceSpaces, ['reset']);
published(XRReferenceSpace, 'XRReferenceSpace');

export class XRBoundedReferenceSpace extends XRReferenceSpace {
  get boundsGeometry(): readonly DOMPointReadOnly[] {
    const { bounds, offset } = referenceSpaces.of(this);
    if (!bounds) throw new TypeError('Illegal invocation');
    const corners = bounds();
    let shown = geometries.get(this);
    if (shown?.corners !== corners) {
      shown = { corners, points: pointsOf(corners, rigidInverse(offset)) };
      geometries.set(this, shown);
    }
    return shown.points;
  }
}
published(XRBoundedReferenceSpace, 'XRBoundedReferenceSpace');

/** Corners on the floor, seen from a space. */
function pointsOf(corners: Device['bounds'], spaceFromFloor: Matrix): readonly DOMPointReadOnly[] {
  const matrix = new DOMMatrixReadOnly(Array.from(spaceFromFloor));
  return Object.freeze(corners.map(([x, z]) => DOMPointReadOnly.fromPoint(matrix.transformPoint({ x, z }))));
}

export function space(state: Space): XRSpace {
  return spaces.fill(created(XRSpace), state);
}

export function referenceSpace(state: ReferenceSpace): XRReferenceSpace {
  const object = created<XRReferenceSpace>(state.bounds ? XRBoundedReferenceSpace : XRReferenceSpace);
  spaces.fill(object, state);
  return referenceSpaces.fill(object, state);
}

/** Where the viewer is in a space; null where it is not known. In its own it is known, tracked or not. */
export function viewerIn(state: ReferenceSpace, viewer: Matrix | null): Matrix | null {
  if (state.ofViewer) return rigidInverse(state.offset);
  const origin = originOf(state);
  return origin && viewer && multiplied(rigidInverse(origin), viewer);
}

/** A space's origin in local space; null where it is not known. */
export function originOf(state: Space): Matrix | null {
  const native = state.native();
  return native && multiplied(native, state.offset);
}
