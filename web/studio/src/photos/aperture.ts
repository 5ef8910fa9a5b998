// Apertures as photographers count them, in thirds of a stop, and the slider that chooses one.
import { element, freshId } from '../dom';

const THIRDS: readonly number[] = [
  1.4, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3.2, 3.5, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9, 10, 11, 13, 14, 16, 18, 20, 22,
];
const STOP = 3; // thirds

/** "f/2.8". */
export function apertureInWords(fNumber: number): string {
  return `f/${Number(fNumber.toPrecision(2))}`;
}

export class ApertureSlider {
  readonly element: HTMLElement;
  /** Called while the slider moves. */
  oninput: ((fNumber: number) => void) | null = null;
  /** Called when it is let go. */
  onchange: (() => void) | null = null;
  readonly #range: HTMLInputElement;
  readonly #output = element('output', { 'aria-live': 'off' }); // the slider says it

  constructor() {
    const id = freshId('aperture');
    this.#range = element('input', { type: 'range', id, min: 0, max: THIRDS.length - 1, step: 1 });
    this.#range.addEventListener('input', () => {
      const chosen = THIRDS[this.#range.valueAsNumber]!;
      this.#say(chosen);
      this.oninput?.(chosen);
    });
    this.#range.addEventListener('change', () => this.onchange?.());
    this.#range.addEventListener('keydown', (event) => this.#leap(event));
    this.#output.htmlFor.add(id);
    this.element = element(
      'div',
      { class: 'aperture' },
      element('div', { class: 'spread' }, element('label', { for: id }, 'Aperture'), this.#output),
      this.#range,
      stops(),
    );
  }

  /** Shows an aperture, also one between the thirds. */
  show(fNumber: number): void {
    const away = THIRDS.map((each) => Math.abs(Math.log(each / fNumber)));
    this.#range.valueAsNumber = away.indexOf(Math.min(...away));
    this.#say(fNumber);
  }

  #say(fNumber: number): void {
    const words = apertureInWords(fNumber);
    this.#output.textContent = words;
    this.#range.setAttribute('aria-valuetext', words);
  }

  /** A whole stop for Page Up and Page Down: the arrow keys go by thirds. */
  #leap(event: KeyboardEvent): void {
    const way = { PageUp: STOP, PageDown: -STOP }[event.key];
    if (!way) return;
    event.preventDefault();
    this.#range.valueAsNumber = Math.min(THIRDS.length - 1, Math.max(0, this.#range.valueAsNumber + way));
    this.#range.dispatchEvent(new Event('input'));
    this.#range.dispatchEvent(new Event('change'));
  }
}

/** The whole stops under the slider. */
function stops(): HTMLElement {
  const scale = element('div', { class: 'stops', 'aria-hidden': 'true' });
  for (let place = 0; place < THIRDS.length; place += STOP) {
    const share = place / (THIRDS.length - 1);
    const mark = element('span', {}, String(THIRDS[place]));
    mark.style.left = `calc(8px + ${share} * (100% - 16px))`; // the slider's knob stays inside its ends
    scale.append(mark);
  }
  return scale;
}
