// How sure a camera is of its depth: dark where not at all, bright where fully.
import { element } from '../dom';
import type { DepthField } from '../depth/depth_field';
import { PicturePane } from '../depth/picture_pane';
import type { Place } from '../depth/places';

export class ConfidencePicture {
  onpoint: ((place: Place | null) => void) | null = null;
  readonly #pane: PicturePane;
  #image: ImageData | null = null;
  #codes: Uint8Array | null = null;

  constructor() {
    const legend = element(
      'div',
      { class: 'sureness', 'aria-hidden': 'true' },
      element('span', {}, 'unsure'),
      element('span', { class: 'greys' }),
      element('span', {}, 'sure'),
    );
    this.#pane = new PicturePane('Confidence', 'confidence', legend);
    this.#pane.onpoint = (place) => this.onpoint?.(place);
  }

  get element(): HTMLElement {
    return this.#pane.element;
  }

  /** A byte for each value of a map; null: there are none, and why. */
  show(field: DepthField | null, codes: Uint8Array | null, words: string): void {
    this.#codes = codes;
    if (!field || !codes) {
      this.#pane.clear(words);
      return;
    }
    const { width, height } = field;
    if (this.#image?.width !== width || this.#image.height !== height)
      this.#image = new ImageData(width, height);
    const pixels = new Uint32Array(this.#image.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = 0xff000000 | (codes[i]! * 0x010101);
    this.#pane.sized(width, height, true).putImageData(this.#image, 0, 0);
    this.mark(this.#pane.place);
  }

  mark(place: Place | null): void {
    this.#pane.mark(place, place ? this.#readingAt(place) : '');
  }

  #readingAt({ x, y }: Place): string {
    if (!this.#image || !this.#codes) return '';
    const { width, height } = this.#image;
    const column = Math.min(width - 1, Math.floor(x * width));
    const row = Math.min(height - 1, Math.floor(y * height));
    return `${Math.round((this.#codes[row * width + column]! / 255) * 100)} % sure`;
  }
}
