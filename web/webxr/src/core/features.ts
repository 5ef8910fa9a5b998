// Which of the features that a page asks for a session gets.
import { toDepthInit } from '../depth/init';
import { findSupportedConfiguration, type DepthConfiguration, type DepthInit } from '../depth/negotiation';
import type { Device, XRSessionMode } from '../device/device';
import { toDictionary, toDOMString, toSequence } from '../idl/convert';
import { notSupported } from '../idl/errors';

/** XRSessionInit. */
export interface SessionInit {
  readonly depth: DepthInit | null;
  readonly overlay: HTMLElement | null;
  readonly optional: readonly string[];
  readonly required: readonly string[];
}

export interface Granted {
  readonly features: readonly string[];
  readonly depth: DepthConfiguration | null;
  readonly overlay: HTMLElement | null;
}

/** Throws TypeError for what the dictionary cannot hold, whether the feature is required or not. */
export function toSessionInit(value: unknown): SessionInit {
  const given = toDictionary(value, 'XRSessionInit');
  const list = (name: string) =>
    given[name] === undefined ? [] : toSequence(given[name], name, toDOMString);
  return {
    depth: toDepthInit(given['depthSensing']) ?? null,
    overlay: toOverlayRoot(given['domOverlay']),
    optional: list('optionalFeatures'),
    required: list('requiredFeatures'),
  };
}

function toOverlayRoot(value: unknown): HTMLElement | null {
  if (value === undefined || value === null) return null;
  const { root } = toDictionary(value, 'XRDOMOverlayInit');
  if (!(root instanceof Element)) throw new TypeError('XRDOMOverlayInit: root is not of type Element.');
  return root instanceof HTMLElement && root !== document.documentElement ? root : document.body;
}

/** Throws NotSupportedError where a required feature is not to be had. */
export function grant(mode: XRSessionMode, init: SessionInit, device: Device | null): Granted {
  const configuration =
    init.depth && device?.depthSupport ? findSupportedConfiguration(init.depth, device.depthSupport) : null;
  const always = mode === 'inline' ? ['viewer'] : ['viewer', 'local'];
  const has = (feature: string): boolean => {
    if (always.includes(feature)) return true;
    if (mode === 'inline' || !device) return false;
    if (feature === 'dom-overlay') return init.overlay !== null;
    if (feature === 'depth-sensing' && !configuration) return false;
    return device.features.includes(feature);
  };
  const missing = init.required.find((feature) => !has(feature));
  if (missing !== undefined) throw notSupported(`requestSession: the feature '${missing}' is not supported.`);
  const features = Object.freeze([...new Set([...always, ...init.required, ...init.optional.filter(has)])]);
  return {
    features,
    depth: features.includes('depth-sensing') ? configuration : null,
    overlay: features.includes('dom-overlay') ? init.overlay : null,
  };
}
