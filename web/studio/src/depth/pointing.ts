// A place in a picture: pointed at by mouse or finger, walked to by arrow keys, marked with a ring.
import { element } from '../dom';

/** 0..1 from the top left. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

const STEP = 0.02; // of the picture, for an arrow key; five times as far with shift

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
    if (!place) return;
    this.#cross.style.left = `${100 * place.x}%`;
    this.#cross.style.top = `${100 * place.y}%`;
  }

  #pointAt(event: PointerEvent): void {
    const box = this.#canvas.getBoundingClientRect();
    const x = clamped((event.clientX - box.left) / box.width);
    this.#point({ x, y: clamped((event.clientY - box.top) / box.height) }, false);
  }

  #step(event: KeyboardEvent): void {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const from = this.#place ?? { x: 0.5, y: 0.5 };
    const far = event.shiftKey ? 5 * STEP : STEP;
    this.#point({ x: clamped(from.x + far * way[0]!), y: clamped(from.y + far * way[1]!) }, true);
  }

  #point(place: Place | null, byKeys: boolean): void {
    this.mark(place);
    this.onpoint?.(place, byKeys);
  }
}

function clamped(share: number): number {
  return Math.min(1, Math.max(0, share));
}
