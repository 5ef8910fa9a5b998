// The takes that there are, each a link to itself; and the folder that they are in.
import type { TakeEntry, TakeShelf } from '../../../protocol/answers';
import { takes } from '../api';
import { element, fill } from '../dom';
import { takeAddress } from '../shell/addresses';
import { FolderPanel } from '../shell/folder_panel';
import { tell } from '../shell/notices';
import { lineOf, nameOf } from './take_words';

export class TakeList {
  readonly element: HTMLElement;
  /** Called when the folder was emptied. */
  onemptied: ((shelf: TakeShelf) => void) | null = null;
  readonly #list = element('ul', { class: 'takes-list', 'aria-label': 'Takes' });
  readonly #none = element('p', { class: 'soft' }, 'No takes yet. What you record is listed here.');
  readonly #folder = new FolderPanel(
    'take',
    (folder) => `What is deleted from ${folder} cannot be brought back. Download what you want to keep.`,
    () => this.#emptied(),
  );

  constructor() {
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
      this.#folder.element,
    );
  }

  /** Shows a shelf, and which of its takes is open. */
  show(shelf: TakeShelf, open: string | null): void {
    const focused = this.#list.contains(document.activeElement) ? document.activeElement : null;
    const back = focused?.getAttribute('href');
    fill(this.#list, ...shelf.takes.map((entry) => element('li', {}, linkTo(entry, entry.id === open))));
    if (back) this.#list.querySelector<HTMLElement>(`a[href="${CSS.escape(back)}"]`)?.focus();
    this.#none.hidden = shelf.takes.length > 0;
    this.#list.hidden = shelf.takes.length === 0;
    this.#folder.show({ folder: shelf.folder, count: shelf.takes.length, bytes: shelf.bytes });
  }

  /** Goes to the list, by keys; false where it is empty. */
  focus(): boolean {
    const first = this.#list.querySelector('a');
    first?.focus();
    return first !== null;
  }

  async #emptied(): Promise<void> {
    const left = await takes.empty();
    this.onemptied?.(left);
    const all = left.takes.length === 0;
    tell(all ? 'The folder is empty.' : 'All takes but the one being recorded are deleted.');
  }
}

function linkTo(entry: TakeEntry, open: boolean): HTMLElement {
  return element(
    'a',
    { class: 'take', href: takeAddress(entry.id), 'aria-current': open ? 'true' : null },
    element('span', { class: 'name' }, entry.recording && element('span', { class: 'dot' }), nameOf(entry)),
    element('span', { class: 'soft' }, entry.title),
    element('span', { class: entry.problem ? 'broken' : 'soft' }, lineOf(entry)),
  );
}
