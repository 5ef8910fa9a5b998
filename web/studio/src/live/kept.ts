// What somebody chose to see, kept from one visit to the next.
import type { DepthType } from '../../../protocol/messages';

export type PaneName = 'colour' | 'depth' | 'confidence' | 'points';

export interface Kept {
  readonly shown: readonly PaneName[];
  readonly depthType: DepthType;
}

const NAME = 'nearfar.studio.live';
const NAMES: readonly string[] = ['colour', 'depth', 'confidence', 'points'] satisfies PaneName[];
const AT_FIRST: Kept = { shown: ['colour', 'depth'], depthType: 'smooth' };

/** What was kept, as far as it makes sense. */
export function recalled(): Kept {
  let value: unknown;
  try {
    value = JSON.parse(localStorage.getItem(NAME) ?? 'null');
  } catch {
    return AT_FIRST; // no JSON, or a browser that keeps nothing
  }
  if (typeof value !== 'object' || value === null) return AT_FIRST;
  const { shown, depthType } = value as Record<string, unknown>;
  const names = Array.isArray(shown) ? NAMES.filter((name) => shown.includes(name)) : [];
  return {
    shown: names.length ? (names as PaneName[]) : AT_FIRST.shown,
    depthType: depthType === 'raw' ? 'raw' : 'smooth',
  };
}

export function keep(kept: Kept): void {
  try {
    localStorage.setItem(NAME, JSON.stringify(kept));
  } catch {
    // a browser that keeps nothing: the choice holds for this visit
  }
}
