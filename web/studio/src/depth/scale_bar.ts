// The bar that says which colour is which distance, from near to far.
import { element, fill } from '../dom';
import { ticks, type ColourRange } from './colouring';
import type { DepthField } from './depth_field';
import { palette } from './palette';

const UNITS = { metres: 'm', nominal: 'm (nominal)', none: 'no unit' };
const SPACING = 0.11;

export class ScaleBar {
  readonly element = element('div', { class: 'scale', 'aria-hidden': 'true' });
  readonly #unit = element('span', { class: 'unit' });
  readonly #marks = element('div', { class: 'marks' });
  #shown = '';

  constructor() {
    this.element.append(paletteCanvas(), this.#marks, this.#unit);
  }

  show(range: ColourRange, unit: DepthField['unit']): void {
    const marks = ticks(range, SPACING);
    const text = `${unit} ${marks.map((mark) => `${mark.share.toFixed(3)} ${mark.label}`).join(' ')}`;
    if (text === this.#shown) return;
    this.#shown = text;
    this.#unit.textContent = UNITS[unit];
    fill(
      this.#marks,
      ...marks.map((mark) => {
        const made = element('span', {}, mark.label);
        made.style.left = `${100 * (1 - mark.share)}%`;
        return made;
      }),
    );
  }
}

function paletteCanvas(): HTMLCanvasElement {
  const canvas = element('canvas', { width: 256, height: 1 });
  const context = canvas.getContext('2d')!;
  const picture = context.createImageData(256, 1);
  const colours = palette();
  for (let i = 0; i < 256; i++)
    picture.data.set([colours[3 * i]!, colours[3 * i + 1]!, colours[3 * i + 2]!, 255], 4 * (255 - i));
  context.putImageData(picture, 0, 0);
  return canvas;
}
