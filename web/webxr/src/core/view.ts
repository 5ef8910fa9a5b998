// XRView, XRViewport, XRPose, XRViewerPose: what a frame says about where the viewer is.
import type { XREye } from '../depth/host';
import type { Matrix } from '../geometry/matrix';
import { toDouble } from '../idl/convert';
import { illegalConstructor, published, required } from '../idl/interface';
import { poses, viewports, views } from './states';

export class XRView {
  constructor() {
    illegalConstructor();
  }

  get eye(): XREye {
    return views.of(this).eye;
  }

  get index(): number {
    return views.of(this).index;
  }

  get projectionMatrix(): Matrix {
    return views.of(this).projection;
  }

  get transform(): object {
    return views.of(this).transform;
  }

  get recommendedViewportScale(): number | null {
    views.of(this);
    return null;
  }

  /** A hint that the canvas has no use for. */
  requestViewportScale(scale: unknown): void {
    views.of(this);
    required(arguments, 1, 'requestViewportScale');
    if (scale !== null && scale !== undefined) toDouble(scale, 'requestViewportScale');
  }

  get isFirstPersonObserver(): boolean {
    views.of(this);
    return false;
  }
}
published(XRView, 'XRView');

export class XRViewport {
  constructor() {
    illegalConstructor();
  }

  get x(): number {
    return viewports.of(this).x;
  }

  get y(): number {
    return viewports.of(this).y;
  }

  get width(): number {
    return viewports.of(this).width;
  }

  get height(): number {
    return viewports.of(this).height;
  }
}
published(XRViewport, 'XRViewport');

export class XRPose {
  constructor() {
    illegalConstructor();
  }

  get transform(): object {
    return poses.of(this).transform;
  }

  get linearVelocity(): DOMPointReadOnly | null {
    poses.of(this);
    return null;
  }

  get angularVelocity(): DOMPointReadOnly | null {
    poses.of(this);
    return null;
  }

  get emulatedPosition(): boolean {
    return poses.of(this).emulated;
  }
}
published(XRPose, 'XRPose');

export class XRViewerPose extends XRPose {
  get views(): readonly object[] {
    const found = poses.of(this).views;
    if (!found) throw new TypeError('Illegal invocation');
    return found;
  }
}
published(XRViewerPose, 'XRViewerPose');
