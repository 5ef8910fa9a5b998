// XRCPUDepthInformation: depth as bytes, and metres at a point of the view.
import { toFloat } from '../idl/convert';
import { invalidState } from '../idl/errors';
import { Slots, created, published, required } from '../idl/interface';
import { host } from './host';
import type { Information } from './information';
import { XRDepthInformation, informations, live, toInformation } from './information';
import type { Samples } from './native_depth';
import { enabledDepthOf } from './session_depth';

/** A buffer's numbers. Once the page has asked for its bytes they are a copy, which it may write into or give away. */
interface Bytes {
  samples: Samples;
  own: boolean;
}

const buffers = new Slots<Bytes>('XRCPUDepthInformation');

export class XRCPUDepthInformation extends XRDepthInformation {
  get data(): ArrayBuffer {
    const bytes = buffers.of(this);
    live(this);
    if (!bytes.own) {
      bytes.samples = bytes.samples.slice();
      bytes.own = true;
    }
    return bytes.samples.buffer;
  }

  getDepthInMeters(x: number, y: number): number {
    buffers.of(this);
    required(arguments, 2, 'getDepthInMeters');
    const [viewX, viewY] = [toFloat(x, 'x'), toFloat(y, 'y')];
    const { information, samples } = readable(this);
    if (viewX < 0 || viewX > 1 || viewY < 0 || viewY > 1)
      throw new RangeError('getDepthInMeters: x and y must be within 0 and 1');
    const { width, height } = information;
    const m = information.normDepthBufferFromNormView;
    const column = clamped((m[0]! * viewX + m[4]! * viewY + m[12]!) * width, width);
    const row = clamped((m[1]! * viewX + m[5]! * viewY + m[13]!) * height, height);
    return metres(information, samples, row * width + column); // nearest entry, no interpolation
  }
}
published(XRCPUDepthInformation, 'XRCPUDepthInformation');

/** Throws InvalidStateError where the page gave the data away, or their frame has ended. */
function readable(self: unknown): { information: Information; samples: Samples } {
  const { samples } = buffers.of(self);
  if (!samples.length) throw invalidState('the data of this depth information were given away');
  return { information: live(self), samples };
}

function metres(information: Information, samples: Samples, index: number): number {
  return Math.fround(samples[index]! * information.rawValueToMeters);
}

/** Metres at an entry of the buffer. Throws RangeError outside it. */
export function metresAtEntry(self: unknown, column: number, row: number): number {
  const { information, samples } = readable(self);
  const { width, height } = information;
  if (column >= width || row >= height)
    throw new RangeError(`the depth buffer has ${width} columns and ${height} rows`);
  return metres(information, samples, row * width + column);
}

function clamped(position: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.trunc(position)));
}

/** `frame.getDepthInformation(view)`; errors in the order of the specification. */
export function getCPUDepthInformation(frame: unknown, value: unknown): XRCPUDepthInformation | null {
  const state = host.frame(frame);
  if (!state) throw new TypeError('Illegal invocation');
  const view = host.view(value);
  if (!view) throw new TypeError("getDepthInformation: parameter 1 is not of type 'XRView'.");
  const depth = enabledDepthOf(state.session);
  if (!state.active) throw invalidState('the frame is not active');
  if (!state.animation) throw invalidState('the frame is not an animation frame');
  if (view.frame !== frame) throw invalidState('the view belongs to another frame');
  if (depth.configuration.usage !== 'cpu-optimized') throw invalidState('the session is not cpu-optimized');
  const picture = depth.picture(view);
  if (!picture) return null;
  const object = informations.fill(created(XRCPUDepthInformation), toInformation(depth, view, picture));
  return buffers.fill(object, { samples: picture.samples, own: false });
}
