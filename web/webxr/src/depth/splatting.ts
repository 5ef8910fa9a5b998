// Samples of one camera as patches in another's picture, the nearest on top. The definition: see motion.ts.
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
const ALONE = 0;
const FORTH = 1;
const BACK = 2;

/** For one size of buffer; its memory serves frame after frame. */
export class Splatting {
  /** 1 / metres, as the other camera sees them; 0 where it sees nothing. */
  readonly seen: Float64Array;
  readonly #inverse: Float64Array; // of a sample's own metres; 0: a hole
  readonly #x: Float64Array; // where it is seen
  readonly #y: Float64Array;
  readonly #i: Float64Array; // 0: not in front of the camera, or far beside it
  readonly #right: Uint8Array; // it and its right neighbour are linked
  readonly #down: Uint8Array;
  readonly #place = new Float64Array(3); // what `move` found: x, y, i
  readonly #across = new Float64Array(6); // half a step forth, half a step back: x, y, i of each
  readonly #along = new Float64Array(6);
  readonly #motion = new Float64Array(12); // a row by row, then b
  #samples: Samples = new Uint16Array();
  #scale = 1;

  readonly width: number;
  readonly height: number;

  constructor(width: number, height: number) {
    [this.width, this.height] = [width, height];
    const numbers = (): Float64Array => new Float64Array(width * height);
    this.seen = numbers();
    this.#inverse = numbers();
    [this.#x, this.#y, this.#i] = [numbers(), numbers(), numbers()];
    [this.#right, this.#down] = [new Uint8Array(width * height), new Uint8Array(width * height)];
  }

  /** Fills `seen`. */
  run(samples: Samples, scale: number, { a, b }: Motion): void {
    [this.#samples, this.#scale] = [samples, scale];
    this.#motion.set([...a[0], ...a[1], ...a[2], ...b]);
    this.#project();
    this.#link();
    this.seen.fill(0);
    const { width, height } = this;
    for (let row = 0, k = 0; row < height; row++)
      for (let column = 0; column < width; column++, k++) if (this.#i[k]! > 0) this.#draw(k, column, row);
  }

  #project(): void {
    const { width, height } = this;
    const place = this.#place;
    for (let row = 0, k = 0; row < height; row++)
      for (let column = 0; column < width; column++, k++) {
        const metres = this.#samples[k]! * this.#scale;
        const counts = metres >= LEAST && metres <= MOST;
        this.#inverse[k] = counts ? 1 / metres : 0;
        if (counts) this.#move(column + 0.5, row + 0.5, metres);
        else place[2] = 0;
        this.#x[k] = place[0]!;
        this.#y[k] = place[1]!;
        this.#i[k] = place[2]!;
      }
  }

  #move(u: number, v: number, metres: number): void {
    const m = this.#motion;
    const place = this.#place;
    place[2] = 0;
    const depth = (m[6]! * u + m[7]! * v + m[8]!) * metres + m[11]!;
    if (!(depth >= NEAREST)) return;
    const i = 1 / depth;
    const x = ((m[0]! * u + m[1]! * v + m[2]!) * metres + m[9]!) * i;
    const y = ((m[3]! * u + m[4]! * v + m[5]!) * metres + m[10]!) * i;
    if (!(Math.abs(x) <= OUTSIDE && Math.abs(y) <= OUTSIDE)) return;
    place[0] = x;
    place[1] = y;
    place[2] = i;
  }

  #link(): void {
    const { width, height } = this;
    const e = this.#inverse;
    for (let row = 0, k = 0; row < height; row++)
      for (let column = 0; column < width; column++, k++) {
        const here = e[k]!;
        const left = column > 0 ? e[k - 1]! : 0;
        const up = row > 0 ? e[k - width]! : 0;
        const far = column + 2 < width ? e[k + 2]! : 0;
        const deep = row + 2 < height ? e[k + 2 * width]! : 0;
        this.#right[k] = column + 1 < width && areLinked(left, here, e[k + 1]!, far) ? 1 : 0;
        this.#down[k] = row + 1 < height && areLinked(up, here, e[k + width]!, deep) ? 1 : 0;
      }
  }

  /** Half the way from sample `k` to what was found at x, y, i; into `steps`. */
  #half(steps: Float64Array, at: number, k: number, x: number, y: number, i: number): void {
    const seen = i !== 0;
    steps[at] = seen ? (x - this.#x[k]!) * 0.5 : 0;
    steps[at + 1] = seen ? (y - this.#y[k]!) * 0.5 : 0;
    steps[at + 2] = seen ? (i - this.#i[k]!) * 0.5 : 0;
  }

  #steps(steps: Float64Array, k: number, links: number, stride: number, column: number, row: number): void {
    if (links === ALONE) return this.#stepsAlone(steps, k, stride === 1, column, row);
    const next = k + stride;
    const last = k - stride;
    if (links & FORTH) this.#half(steps, 0, k, this.#x[next]!, this.#y[next]!, this.#i[next]!);
    if (links & BACK) this.#half(steps, 3, k, this.#x[last]!, this.#y[last]!, this.#i[last]!);
    if (links === FORTH) for (let part = 0; part < 3; part++) steps[3 + part] = -steps[part]!;
    if (links === BACK) for (let part = 0; part < 3; part++) steps[part] = -steps[3 + part]!;
  }

  /** As if its neighbours were as far from the sensor as it is. */
  #stepsAlone(steps: Float64Array, k: number, across: boolean, column: number, row: number): void {
    const place = this.#place;
    const metres = this.#samples[k]! * this.#scale;
    for (let by = 1; by >= -1; by -= 2) {
      this.#move(column + 0.5 + (across ? by : 0), row + 0.5 + (across ? 0 : by), metres);
      this.#half(steps, by > 0 ? 0 : 3, k, place[0]!, place[1]!, place[2]!);
    }
  }

  #draw(k: number, column: number, row: number): void {
    const { width, height } = this;
    const across = this.#across;
    const along = this.#along;
    const linked = column > 0 && this.#right[k - 1];
    const up = row > 0 && this.#down[k - width];
    this.#steps(across, k, (this.#right[k] ? FORTH : 0) | (linked ? BACK : 0), 1, column, row);
    this.#steps(along, k, (this.#down[k] ? FORTH : 0) | (up ? BACK : 0), width, column, row);
    const x = this.#x[k]!;
    const y = this.#y[k]!;
    const left = Math.ceil(x + Math.max(low(across, along, 0), -REACH) - SLACK - 0.5);
    const right = Math.floor(x + Math.min(high(across, along, 0), REACH) + SLACK - 0.5);
    const top = Math.ceil(y + Math.max(low(across, along, 1), -REACH) - SLACK - 0.5);
    const bottom = Math.floor(y + Math.min(high(across, along, 1), REACH) + SLACK - 0.5);
    if (left >= width || right < 0 || top >= height || bottom < 0) return;
    this.#fill(k, Math.max(left, 0), Math.min(right, width - 1), Math.max(top, 0), Math.min(bottom, height - 1));
  }

