// Samples of one camera as patches in another's picture, the nearest on top. The definition: see motion.ts.
//
//   metres ── move ──▶ x, y, i ─┐
//      └── 1 / metres ── links ─┴─ steps ── patches ──▶ seen
//
// A page waits for it in every frame: all is numbers in arrays that stay, and no loop makes anything new.
import type { Motion } from './motion';
import type { Samples } from './native_depth';

const NEAREST = 0.001;
const LEAST = 1e-9;
const MOST = 1e9;
const EDGE = 0.05;
const SLACK = 1 / 64;
const REACH = 16;
const LEAST_AREA = 1e-6;
const OUTSIDE = 1e6;
// The neighbours to which a sample is linked.
const RIGHT = 1;
const LEFT = 2;
const DOWN = 4;
const UP = 8;

/** For one size of buffer; its memory serves frame after frame. */
export class Splatting {
  /** 1 / metres, as the other camera sees them; 0 where it sees nothing. */
  readonly seen: Float64Array;
  readonly #metres: Float64Array;
  readonly #inverse: Float64Array; // of a sample's own metres; 0: a hole
  // Where each sample is seen; and two more, for neighbours that one without any would have.
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #i: Float64Array; // 0: not in front of the camera, or far beside it; x and y are any finite numbers then
  readonly #links: Uint8Array;
  readonly #motion = new Float64Array(12); // a row by row, then b

  readonly width: number;
  readonly height: number;

  constructor(width: number, height: number) {
    [this.width, this.height] = [width, height];
    const numbers = (more = 0): Float64Array => new Float64Array(width * height + more);
    [this.seen, this.#metres, this.#inverse] = [numbers(), numbers(), numbers()];
    [this.#x, this.#y, this.#i] = [numbers(2), numbers(2), numbers(2)];
    this.#links = new Uint8Array(width * height);
  }

  /** Fills `seen`. */
  run(samples: Samples, scale: number, { a, b }: Motion): void {
    this.#motion.set([...a[0], ...a[1], ...a[2], ...b]);
    this.#metres.set(samples);
    this.#project(scale);
    this.#link();
    this.seen.fill(0);
    this.#draw();
  }

  #project(scale: number): void {
    const { width, height } = this;
    const metres = this.#metres;
    const inverse = this.#inverse;
    const is = this.#i;
    for (let row = 0, k = 0; row < height; row++)
      for (let column = 0; column < width; column++, k++) {
        const distance = metres[k]! * scale;
        const counts = distance >= LEAST && distance <= MOST;
        metres[k] = distance;
        inverse[k] = counts ? 1 / distance : 0;
        if (counts) this.#move(k, column + 0.5, row + 0.5, distance);
        else is[k] = 0;
      }
  }

  /** The place of what is at (u, v) pixels, `metres` away; where it is unseen only its i is written. */
  #move(at: number, u: number, v: number, metres: number): void {
    const m = this.#motion;
    const depth = (m[6]! * u + m[7]! * v + m[8]!) * metres + m[11]!;
    const i = 1 / depth;
    const x = ((m[0]! * u + m[1]! * v + m[2]!) * metres + m[9]!) * i;
    const y = ((m[3]! * u + m[4]! * v + m[5]!) * metres + m[10]!) * i;
    const counts = depth >= NEAREST && Math.abs(x) <= OUTSIDE && Math.abs(y) <= OUTSIDE;
    this.#i[at] = counts ? i : 0;
    if (!counts) return;
    this.#x[at] = x;
    this.#y[at] = y;
  }

