// XRDepthStateInit as a page gives it, converted: members in the order of their names, as Web IDL reads them.
import { toDictionary, toEnum, toSequence } from '../idl/convert';
import type { DepthInit } from './negotiation';

const USAGES = ['cpu-optimized', 'gpu-optimized'] as const;
const FORMATS = ['luminance-alpha', 'float32', 'unsigned-short'] as const;
const TYPES = ['raw', 'smooth'] as const;

/**
 * undefined: the page gave none. Throws TypeError where a list is missing or has an unknown entry.
 *
 * The first explainer called the formats `formatPreference`; it is taken where `dataFormatPreference` is absent.
 */
export function toDepthInit(value: unknown): DepthInit | undefined {
  if (value === undefined) return undefined;
  const given = toDictionary(value, 'XRDepthStateInit');
  const formats = given.dataFormatPreference;
  const dataFormatPreference = list(
    'dataFormatPreference',
    formats === undefined ? given.formatPreference : formats,
    FORMATS,
    'XRDepthDataFormat',
  );
  const depthTypeRequest = list('depthTypeRequest', given.depthTypeRequest, TYPES, 'XRDepthType', []);
  const match = given.matchDepthView;
  const matchDepthView = match === undefined || Boolean(match);
  const usagePreference = list('usagePreference', given.usagePreference, USAGES, 'XRDepthUsage');
  return { usagePreference, dataFormatPreference, depthTypeRequest, matchDepthView };
}

function list<T extends string>(
  member: string,
  value: unknown,
  values: readonly T[],
  type: string,
  absent?: readonly T[],
): readonly T[] {
  if (value !== undefined) return toSequence(value, member, (entry) => toEnum(entry, values, type));
  if (absent) return absent;
  throw new TypeError(`XRDepthStateInit: required member ${member} is undefined.`);
}
