// Where the photos are kept, how much there is of them, and the button that empties the folder.
import type { PhotoShelf } from '../../../protocol/answers';
import { element } from '../dom';
import { asked } from '../shell/asking';
import { attempt, tell } from '../shell/notices';
import { bytesInWords, counted } from './sizes';

export class ShelfPanel {
  readonly element: HTMLElement;
  /** Called when the folder is to be emptied. */
  onempty: (() => Promise<void>) | null = null;
  readonly #size = element('p', { class: 'soft' });
  readonly #folder = element('p', { class: 'mono folder' });
  readonly #empty = element('button', { type: 'button', class: 'danger' }, 'Empty the folder…');
  #shelf: PhotoShelf | null = null;

  constructor() {
    this.#empty.onclick = () => void attempt(() => this.#emptied());
    this.element = element(
      'section',
      { class: 'panel', 'aria-label': 'Folder' },
      element('h2', {}, 'Kept on this computer'),
      this.#folder,
      this.#size,
      element('div', { class: 'row' }, this.#empty),
    );
  }

  show(shelf: PhotoShelf): void {
    this.#shelf = shelf;
    this.#folder.textContent = shelf.folder;
    this.#size.textContent = `${counted(shelf.photos.length, 'photo')}, ${bytesInWords(shelf.bytes)}. Nothing leaves this computer.`;
    this.#empty.hidden = shelf.photos.length === 0;
  }

  async #emptied(): Promise<void> {
    const shelf = this.#shelf;
    if (!shelf) return;
    const sure = await asked({
      title: `Delete ${shelf.photos.length === 1 ? 'the photo' : `all ${shelf.photos.length} photos`}?`,
      words: `They are deleted from ${shelf.folder}, with their edits. Files that you dropped in stay where you took them from.`,
      yes: 'Delete all',
    });
    if (!sure) return;
    await this.onempty?.();
    tell('The folder is empty.');
  }
}
