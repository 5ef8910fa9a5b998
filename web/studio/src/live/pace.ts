// How frames keep coming, in words: how many a second, and which were passed over where.
//
//   camera ─ lost there (CameraState) ─▶ server ─ gaps in the numbers ─▶ page ─ not drawn ─▶ picture
import type { DroppedFrames } from '../../../protocol/answers';
import { counted } from '../words';

const RATE_OVER = 2; // seconds
export const DROPS_OVER = 10;

interface Count {
  readonly time: number;
  readonly count: number;
}

export class Pace {
  #drawn: Count[] = [];
  #passed: Count[] = [];
  #undrawn: Count[] = [];
  #lost: (Count & { readonly reason: string })[] = [];
  #last = -1;
  #began = 0;
  #before = new Map<string, number>();

  /** Another camera, or the same one anew: its frames are numbered from the start. Times are in seconds. */
  begin(now: number): void {
    this.#drawn = [];
    this.#passed = [];
    this.#undrawn = [];
    this.#lost = [];
    this.#last = -1;
    this.#began = now;
    this.#before.clear();
  }

  /** A frame has come. It comes again where the page wants more of it. */
  came(sequence: number, now: number): void {
    const gap = sequence - this.#last - 1;
    if (this.#last >= 0 && gap > 0) this.#passed.push({ time: now, count: gap });
    this.#last = Math.max(this.#last, sequence);
  }

  /** A frame is seen; or it never will be: a newer one was there before it was drawn. */
  settled(drawn: boolean, now: number): void {
    (drawn ? this.#drawn : this.#undrawn).push({ time: now, count: 1 });
  }

  /** What the camera lost since it started. */
  lost(dropped: readonly DroppedFrames[], now: number): void {
    for (const { reason, count } of dropped) {
      const before = this.#before.get(reason) ?? count;
      if (count > before) this.#lost.push({ time: now, count: count - before, reason });
      this.#before.set(reason, count);
    }
  }

  /** Frames a second that are seen. */
  rate(now: number): number {
    const over = Math.min(RATE_OVER, Math.max(0.5, now - this.#began));
    return sum((this.#drawn = since(this.#drawn, now - over))) / over;
  }

  /** "30 frames a second; none dropped"; else how many, and why most of them were. */
  words(now: number): string {
    const rate = Math.round(this.rate(now));
    const shown = `${counted(rate, 'frame')} a second`;
    const drops = this.drops(now);
    if (drops.length === 0) return `${shown}; none dropped`;
    const total = drops.reduce((sum, { count }) => sum + count, 0);
    return `${shown}; ${total} dropped: ${drops[0]!.reason}`;
  }

  /** Frames of the last seconds that nobody saw, by reason, most first. */
  drops(now: number): readonly DroppedFrames[] {
    const from = now - DROPS_OVER;
    this.#passed = since(this.#passed, from);
    this.#undrawn = since(this.#undrawn, from);
    this.#lost = since(this.#lost, from);
    const reasons = new Set(this.#lost.map((entry) => entry.reason));
    const lost = [...reasons].map((reason) => ({
      reason,
      count: sum(this.#lost.filter((entry) => entry.reason === reason)),
    }));
    // What the camera lost left gaps in the numbers, too.
    const passed = Math.max(0, sum(this.#passed) - sum(this.#lost));
    return [
      ...lost,
      { reason: 'the studio was busy, or the network slow', count: passed },
      { reason: 'your browser was busy', count: sum(this.#undrawn) },
    ]
      .filter(({ count }) => count > 0)
      .sort((one, other) => other.count - one.count);
  }
}

function since<Entry extends Count>(counts: readonly Entry[], time: number): Entry[] {
  return counts.filter((entry) => entry.time > time);
}

function sum(counts: readonly Count[]): number {
  return counts.reduce((total, { count }) => total + count, 0);
}
