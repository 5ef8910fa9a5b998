// One of a few words, side by side, and what it means.
import { element, fill } from '../dom';

export class Choices<Name extends string> {
  readonly element: HTMLElement;
  readonly #titles: Readonly<Record<Name, string>>;
  readonly #meanings: Readonly<Record<Name, string>>;
  readonly #onchoice: (name: Name) => void;
  readonly #buttons = element('div', { class: 'choices' });
  readonly #meaning = element('p', { class: 'soft' });
  #shown = '';

  constructor(
    label: string,
    titles: Readonly<Record<Name, string>>,
    meanings: Readonly<Record<Name, string>>,
    onchoice: (name: Name) => void,
  ) {
    this.#titles = titles;
    this.#meanings = meanings;
    this.#onchoice = onchoice;
    this.element = element(
      'div',
      { class: 'field', role: 'group', 'aria-label': label, hidden: true },
      element('span', { class: 'soft label', 'aria-hidden': 'true' }, label),
      this.#buttons,
      this.#meaning,
    );
  }

  /** What there is to choose from, and what is chosen; hidden where that is nothing. */
  show(names: readonly Name[], chosen: Name | null): void {
    this.element.hidden = names.length === 0;
    const among = names.join();
    if (among !== this.#shown) {
      this.#shown = among;
      fill(this.#buttons, ...names.map((name) => this.#button(name)));
    }
    for (const button of this.#buttons.children)
      button.setAttribute('aria-pressed', String(button.getAttribute('value') === chosen));
    this.#meaning.textContent = chosen === null ? '' : this.#meanings[chosen];
  }

  #button(name: Name): HTMLElement {
    const attributes = { type: 'button', value: name, onclick: () => this.#onchoice(name) };
    return element('button', attributes, this.#titles[name]);
  }
}
