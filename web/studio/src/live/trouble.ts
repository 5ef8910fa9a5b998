// Why no new picture comes, in words, and what can be done about it.
import { element } from '../dom';
import { sentence } from '../words';

/** How a stream stopped. */
export interface Over {
  /** The page has lost its server; the server sends it away; the camera gives no more. */
  readonly how: 'lost' | 'refused' | 'ended';
  /** As the server has it. */
  readonly reason: string;
}

export const LOST =
  'The studio does not answer; this page tries again by itself. Is `nearfar studio` still running?';
const ENDED = 'It has come to its end: this is the last picture.';
const FAILED = 'Choose another device, or start this one again.';

export class Trouble {
  readonly element: HTMLElement;
  readonly #words = element('p', { role: 'alert' });
  readonly #again: HTMLElement;

  /** `again` does what can be done: starts the camera anew, or asks the studio once more. */
  constructor(again: () => void) {
    this.#again = element('button', { type: 'button', onclick: again });
    this.element = element('div', { class: 'trouble', hidden: true }, this.#words, this.#again);
  }

  /** `problem`: what the camera says is wrong. */
  show(over: Over | null, problem: string | null): void {
    const words = wordsOf(over, problem);
    this.element.hidden = words === '';
    this.#again.hidden = over === null;
    const does = over?.how === 'ended' ? 'Start it again' : 'Try again now';
    if (this.#again.textContent !== does) this.#again.textContent = does;
    this.element.classList.toggle('calm', over?.how === 'ended' && problem === null);
    if (this.#words.textContent !== words) this.#words.textContent = words;
  }
}

function wordsOf(over: Over | null, problem: string | null): string {
  if (over?.how === 'lost') return LOST;
  if (over?.how === 'refused') return `The studio sends no pictures: ${sentence(over.reason)}`;
  if (problem) return over ? `${sentence(problem)} ${FAILED}` : sentence(problem);
  return over ? ENDED : '';
}
