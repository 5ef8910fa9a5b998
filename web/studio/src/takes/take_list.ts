// The takes that there are, each a link to itself; and the folder that they are in.
import type { TakeEntry, TakeShelf } from '../../../protocol/answers';
import { takes } from '../api';
import { element, fill } from '../dom';
import { bytesInWords, counted } from '../photos/sizes';
import { asked } from '../shell/asking';
import { attempt, tell } from '../shell/notices';
import { lineOf, nameOf } from './take_words';

export class TakeList {
  readonly element: HTMLElement;
  /** Called when the folder was emptied. */
  onemptied: ((shelf: TakeShelf) => void) | null = null;
  readonly #list = element('ul', { class: 'takes-list', 'aria-label': 'Takes' });
  readonly #none = element('p', { class: 'soft' }, 'No takes yet. What you record is listed here.');
  readonly #folder = element('p', { class: 'mono folder' });
  readonly #size = element('p', { class: 'soft' });
  readonly #empty = element('button', { type: 'button', class: 'danger' }, 'Empty the folder…');
  #shelf: TakeShelf | null = null;

  constructor() {
    this.#empty.onclick = () => void attempt(() => this.#emptied());
    this.element = element(
      'div',
      { class: 'side' },
      element(
        'section',
        { class: 'panel', 'aria-label': 'All takes' },
        element('h2', {}, 'All takes'),
        this.#none,
        this.#list,
      ),
      element(
        'section',
        { class: 'panel', 'aria-label': 'Folder' },
        element('h2', {}, 'Kept on this computer'),
        this.#folder,
        this.#size,
        element('div', { class: 'row' }, this.#empty),
      ),
    );
  }

  /** Shows a shelf, and which of its takes is open. */
  show(shelf: TakeShelf, open: string | null): void {
    this.#shelf = shelf;
    const focused = this.#list.contains(document.activeElement) ? document.activeElement : null;
    const back = focused?.getAttribute('href');
    fill(this.#list, ...shelf.takes.map((entry) => element('li', {}, linkTo(entry, entry.id === open))));
    if (back) this.#list.querySelector<HTMLElement>(`a[href="${CSS.escape(back)}"]`)?.focus();
    this.#none.hidden = shelf.takes.length > 0;
    this.#list.hidden = shelf.takes.length === 0;
    this.#folder.textContent = shelf.folder;
    this.#size.textContent = `${counted(shelf.takes.length, 'take')}, ${bytesInWords(shelf.bytes)}.`;
    this.#empty.hidden = shelf.takes.length === 0;
  }

  /** Goes to the list, by keys; false where it is empty. */
  focus(): boolean {
    const first = this.#list.querySelector('a');
    first?.focus();
    return first !== null;
  }

  async #emptied(): Promise<void> {
    const shelf = this.#shelf;
    if (!shelf) return;
    const sure = await asked({
      title: `Delete ${shelf.takes.length === 1 ? 'the take' : `all ${shelf.takes.length} takes`}?`,
      words: `What is deleted from ${shelf.folder} cannot be brought back. Download what you want to keep.`,
      yes: 'Delete all',
    });
    if (!sure) return;
    const left = await takes.empty();
    this.onemptied?.(left);
    const all = left.takes.length === 0;
    tell(all ? 'The folder is empty.' : 'All takes but the one being recorded are deleted.');
  }
}

/** The address of a take in this page. */
export function placeOf(id: string): string {
  return `#takes/${encodeURIComponent(id)}`;
}

function linkTo(entry: TakeEntry, open: boolean): HTMLElement {
  return element(
    'a',
    { class: 'take', href: placeOf(entry.id), 'aria-current': open ? 'true' : null },
    element('span', { class: 'name' }, entry.recording && element('span', { class: 'dot' }), nameOf(entry)),
    element('span', { class: 'soft' }, entry.title),
    element('span', { class: entry.problem ? 'broken' : 'soft' }, lineOf(entry)),
  );
}
