// Depth as colours: evenly over disparity, as sight and stereo have it; holes striped black and white.
import type { DepthField } from './depth_field';
import { palette } from './palette';

/** The disparities, 1/m, of the first colour and the last. */
export interface ColourRange {
  readonly least: number;
  readonly most: number;
}

const OUTLIERS = 0.005; // share of the values at each end that a range leaves out
export const SAMPLES = 8192; // that a range is found from
export const FEW_SAMPLES = 2048; // where it is found for each frame
const EASE = 0.15; // of the way that a live range goes in a frame
const STILL = 0.03; // of a range: what it need not follow
const STRIPES = 160; // across the shorter side

/** The range of a map without its outermost values. */
export function rangeOf({ metres }: DepthField, samples = SAMPLES): ColourRange {
  const step = Math.max(1, Math.floor(metres.length / samples));
  const found: number[] = [];
  for (let i = step >> 1; i < metres.length; i += step) {
    const value = metres[i]!;
    if (value > 0 && value < Infinity) found.push(1 / value);
  }
  if (found.length === 0) return { least: 0, most: 1 };
  const sorted = Float64Array.from(found).sort();
  const last = sorted.length - 1;
  const least = sorted[Math.round(OUTLIERS * last)]!;
  const most = sorted[Math.round((1 - OUTLIERS) * last)]!;
  return most > least ? { least, most } : { least: 0.5 * least, most: 1.5 * most };
}

/** A range for what moves: it follows without flicker, and at once where a scene is another. */
export function easedRange(before: ColourRange | null, now: ColourRange): ColourRange {
  if (!before) return now;
  const width = before.most - before.least;
  const away = Math.max(Math.abs(now.most - before.most), Math.abs(now.least - before.least));
  if (away < STILL * width) return before; // or colours and scale would tremble
  if (away > width) return now;
  return {
    least: before.least + EASE * (now.least - before.least),
    most: before.most + EASE * (now.most - before.most),
  };
}

/** Paints a map; `out` has its size. */
export function colourDepth({ metres, width, height }: DepthField, range: ColourRange, out: ImageData): void {
  const pixels = new Uint32Array(out.data.buffer);
  const table = (inks ??= makeInks());
  const scale = 255 / (range.most - range.least);
  const shift = 0.5 - range.least * scale; // the half rounds
  const broad = Math.max(2, Math.round(Math.min(width, height) / STRIPES));
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const value = metres[i]!;
      if (value > 0) {
        const code = scale / value + shift;
        pixels[i] = table[code <= 0 ? 0 : code >= 255 ? 255 : code | 0]!;
      } else pixels[i] = Math.floor((x + y) / broad) % 2 ? 0xffffffff : 0xff000000;
    }
}

let inks: Uint32Array | null = null;

/** The palette as pixels of an ImageData. */
function makeInks(): Uint32Array {
  const colours = palette();
  return Uint32Array.from(
    { length: 256 },
    (_, i) => 0xff000000 | (colours[3 * i + 2]! << 16) | (colours[3 * i + 1]! << 8) | colours[3 * i]!,
  );
}

export interface Tick {
  /** Share of the scale, from far to near. */
  readonly share: number;
  readonly label: string;
}

/** Round distances on a scale, at least `spacing` (a share of it) apart; the ends come first. */
export function ticks({ least, most }: ColourRange, spacing: number): readonly Tick[] {
  const marks: Tick[] = [
    { share: 0, label: label(least) },
    { share: 1, label: label(most) },
  ];
  for (const digits of [[1], [2, 5], [3, 7], [1.5, 4, 6, 8]])
    for (let power = -4; power < 6; power++)
      for (const digit of digits) {
        const share = (1 / (digit * 10 ** power) - least) / (most - least);
        if (share > 0 && share < 1 && marks.every((other) => Math.abs(other.share - share) >= spacing))
          marks.push({ share, label: label(1 / (digit * 10 ** power)) });
      }
  return marks.sort((one, other) => one.share - other.share);
}

function label(disparity: number): string {
  if (!(disparity > 0)) return '∞';
  return String(Number((1 / disparity).toPrecision(3)));
}
