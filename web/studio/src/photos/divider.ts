// The line between before and after: dragged, or moved by keys.
import { element } from '../dom';
import { withinPicture } from '../depth/places';

const STEP = 0.05;

export class Divider {
  readonly element = element(
    'div',
    {
      class: 'divider',
      role: 'slider',
      tabindex: 0,
      hidden: true,
      'aria-label': 'Before and after',
      'aria-valuemin': 0,
      'aria-valuemax': 100,
      'aria-orientation': 'horizontal',
    },
    element('span', { 'aria-hidden': 'true' }, '◂ ▸'),
  );
  /** Called with the share of the width that shows how it was before. */
  onmove: ((share: number) => void) | null = null;
  #share = 0.5;

  constructor() {
    const handle = this.element;
    handle.addEventListener('pointerdown', (event) => {
      handle.setPointerCapture(event.pointerId);
      event.preventDefault();
      handle.focus({ preventScroll: true });
    });
    handle.addEventListener('pointermove', (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const box = handle.parentElement!.getBoundingClientRect();
      this.move((event.clientX - box.left) / box.width);
    });
    handle.addEventListener('keydown', (event) => {
      const to = {
        ArrowLeft: this.#share - STEP,
        ArrowDown: this.#share - STEP,
        ArrowRight: this.#share + STEP,
        ArrowUp: this.#share + STEP,
        Home: 0,
        End: 1,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.move(to);
    });
  }

  /** The share of the width that shows how it was before. */
  get share(): number {
    return this.#share;
  }

  move(share: number): void {
    this.#share = withinPicture(share);
    this.element.style.left = `${100 * this.#share}%`;
    const percent = Math.round(100 * this.#share);
    this.element.setAttribute('aria-valuenow', String(percent));
    this.element.setAttribute('aria-valuetext', `${percent} % before`);
    this.onmove?.(this.#share);
  }
}
