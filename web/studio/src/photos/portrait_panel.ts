// The portrait's controls: how wide the lens is open, what is sharp, and what becomes of the edit.
import type { PhotoDetails } from '../../../protocol/answers';
import { element } from '../dom';
import { ApertureSlider, apertureInWords } from './aperture';
import type { Look } from './portrait_renderer';

export class PortraitPanel {
  readonly element: HTMLElement;
  readonly slider = new ApertureSlider();
  oncompare: ((on: boolean) => void) | null = null;
  onsave: (() => void) | null = null;
  onrevert: (() => void) | null = null;
  readonly #focus = element('p', { role: 'status' });
  readonly #compare = element('button', { type: 'button', 'aria-pressed': 'false' }, 'Before and after');
  readonly #save = element('button', { type: 'button', class: 'primary' }, 'Save the edit');
  readonly #revert = element('button', { type: 'button' }, 'Take the edit out');
  readonly #stored = element('p', { class: 'soft' });

  constructor() {
    this.#compare.onclick = () => {
      const on = this.#compare.ariaPressed !== 'true';
      this.#compare.ariaPressed = String(on);
      this.oncompare?.(on);
    };
    this.#save.onclick = () => this.onsave?.();
    this.#revert.onclick = () => this.onrevert?.();
    this.element = element(
      'section',
      { class: 'panel portrait', 'aria-label': 'Portrait' },
      element('div', { class: 'spread' }, element('h2', {}, 'Portrait'), this.#compare),
      this.slider.element,
      this.#focus,
      element('div', { class: 'row' }, this.#save, this.#revert),
      this.#stored,
    );
  }

  /** Shows how the photo is seen now, and what of that it has stored. */
  show(details: PhotoDetails, look: Look, saved: boolean): void {
    this.slider.show(look.fNumber);
    const stored = details.storedFNumber;
    this.#save.disabled = saved;
    this.#revert.disabled = stored === null;
    this.#stored.textContent =
      stored === null
        ? saved
          ? 'The photo has no edit. Picture and depth stay as they are, whatever you save.'
          : 'Not saved yet. Saving leaves picture and depth as they are.'
        : `The photo has the edit ${apertureInWords(stored)}${saved ? '' : '; what you see is not saved yet'}.`;
  }

  /** Says what is sharp. */
  tellFocus(words: string): void {
    if (this.#focus.textContent !== words) this.#focus.textContent = words;
  }

  /** Nothing can be stored while something is. */
  busy(): void {
    this.#save.disabled = this.#revert.disabled = true;
  }
}

/** Stands where the controls would be, for a photo without depth. */
export function noPortrait(): HTMLElement {
  return element(
    'section',
    { class: 'panel', 'aria-label': 'Portrait' },
    element('h2', {}, 'No portrait'),
    element(
      'p',
      { class: 'soft' },
      'This photo carries no depth, so nothing tells near from far. ' +
        'On an iPhone, take it in Portrait mode; and copy the original file, for messengers leave the depth out.',
    ),
  );
}
