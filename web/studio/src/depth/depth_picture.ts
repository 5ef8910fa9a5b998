// A depth map in false colours with its scale. The pointer reads distances; so do the arrow keys.
import { element } from '../dom';
import { colourDepth, easedRange, rangeOf, type ColourRange } from './colouring';
import { depthField, distanceAt, distanceInWords, type DepthField } from './depth_field';
import { ScaleBar } from './scale_bar';

const STEP = 0.02; // of the picture, for an arrow key; five times as far with shift

export { depthField };

export class DepthPicture {
  readonly element: HTMLElement;
  /** Called when a place is pointed at: 0..1 from the top left; null when it is left. */
  onpoint: ((place: { x: number; y: number } | null) => void) | null = null;
  readonly #canvas = element('canvas', { width: 4, height: 3 });
  readonly #scale = new ScaleBar();
  readonly #cross = element('span', { class: 'cross', hidden: true, 'aria-hidden': 'true' });
  readonly #reading = element('output', { class: 'reading', 'aria-live': 'polite' });
  readonly #live: boolean;
  #field: DepthField | null = null;
  #range: ColourRange | null = null;
  #image: ImageData | null = null;
  #place: { x: number; y: number } | null = null;

  /** `live`: maps follow one upon another, so that the scale follows them softly. */
  constructor(caption: string, live: boolean) {
    this.#live = live;
    const target = element(
      'div',
      {
        class: 'target',
        tabindex: 0,
        role: 'application',
        'aria-label': `${caption}: point at it, or use the arrow keys, to read distances`,
      },
      this.#canvas,
      this.#cross,
    );
    target.addEventListener('pointermove', (event) => this.#pointAt(event));
    target.addEventListener('pointerdown', (event) => this.#pointAt(event));
    target.addEventListener('pointerleave', () => this.#point(null));
    target.addEventListener('blur', () => this.#point(null));
    target.addEventListener('keydown', (event) => this.#step(event));
    this.element = element(
      'figure',
      { class: 'pane depth' },
      element('figcaption', {}, caption),
      target,
      this.#scale.element,
      this.#reading,
    );
  }

  /** The map that is shown. */
  get field(): DepthField | null {
    return this.#field;
  }

  /** Shows a map; null: there is none. */
  show(field: DepthField | null): void {
    this.#field = field;
    this.element.classList.toggle('empty', field === null);
    if (!field) {
      this.#point(null);
      return;
    }
    const { width, height } = field;
    if (!this.#image || this.#image.width !== width || this.#image.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#image = new ImageData(width, height);
      this.#range = null;
    }
    this.#range = easedRange(this.#live ? this.#range : null, rangeOf(field));
    colourDepth(field, this.#range, this.#image);
    this.#canvas.getContext('2d')!.putImageData(this.#image, 0, 0);
    this.#scale.show(this.#range, field.unit);
    if (this.#place) this.#read(this.#place);
  }

  #pointAt(event: PointerEvent): void {
    const box = this.#canvas.getBoundingClientRect();
    this.#point({ x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height });
  }

  #step(event: KeyboardEvent): void {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const from = this.#place ?? { x: 0.5, y: 0.5 };
    const far = event.shiftKey ? 5 * STEP : STEP;
    this.#point({ x: clamped(from.x + far * way[0]!), y: clamped(from.y + far * way[1]!) });
  }

  #point(place: { x: number; y: number } | null): void {
    this.#place = place;
    this.#cross.hidden = place === null;
    if (place) {
      this.#cross.style.left = `${100 * place.x}%`;
      this.#cross.style.top = `${100 * place.y}%`;
      this.#read(place);
    } else this.#reading.textContent = '';
    this.onpoint?.(place);
  }

  #read(place: { x: number; y: number }): void {
    const field = this.#field;
    const text = field ? distanceInWords(distanceAt(field, place.x, place.y), field.unit) : '';
    if (this.#reading.textContent !== text) this.#reading.textContent = text;
  }
}

function clamped(share: number): number {
  return Math.min(1, Math.max(0, share));
}
