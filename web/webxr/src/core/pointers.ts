// Mouse buttons and touches on a session's canvas and its DOM overlay, as they wait for the session's next
// frame.
import { XRSessionEvent } from './events';
import type { Session } from './states';

/** From the left and the top of the picture, 0 to 1. */
export type Point = readonly [number, number];

export interface PointerChange {
  readonly kind: 'pointerdown' | 'pointerup' | 'pointercancel';
  readonly pointer: number;
  readonly at: Point;
}

export class Pointers {
  readonly canvas: HTMLCanvasElement;
  readonly #session: Session;
  /** Where those are that are down. */
  readonly #down = new Map<number, Point>();
  #changes: PointerChange[] = [];
  readonly #stop = new AbortController();

  constructor(session: Session, canvas: HTMLCanvasElement) {
    this.#session = session;
    this.canvas = canvas;
    const options = { signal: this.#stop.signal, capture: true };
    window.addEventListener('pointerdown', (event) => this.#begin(event), options);
    window.addEventListener('pointermove', (event) => this.#move(event), options);
    for (const kind of ['pointerup', 'pointercancel'] as const)
      window.addEventListener(kind, (event) => this.#end(kind, event), options);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** What has happened since it was asked last. */
  taken(): readonly PointerChange[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** Where a pointer is that is down. */
  at(pointer: number): Point | undefined {
    return this.#down.get(pointer);
  }

  #begin(event: PointerEvent): void {
    const { overlay, object, visibility } = this.#session;
    if (event.button !== 0 || this.#down.has(event.pointerId) || visibility !== 'visible') return;
    const path = event.composedPath();
    const overlaid = overlay !== null && path.includes(overlay);
    if (!overlaid && !path.includes(this.canvas)) return;
    if (overlaid) {
      const init = { session: object, bubbles: true, cancelable: true, composed: true };
      if (!path[0]!.dispatchEvent(new XRSessionEvent('beforexrselect', init))) return;
    }
    this.#note('pointerdown', event);
  }

  #move(event: PointerEvent): void {
    if (this.#down.has(event.pointerId)) this.#down.set(event.pointerId, this.#point(event));
  }

  #end(kind: 'pointerup' | 'pointercancel', event: PointerEvent): void {
    if (event.button > 0 || !this.#down.has(event.pointerId)) return;
    this.#note(kind, event);
    this.#down.delete(event.pointerId);
  }

  #note(kind: PointerChange['kind'], event: PointerEvent): void {
    const at = this.#point(event);
    this.#down.set(event.pointerId, at);
    this.#changes.push({ kind, pointer: event.pointerId, at });
  }

  /** Where a pointer is in the picture, which an immersive session fits into the canvas' box. */
  #point({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    let [shownWidth, shownHeight] = [width, height];
    if (this.#session.surface) {
      const scale = Math.min(width / this.canvas.width, height / this.canvas.height);
      [shownWidth, shownHeight] = [this.canvas.width * scale, this.canvas.height * scale];
    }
    return [
      (clientX - left - (width - shownWidth) / 2) / (shownWidth || 1),
      (clientY - top - (height - shownHeight) / 2) / (shownHeight || 1),
    ];
  }
}
