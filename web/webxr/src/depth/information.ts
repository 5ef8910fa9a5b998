// XRDepthInformation: what a page is told about one depth buffer, as long as its frame lives.
import { invalidState } from '../idl/errors';
import { Slots, illegalConstructor, published } from '../idl/interface';
import type { ViewState } from './host';
import { host } from './host';
import type { Geometry, Picture, SessionDepth } from './session_depth';

/** What stands behind an XRDepthInformation. */
export interface Information {
  readonly view: ViewState;
  readonly picture: Picture;
  readonly width: number;
  readonly height: number;
  /** How pages turn raw values into metres, and where they find them. */
  readonly rawValueToMeters: number;
  readonly normDepthBufferFromNormView: Float32Array;
  readonly geometry: Geometry;
  /** The XRRigidTransform of the matrix, once it was asked for. */
  norm: object | null;
}

export const informations = new Slots<Information>('XRDepthInformation');

export function toInformation(depth: SessionDepth, view: ViewState, picture: Picture): Information {
  return {
    view,
    picture,
    width: picture.native.width,
    height: picture.native.height,
    rawValueToMeters: picture.rawValueToMeters,
    normDepthBufferFromNormView: picture.native.normDepthBufferFromNormView,
    geometry: depth.geometry(picture.native, view),
    norm: null,
  };
}

/** Behind an object. Throws InvalidStateError outside the animation frame that it came with. */
export function live(self: unknown): Information {
  const information = informations.of(self);
  const frame = host.frame(information.view.frame);
  if (!frame?.active || !frame.animation)
    throw invalidState('depth information can be used only in the animation frame that it came with');
  return information;
}

export class XRDepthInformation {
  constructor() {
    illegalConstructor();
  }

  get width(): number {
    return live(this).width;
  }

  get height(): number {
    return live(this).height;
  }

  get normDepthBufferFromNormView(): object {
    const information = live(this);
    return (information.norm ??= host.rigid(information.normDepthBufferFromNormView));
  }

  get rawValueToMeters(): number {
    return live(this).rawValueToMeters;
  }

  get projectionMatrix(): Float32Array {
    return live(this).geometry.projection;
  }

  get transform(): object {
    return live(this).geometry.transform;
  }
}
published(XRDepthInformation, 'XRDepthInformation');
