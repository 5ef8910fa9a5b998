// Has the server render what is wanted now: a preview while that changes, the full picture once it is settled.
//
//   want(f/2) want(f/2.2) want(f/2.5) settle()
//      │ preview of f/2      │ preview of f/2.5  │ f/2.5 in full
//
// One request is under way at a time and then the newest wish is next, so that no older picture follows a newer.
import { ApiError, request } from '../api';
import type { Place } from '../depth/places';

export interface Look {
  readonly fNumber: number;
  /** Null: as the photo has it. */
  readonly focus: Place | null;
}

export type Quality = 'preview' | 'full';

const PREVIEW_SIDE = 1280;
const OVERTAKEN = 409;
const client = crypto.getRandomValues(new Uint32Array(4)).join('-');

type Address = (query: Readonly<Record<string, string | number>>) => string;

export class PortraitRenderer {
  /** Called with a decoded picture. */
  onpicture: ((picture: HTMLImageElement, quality: Quality) => void) | null = null;
  /** Called with what is being rendered; null: nothing. */
  onbusy: ((quality: Quality | null) => void) | null = null;
  onproblem: ((problem: unknown) => void) | null = null;
  readonly #address: Address;
  #wanted: Look | null = null;
  #settled = false;
  #shown: { look: Look; quality: Quality } | null = null;
  #under: { quality: Quality; ends: AbortController } | null = null;
  #works = false;

  /** `address`: of the portrait, for a query. */
  constructor(address: Address) {
    this.#address = address;
  }

  /** Has a preview made; a full picture that is being rendered is given up. */
  want(look: Look): void {
    this.#wanted = look;
    this.#settled = false;
    if (this.#under?.quality === 'full') this.#under.ends.abort();
    void this.#work();
  }

  /** What is wanted stays so: it is rendered in full. */
  settle(): void {
    this.#settled = true;
    void this.#work();
  }

  /** Gives up what is under way; `want` begins again. */
  stop(): void {
    this.#wanted = null;
    this.#under?.ends.abort();
  }

  async #work(): Promise<void> {
    if (this.#works) return;
    this.#works = true;
    for (let next = this.#next(); next; next = this.#next()) {
      const ends = new AbortController();
      this.#under = { quality: next.quality, ends };
      this.onbusy?.(next.quality);
      try {
        const picture = await this.#rendered(next.look, next.quality, ends.signal);
        if (ends.signal.aborted) continue;
        this.#shown = next;
        this.onpicture?.(picture, next.quality);
      } catch (problem) {
        if (ends.signal.aborted) continue;
        if (problem instanceof ApiError && problem.status === OVERTAKEN && this.#wanted !== next.look)
          continue;
        this.#wanted = null;
        this.onproblem?.(problem);
      }
    }
    this.#under = null;
    this.#works = false;
    this.onbusy?.(null);
  }

  /** What is to be rendered next, of what is wanted now; null: all of it is shown. */
  #next(): { look: Look; quality: Quality } | null {
    const look = this.#wanted;
    if (!look) return null;
    if (this.#shown?.look !== look) return { look, quality: 'preview' };
    return this.#settled && this.#shown.quality === 'preview' ? { look, quality: 'full' } : null;
  }

  async #rendered(look: Look, quality: Quality, signal: AbortSignal): Promise<HTMLImageElement> {
    const size = quality === 'preview' ? { side: PREVIEW_SIDE } : {};
    const response = await request(this.#address({ ...lookQuery(look), ...size, client }), { signal });
    const url = URL.createObjectURL(await response.blob());
    const picture = new Image();
    picture.src = url;
    try {
      await picture.decode();
    } finally {
      URL.revokeObjectURL(url); // what is decoded stays
    }
    return picture;
  }
}

/** A look as the server's addresses have it. */
export function lookQuery({ fNumber, focus }: Look): Record<string, string | number> {
  return { f: fNumber, ...(focus && { x: focus.x.toFixed(4), y: focus.y.toFixed(4) }) };
}
