// The names of the first explainer (2021), for pages that were written to it.
//
// They stand on the objects themselves and can't be enumerated: the prototypes are what today's IDL says.
// `getDepthInMeters` takes normalised coordinates, as that text does; its appendix has columns and rows,
// which `getDepth` takes. `formatPreference` is taken in init.ts, `session.depthFormat` is in
// session_depth.ts.
import { toUnsignedLong } from '../idl/convert';
import { required } from '../idl/interface';
import type { XRCPUDepthInformation } from './cpu';
import { metresAtEntry } from './cpu';
import type { XRDepthInformation } from './information';

const INFORMATION: PropertyDescriptorMap & ThisType<XRDepthInformation> = {
  normTextureFromNormView: {
    configurable: true,
    get() {
      return this.normDepthBufferFromNormView;
    },
  },
};

const CPU_INFORMATION: PropertyDescriptorMap = {
  ...INFORMATION,
  getDepth: {
    configurable: true,
    writable: true,
    value: function getDepth(this: unknown, column: unknown, row: unknown): number {
      required(arguments, 2, 'getDepth');
      return metresAtEntry(this, toUnsignedLong(column), toUnsignedLong(row));
    },
  },
};

export function withOlderNames<T extends XRDepthInformation>(information: T): T {
  return Object.defineProperties(information, INFORMATION);
}

export function withOlderCPUNames(information: XRCPUDepthInformation): XRCPUDepthInformation {
  return Object.defineProperties(information, CPU_INFORMATION);
}
