// A picture that places are read from: canvas, caption, what is read, a foot, and words where there is no picture.
import { element, type Child } from '../dom';
import type { Place } from './places';
import { Pointing } from './pointing';

const TALLEST = '78vh';

export class PicturePane {
  readonly element: HTMLElement;
  /** Called when a place is pointed at; null when it is left. */
  onpoint: ((place: Place | null) => void) | null = null;
  readonly #canvas = element('canvas', { width: 4, height: 3 });
  readonly #pointing: Pointing;
  readonly #reading = element('output', { class: 'reading', 'aria-live': 'off' });
  readonly #spoken = element('span', { class: 'visually-hidden', role: 'status' });
  readonly #words = element('p', { class: 'words' });
  #context: CanvasRenderingContext2D | null = null;
  #speaks = false;

  /** `foot`: what stands under the picture. */
  constructor(caption: string, kind: string, ...foot: Child[]) {
    const label = `${caption}: point at it, or use the arrow keys, to read distances`;
    this.#pointing = new Pointing(label, this.#canvas);
    this.#pointing.element.append(this.#reading);
    this.#pointing.onpoint = (place, byKeys) => {
      this.#speaks = byKeys; // what moves by itself thirty times a second is not to be read out
      this.onpoint?.(place);
    };
    this.element = element(
      'figure',
      { class: `pane ${kind} empty` },
      element('figcaption', {}, caption),
      this.#pointing.element,
      element('div', { class: 'foot' }, ...foot),
      this.#words,
      this.#spoken,
    );
  }

  /** The place that is marked. */
  get place(): Place | null {
    return this.#pointing.place;
  }

  /** The canvas to draw a picture of this size on. `drawnByScript`: number by number, not by the browser. */
  sized(width: number, height: number, drawnByScript: boolean): CanvasRenderingContext2D {
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#pointing.element.style.maxWidth = `calc(${TALLEST} * ${width / height})`; // all of it fits the window
    }
    this.element.classList.remove('empty');
    this.#context ??= this.#canvas.getContext('2d', { alpha: false, willReadFrequently: drawnByScript })!;
    return this.#context;
  }

  /** There is no picture; says why. */
  clear(words: string): void {
    this.element.classList.add('empty');
    if (this.#words.textContent !== words) this.#words.textContent = words;
    this.mark(null, '');
  }

  /** Marks a place, and what is read there. */
  mark(place: Place | null, reading: string): void {
    this.#pointing.mark(place);
    if (this.#reading.textContent !== reading) this.#reading.textContent = reading;
    if (this.#speaks) this.#spoken.textContent = reading;
    this.#speaks = false;
  }
}