  #link(): void {
    const { width, height } = this;
    const e = this.#inverse;
    const links = this.#links;
    links.fill(0);
    for (let row = 0, k = 0; row < height; row++)
      for (let column = 0; column < width; column++, k++) {
        if (e[k] === 0) continue;
        if (column + 1 < width && areLinked(e, k, 1, column > 0, column + 2 < width)) {
          links[k]! |= RIGHT;
          links[k + 1]! |= LEFT;
        }
        if (row + 1 < height && areLinked(e, k, width, row > 0, row + 2 < height)) {
          links[k]! |= DOWN;
          links[k + width]! |= UP;
        }
      }
  }

  /** In few functions, which the browser makes one of: else numbers pass through memory from each to the next. */
  #draw(): void {
    const { width, height } = this;
    const [xs, ys, is, links] = [this.#x, this.#y, this.#i, this.#links];
    const spare = width * height;
    for (let row = 0, k = 0; row < height; row++)
      for (let column = 0; column < width; column++, k++) {
        const i = is[k]!;
        if (!(i > 0)) continue;
        const x = xs[k]!;
        const y = ys[k]!;
        const linked = links[k]!;

        // Half a step forth along the row, and half a step back. One that is missing is opposite to the other.
        const beside = linked & (RIGHT | LEFT);
        if (!beside) this.#moveBeside(k, column, row, 1, 0);
        const next = !beside ? spare : linked & RIGHT ? k + 1 : k - 1;
        const last = !beside ? spare + 1 : linked & LEFT ? k - 1 : k + 1;
        const forth = is[next] === 0 ? 0 : next < k ? -0.5 : 0.5;
        const back = is[last] === 0 ? 0 : beside && last > k ? -0.5 : 0.5;
        const fx = (xs[next]! - x) * forth;
        const fy = (ys[next]! - y) * forth;
        const fi = (is[next]! - i) * forth;
        const bx = (xs[last]! - x) * back;
        const by = (ys[last]! - y) * back;
        const bi = (is[last]! - i) * back;

        // The same along the column: down and up.
        const over = linked & (DOWN | UP);
        if (!over) this.#moveBeside(k, column, row, 0, 1);
        const below = !over ? spare : linked & DOWN ? k + width : k - width;
        const above = !over ? spare + 1 : linked & UP ? k - width : k + width;
        const down = is[below] === 0 ? 0 : below < k ? -0.5 : 0.5;
        const up = is[above] === 0 ? 0 : over && above > k ? -0.5 : 0.5;
        const dx = (xs[below]! - x) * down;
        const dy = (ys[below]! - y) * down;
        const di = (is[below]! - i) * down;
        const ux = (xs[above]! - x) * up;
        const uy = (ys[above]! - y) * up;
        const ui = (is[above]! - i) * up;

        const left = first(x + Math.max(low(fx, bx) + low(dx, ux), -REACH));
        const right = end(x + Math.min(high(fx, bx) + high(dx, ux), REACH), width);
        const top = first(y + Math.max(low(fy, by) + low(dy, uy), -REACH));
        const bottom = end(y + Math.min(high(fy, by) + high(dy, uy), REACH), height);
        if (left >= right || top >= bottom) continue;

        const hx = fx - bx;
        const hy = fy - by;
        const hi = fi - bi;
        const vx = dx - ux;
        const vy = dy - uy;
        const vi = di - ui;
        const area = hx * vy - hy * vx;
        const gx = slope(hi * vy - vi * hy, area);
        const gy = slope(vi * hx - hi * vx, area);
        const least = Math.max(i + (low(fi, bi) + low(di, ui)), i * 0.5);
        const most = i + (high(fi, bi) + high(di, ui));
        this.#fill(left, right, top, bottom, x, y, i, gx, gy, least, most);
      }
  }

  /** A patch: its pixels; 1 / metres where it is sampled, how that goes on from there, and its bounds. */
  #fill(
    left: number, right: number, top: number, bottom: number,
    x: number, y: number, i: number, gx: number, gy: number, least: number, most: number,
  ): void {
    const { width, seen } = this;
    for (let line = top; line < bottom; line++)
      for (let pixel = left, at = line * width + left; pixel < right; pixel++, at++) {
        const sloped = i + gx * (pixel + 0.5 - x) + gy * (line + 0.5 - y);
        const raised = sloped > least ? sloped : least;
        const kept = raised < most ? raised : most;
        if (kept > seen[at]!) seen[at] = kept;
      }
  }

  /** Gives sample k neighbours that are as far from the sensor as it is: at the two spare places. */
  #moveBeside(k: number, column: number, row: number, right: number, down: number): void {
    const metres = this.#metres[k]!;
    const spare = this.width * this.height;
    this.#move(spare, column + 0.5 + right, row + 0.5 + down, metres);
    this.#move(spare + 1, column + 0.5 - right, row + 0.5 - down, metres);
  }
}

/** Whether sample k and the one after it lie on one surface; and whether there are samples beside the two. */
function areLinked(e: Float64Array, k: number, stride: number, before: boolean, after: boolean): boolean {
  const a = e[k]!;
  const b = e[k + stride]!;
  const least = a < b ? a : b;
  if (!(least > 0)) return false;
  const jump = b - a;
  const allowed = EDGE * least;
  if (Math.abs(jump) <= allowed) return true;
  if (!(Math.abs(jump) <= least)) return false;
  const left = before ? e[k - stride]! : 0;
  if (left > 0 && Math.abs(jump - (a - left)) <= allowed) return true;
  const right = after ? e[k + 2 * stride]! : 0;
  return right > 0 && Math.abs(right - b - jump) <= allowed;
}

/** 0 where a patch is so narrow that its own says nothing. */
function slope(rise: number, area: number): number {
  return Math.abs(area) >= LEAST_AREA ? rise / area : 0;
}

// The least and the most of two steps and 0. The sum is exact, and has no branch: where depth is noisy a
// processor would guess it wrongly as often as not.
function low(forth: number, back: number): number {
  const least = forth < back ? forth : back;
  return (least - Math.abs(least)) * 0.5;
}

function high(forth: number, back: number): number {
  const most = forth < back ? back : forth;
  return (most + Math.abs(most)) * 0.5;
}

/** The first pixel of a patch from here on, and the one after its last. */
function first(edge: number): number {
  return Math.max(Math.ceil(edge - SLACK - 0.5) | 0, 0);
}

function end(edge: number, size: number): number {
  return Math.min((Math.floor(edge + SLACK - 0.5) | 0) + 1, size);
}