  /** The pixels of a patch, sloped as the steps say. */
  #fill(k: number, left: number, right: number, top: number, bottom: number): void {
    const across = this.#across;
    const along = this.#along;
    const x = this.#x[k]!;
    const y = this.#y[k]!;
    const i = this.#i[k]!;
    const hx = across[0]! - across[3]!;
    const hy = across[1]! - across[4]!;
    const hi = across[2]! - across[5]!;
    const vx = along[0]! - along[3]!;
    const vy = along[1]! - along[4]!;
    const vi = along[2]! - along[5]!;
    const area = hx * vy - hy * vx;
    const flat = !(Math.abs(area) >= LEAST_AREA);
    const gx = flat ? 0 : (hi * vy - vi * hy) / area;
    const gy = flat ? 0 : (vi * hx - hi * vx) / area;
    const least = Math.max(i + low(across, along, 2), i * 0.5);
    const most = i + high(across, along, 2);
    for (let row = top; row <= bottom; row++)
      for (let column = left; column <= right; column++) {
        const sloped = i + gx * (column + 0.5 - x) + gy * (row + 0.5 - y);
        const kept = Math.min(Math.max(sloped, least), most);
        const at = row * this.width + column;
        if (kept > this.seen[at]!) this.seen[at] = kept;
      }
  }
}

/** Whether neighbours a and b lie on one surface; `before` and `after` are beside them. 1 / metres; 0: a hole. */
function areLinked(before: number, a: number, b: number, after: number): boolean {
  const least = Math.min(a, b);
  if (!(least > 0)) return false;
  const jump = b - a;
  const allowed = EDGE * least;
  if (Math.abs(jump) <= allowed) return true;
  if (!(Math.abs(jump) <= least)) return false;
  if (before > 0 && Math.abs(jump - (a - before)) <= allowed) return true;
  return after > 0 && Math.abs(after - b - jump) <= allowed;
}

function low(across: Float64Array, along: Float64Array, part: number): number {
  return Math.min(across[part]!, across[part + 3]!, 0) + Math.min(along[part]!, along[part + 3]!, 0);
}

function high(across: Float64Array, along: Float64Array, part: number): number {
  return Math.max(across[part]!, across[part + 3]!, 0) + Math.max(along[part]!, along[part + 3]!, 0);
}
