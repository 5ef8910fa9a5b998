// The panes of a photo, one of which is looked at: tabs, walked along by arrow keys.
import { element, fill, freshId } from '../dom';

export interface Pane {
  readonly name: string;
  readonly element: HTMLElement;
  /** It comes into sight; it may have something to load. */
  readonly open?: () => void;
  /** It goes out of sight. */
  readonly hide?: () => void;
}

export class PaneTabs {
  readonly element: HTMLElement;
  /** Called when another pane is chosen. */
  onchoose: ((name: string) => void) | null = null;
  readonly #list = element('div', {
    class: 'choices tabs',
    role: 'tablist',
    'aria-label': 'What is shown of the photo',
  });
  readonly #body = element('div', { role: 'tabpanel' });
  #panes: readonly Pane[] = [];
  #open: Pane | null = null;

  constructor() {
    this.#list.addEventListener('keydown', (event) => this.#walk(event));
    this.element = element('div', { class: 'pane-tabs' }, this.#list, this.#body);
  }

  /** Puts these panes up; what was looked at stays so where it is among them. */
  show(panes: readonly Pane[], wish: string): void {
    this.#panes = panes;
    fill(
      this.#list,
      ...panes.map((pane) =>
        element(
          'button',
          { type: 'button', role: 'tab', id: freshId('tab'), onclick: () => this.choose(pane.name) },
          pane.name,
        ),
      ),
    );
    this.#list.hidden = panes.length < 2;
    this.#show(panes.find((pane) => pane.name === wish) ?? panes[0]!);
  }

  /** Looks at a pane. */
  choose(name: string): void {
    const pane = this.#panes.find((each) => each.name === name);
    if (!pane || pane === this.#open) return;
    this.#show(pane);
    this.onchoose?.(name);
  }

  #show(pane: Pane): void {
    this.#open?.hide?.();
    this.#open = pane;
    this.#body.replaceChildren(pane.element);
    for (const [place, tab] of [...this.#list.children].entries()) {
      const chosen = this.#panes[place] === pane;
      tab.setAttribute('aria-selected', String(chosen));
      (tab as HTMLElement).tabIndex = chosen ? 0 : -1;
      if (chosen) this.#body.setAttribute('aria-labelledby', tab.id);
    }
    pane.open?.();
  }

  /** What is looked at goes out of sight with the view. */
  hide(): void {
    this.#open?.hide?.();
  }

  /** It comes back. */
  reopen(): void {
    this.#open?.open?.();
  }

  /** It goes for good; pictures that are still to come are no longer waited for. */
  close(): void {
    this.hide();
    for (const pane of this.#panes)
      for (const image of pane.element.querySelectorAll('img')) image.removeAttribute('src');
  }

  #walk(event: KeyboardEvent): void {
    const at = this.#panes.indexOf(this.#open!);
    const last = this.#panes.length - 1;
    const to = { ArrowRight: (at + 1) % (last + 1), ArrowLeft: (at + last) % (last + 1), Home: 0, End: last }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    this.choose(this.#panes[to]!.name);
    (this.#list.children[to] as HTMLElement).focus();
  }
}
