// A place in a picture: pointed at by mouse or finger, walked to by arrow keys, marked with a ring.
import { element } from '../dom';
import { placeOf, putAt, stepped, type Place } from './places';

export class Pointing {
  /** What is pointed at: the canvas with the ring over it. */
  readonly element: HTMLElement;
  /** Called when a place is pointed at, and whether by keys; null when it is left. */
  onpoint: ((place: Place | null, byKeys: boolean) => void) | null = null;
  readonly #canvas: HTMLCanvasElement;
  readonly #cross = element('span', { class: 'cross', hidden: true, 'aria-hidden': 'true' });
  #place: Place | null = null;

  constructor(label: string, canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.element = element(
      'div',
      { class: 'target', tabindex: 0, role: 'application', 'aria-label': label },
      canvas,
      this.#cross,
    );
    this.element.addEventListener('pointermove', (event) => this.#pointAt(event));
    this.element.addEventListener('pointerdown', (event) => this.#pointAt(event));
    this.element.addEventListener('pointerleave', (event) => {
      if (event.pointerType === 'mouse') this.#point(null, false); // a finger that is lifted leaves its mark
    });
    this.element.addEventListener('blur', () => this.#point(null, false));
    this.element.addEventListener('keydown', (event) => this.#step(event));
  }

  /** The place that is marked. */
  get place(): Place | null {
    return this.#place;
  }

  /** Marks a place that was pointed at elsewhere. */
  mark(place: Place | null): void {
    this.#place = place;
    this.#cross.hidden = place === null;
    if (place) putAt(this.#cross, place);
  }

  #pointAt(event: PointerEvent): void {
    this.#point(placeOf(event, this.#canvas), false);
  }

  #step(event: KeyboardEvent): void {
    const to = stepped(this.#place ?? { x: 0.5, y: 0.5 }, event);
    if (!to) return;
    event.preventDefault();
    this.#point(to, true);
  }

  #point(place: Place | null, byKeys: boolean): void {
    this.mark(place);
    this.onpoint?.(place, byKeys);
  }
}
