// Where photos or takes are kept, how much there is of them, and the button that empties the folder.
import { element } from '../dom';
import { bytesInWords, counted } from '../words';
import { asked } from './asking';
import { attempt } from './notices';

export interface Folder {
  readonly folder: string;
  readonly count: number;
  readonly bytes: number;
}

export class FolderPanel {
  readonly element: HTMLElement;
  readonly #thing: string;
  readonly #warning: (folder: string) => string;
  readonly #size = element('p', { class: 'soft' });
  readonly #path = element('p', { class: 'mono folder' });
  readonly #button = element('button', { type: 'button', class: 'danger' }, 'Empty the folder…');
  #shown: Folder | null = null;

  /** `thing`: "photo"; `warning`: what is said before all are deleted; `empty` deletes them. */
  constructor(thing: string, warning: (folder: string) => string, empty: () => Promise<void>) {
    this.#thing = thing;
    this.#warning = warning;
    this.#button.onclick = () => void attempt(async () => (await this.#sure()) && empty());
    this.element = element(
      'section',
      { class: 'panel', 'aria-label': 'Folder' },
      element('h2', {}, 'Kept on this computer'),
      this.#path,
      this.#size,
      element('div', { class: 'row' }, this.#button),
    );
  }

  show(shown: Folder): void {
    this.#shown = shown;
    this.#path.textContent = shown.folder;
    const size = `${counted(shown.count, this.#thing)}, ${bytesInWords(shown.bytes)}`;
    this.#size.textContent = `${size}. Nothing leaves this computer.`;
    this.#button.hidden = shown.count === 0;
  }

  async #sure(): Promise<boolean> {
    if (!this.#shown) return false;
    const { folder, count } = this.#shown;
    const what = count === 1 ? `the ${this.#thing}` : `all ${counted(count, this.#thing)}`;
    return asked({ title: `Delete ${what}?`, words: this.#warning(folder), yes: 'Delete all' });
  }
}
