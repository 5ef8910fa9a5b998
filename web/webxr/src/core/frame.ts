// XRFrame: the device at one moment, and the poses that can be asked of it.
import { identity, multiplied, projectionOf, rigidInverse, type Matrix } from '../geometry/matrix';
import type { DeviceView } from '../device/device';
import { invalidState } from '../idl/errors';
import { created, illegalConstructor, published, required } from '../idl/interface';
import { rigid } from './rigid_transform';
import { originOf, viewerIn } from './space';
import {
  frames,
  poses,
  referenceSpaces,
  renderValues,
  sessions,
  spaces,
  views,
  webGLLayers,
  type Frame,
  type Session,
  type View,
} from './states';
import { XRPose, XRView, XRViewerPose } from './view';

/** Tangent of half the angle that a view sees from bottom to top, where neither device nor page says. */
const ORDINARY_TANGENT = Math.tan(Math.PI / 6);

export class XRFrame {
  constructor() {
    illegalConstructor();
  }

  get session(): EventTarget {
    return frames.of(this).session;
  }

  get predictedDisplayTime(): number {
    return frames.of(this).time;
  }

  getViewerPose(referenceSpace: unknown): XRViewerPose | null {
    const frame = frames.of(this);
    required(arguments, 1, 'getViewerPose');
    const space = referenceSpaces.argument(referenceSpace, 'getViewerPose');
    if (!frame.active) throw invalidState('getViewerPose: the frame is not active.');
    if (!frame.animation) throw invalidState('getViewerPose: the frame is not an animation frame.');
    if (space.session !== frame.session)
      throw invalidState('getViewerPose: the space is of another session.');
    const session = sessions.of(frame.session);
    const { viewer, emulatedPosition = false } = session.moment;
    const referenceFromViewer = viewerIn(space, viewer);
    if (!referenceFromViewer) return null;
    const siblings: View[] = [];
    const found = session.moment.views.map((view) =>
      viewOf(this, session, view, referenceFromViewer, siblings),
    );
    return poses.fill(created(XRViewerPose), {
      transform: rigid(referenceFromViewer),
      emulated: emulatedPosition,
      views: Object.freeze(found),
    });
  }

  getPose(space: unknown, baseSpace: unknown): XRPose | null {
    const frame = frames.of(this);
    required(arguments, 2, 'getPose');
    const moved = spaces.argument(space, 'getPose');
    const base = spaces.argument(baseSpace, 'getPose', 2);
    if (!frame.active) throw invalidState('getPose: the frame is not active.');
    if (moved.session !== frame.session || base.session !== frame.session)
      throw invalidState('getPose: the space is of another session.');
    const [at, from] = [originOf(moved), originOf(base)];
    if (!at || !from) return null;
    const emulated = moved.emulated() || base.emulated();
    return poses.fill(created(XRPose), {
      transform: rigid(multiplied(rigidInverse(from), at)),
      emulated,
      views: null,
    });
  }
}
published(XRFrame, 'XRFrame');

export function frameOf(state: Frame): XRFrame {
  return frames.fill(created(XRFrame), state);
}

function viewOf(
  frame: object,
  session: Session,
  view: DeviceView,
  referenceFromViewer: Matrix,
  siblings: View[],
): XRView {
  const state: View = {
    frame,
    index: siblings.length,
    eye: view.eye,
    projection: projectionMatrix(session, view),
    transform: rigid(multiplied(referenceFromViewer, view.viewerFromView)),
    referenceFromViewer,
    viewerFromView: view.viewerFromView,
    siblings,
  };
  siblings.push(state);
  return views.fill(created(XRView), state);
}

/** A view's projection, in an array of its own. */
export function projectionMatrix(session: Session, view: DeviceView): Matrix {
  const { projection } = view;
  if (projection instanceof Float32Array) return projection.slice();
  const { depthNear, depthFar, inlineVerticalFieldOfView, baseLayer } = renderValues(session);
  if (projection) return projectionOf(projection, depthNear, depthFar);
  const up = inlineVerticalFieldOfView === null ? ORDINARY_TANGENT : Math.tan(inlineVerticalFieldOfView / 2);
  const gl = webGLLayers.peek(baseLayer)?.gl;
  const aspect = gl ? gl.drawingBufferWidth / session.moment.views.length / gl.drawingBufferHeight : 1;
  return projectionOf({ left: up * aspect, right: up * aspect, up, down: up }, depthNear, depthFar);
}

/** The one view of a session without a device. */
export const PLAIN_VIEW: DeviceView = {
  eye: 'none',
  projection: null,
  viewerFromView: identity(),
  resolution: null,
};
