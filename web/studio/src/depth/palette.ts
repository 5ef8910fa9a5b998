// The colours of depth, from far to near: those of `nearfar.depth.false_colour`, by the same formula in Oklab.
//
// Lightness alone tells near from far, so that it reads in grey and for colour-blind eyes; hue runs with it.

const COLOURS = 256;
const MOST_CHROMA = 0.19;

let made: Uint8Array | null = null;

/** 256 × (red, green, blue), from far to near. */
export function palette(): Uint8Array {
  made ??= makePalette();
  return made;
}

function makePalette(): Uint8Array {
  const colours = new Uint8Array(3 * COLOURS);
  for (let i = 0; i < COLOURS; i++) {
    const share = i / (COLOURS - 1);
    const lightness = 0.25 + 0.67 * share;
    const hue = ((265 + 200 * share) * Math.PI) / 180;
    let low = 0;
    let high = MOST_CHROMA;
    for (let step = 0; step < 24; step++) {
      const chroma = (low + high) / 2;
      if (linear(lightness, chroma, hue).every((value) => value >= 0 && value <= 1)) low = chroma;
      else high = chroma;
    }
    linear(lightness, low, hue).forEach((value, channel) => {
      colours[3 * i + channel] = Math.round(255 * curve(Math.min(1, Math.max(0, value))));
    });
  }
  return colours;
}

/** Oklab, by lightness, chroma and hue, as linear sRGB (Björn Ottosson, 2020). */
function linear(lightness: number, chroma: number, hue: number): [number, number, number] {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
  ];
}

function curve(value: number): number {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}
