// Which depth a session gets: what a page asks for, against what a device can do.
//
//   DepthInit ────┐
//                 ├─ findSupportedConfiguration ──▶ DepthConfiguration, or null: the session goes without
//   DepthSupport ─┘
//
// WebXR Depth Sensing Module, "Requesting depth data". nearfar.xr.negotiation is its twin in Python.
import type { DepthSupport, XRDepthDataFormat, XRDepthType, XRDepthUsage } from './host';

/** What a page asks for, converted (XRDepthStateInit). An empty list is "whatever you have". */
export interface DepthInit {
  readonly usagePreference: readonly XRDepthUsage[];
  readonly dataFormatPreference: readonly XRDepthDataFormat[];
  readonly depthTypeRequest: readonly XRDepthType[];
  readonly matchDepthView: boolean;
}

/** What was agreed on. `type` is null where none was asked for, or what was asked for is not to be had. */
export interface DepthConfiguration {
  readonly usage: XRDepthUsage;
  readonly dataFormat: XRDepthDataFormat;
  readonly type: XRDepthType | null;
  readonly matchDepthView: boolean;
}

/** "Find a supported configuration". */
export function findSupportedConfiguration(
  init: DepthInit,
  support: DepthSupport,
): DepthConfiguration | null {
  const usage = chosen(init.usagePreference, support.usages);
  const dataFormat = chosen(init.dataFormatPreference, support.formats);
  if (!has(support.usages, usage) || !has(support.formats, dataFormat)) return null;
  // A type that the device lacks is passed over, never refused: the algorithm's second round asks for none.
  const requested = init.depthTypeRequest.length ? chosen(init.depthTypeRequest, support.types) : undefined;
  const type = has(support.types, requested) ? requested : null;
  return { usage, dataFormat, type, matchDepthView: init.matchDepthView };
}

/** A list of one entry binds; of several the first that the device has is taken; else the device chooses. */
function chosen<T>(preference: readonly T[], supported: readonly T[]): T | undefined {
  if (preference.length === 1) return preference[0];
  return preference.find((value) => supported.includes(value)) ?? supported[0];
}

function has<T>(supported: readonly T[], value: T | undefined): value is T {
  return value !== undefined && supported.includes(value);
}
