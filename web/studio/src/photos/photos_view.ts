// Photos: a strip of those that are kept, one of them open; files are dropped anywhere.
import type { PhotoEntry, PhotoShelf } from '../../../protocol/answers';
import { photos } from '../api';
import { element } from '../dom';
import { photoAddress } from '../shell/addresses';
import { FolderPanel } from '../shell/folder_panel';
import { attempt, tell } from '../shell/notices';
import type { View } from '../shell/view';
import { PhotoStrip } from '../strip/photo_strip';
import { Intake } from './intake';
import { OpenPhoto } from './open_photo';
import { counted } from '../words';

export class PhotosView implements View {
  readonly element: HTMLElement;
  readonly #strip = new PhotoStrip('Photos, the newest first');
  readonly #intake = new Intake();
  readonly #folder = new FolderPanel(
    'photo',
    (folder) =>
      `They are deleted from ${folder}, with their edits. Files that you dropped in stay where you took them from.`,
    () => this.#empty(),
  );
  readonly #stage = element('div', { class: 'photo-stage' }, noPhoto());
  readonly #side = element('div', { class: 'photo-side' });
  readonly #row: HTMLElement;
  readonly #nothing: HTMLElement;
  #shelf: PhotoShelf | null = null;
  #open: OpenPhoto | null = null;
  #pane = 'Portrait';
  #shown = false;
  #turn = 0;
  #came: { fresh: PhotoEntry[]; known: PhotoEntry[] } = { fresh: [], known: [] };

  constructor() {
    const choose = (): void => this.#intake.choose();
    const add = element(
      'button',
      { type: 'button', class: 'add', onclick: choose },
      element('span', { 'aria-hidden': 'true' }, '+'),
      'Add photos',
    );
    this.#row = element('div', { class: 'strip-row', hidden: true }, add, this.#strip.element);
    this.#nothing = element(
      'div',
      { class: 'drop', hidden: true },
      element('h2', {}, 'Drop photos here'),
      element(
        'p',
        {},
        'HEIC or JPEG, as the phone took them; a folder of them, too. They stay on this computer.',
      ),
      element('button', { type: 'button', class: 'primary', onclick: choose }, 'Choose photos…'),
    );
    this.element = element(
      'section',
      { class: 'view photos', 'aria-label': 'Photos' },
      element('div', { class: 'stage' }, this.#row, this.#intake.element, this.#nothing, this.#stage),
      element(
        'aside',
        { class: 'side', 'aria-label': 'About the photo' },
        this.#side,
        this.#folder.element,
      ),
    );
    this.#strip.onwalk = (entry) => location.replace(photoAddress(entry.id));
    this.#intake.ondrop = () => {
      if (!this.#shown) location.hash = '#photos';
    };
    this.#intake.onphoto = (entry) => this.#takeIn(entry);
    this.#intake.ondone = (last) => this.#takenIn(last);
  }

  show(rest: string): void {
    const back = !this.#shown;
    this.#shown = true;
    if (back) {
      document.addEventListener('visibilitychange', this.#look);
      this.#open?.reopen();
    }
    void attempt(() => this.#go(rest, back));
  }

  hide(): void {
    this.#shown = false;
    document.removeEventListener('visibilitychange', this.#look);
    this.#turn++;
    this.#open?.hide();
  }

  /** Nothing is rendered while nobody looks; what comes in goes on coming. */
  readonly #look = (): void => {
    if (document.hidden) this.#open?.hide();
    else this.#open?.reopen();
  };

  /** Opens a photo by its id; without one, that which was open, or the newest. */
  async #go(id: string, anew: boolean): Promise<void> {
    const turn = ++this.#turn;
    const { hash } = location;
    if (anew || !this.#find(id)) {
      const shelf = await photos.all();
      if (turn !== this.#turn || hash !== location.hash) return; // what is asked for by now comes next
      this.#take(shelf);
    }
    const entry = this.#find(id || (this.#open?.entry.id ?? '')) ?? (id ? null : this.#shelf?.photos[0]);
    if (entry) {
      if (!id) history.replaceState(null, '', photoAddress(entry.id));
      this.#openPhoto(entry);
    } else {
      this.#close();
      if (id) this.#stage.replaceChildren(gone(id, this.#shelf?.photos.length === 0));
    }
  }

  #find(id: string): PhotoEntry | undefined {
    return this.#shelf?.photos.find((entry) => entry.id === id);
  }

  #take(shelf: PhotoShelf): void {
    this.#shelf = shelf;
    this.#strip.show(shelf.photos, this.#open?.entry.id ?? null);
    this.#folder.show({ folder: shelf.folder, count: shelf.photos.length, bytes: shelf.bytes });
    this.#row.hidden = shelf.photos.length === 0;
    this.#nothing.hidden = shelf.photos.length > 0;
  }

  #openPhoto(entry: PhotoEntry): void {
    document.title = `${entry.name} – nearfar studio`;
    this.#strip.mark(entry.id);
    if (
      this.#open?.entry.id === entry.id &&
      this.#open.entry.version === entry.version &&
      this.#stage.contains(this.#open.stage)
    )
      return;
    this.#close();
    const open = (this.#open = new OpenPhoto(entry, this.#pane));
    open.tabs.onchoose = (name) => (this.#pane = name);
    open.onchanged = (changed) => this.#replace(changed);
    open.onremove = () => this.#remove(() => photos.remove(entry.id), entry.id);
    this.#stage.replaceChildren(open.stage);
    this.#side.replaceChildren(open.side);
    this.#strip.mark(entry.id);
  }

  #close(): void {
    this.#open?.close();
    this.#open = null;
    this.#stage.replaceChildren(noPhoto());
    this.#side.replaceChildren();
    this.#strip.mark(null);
  }

  #replace(changed: PhotoEntry): void {
    const shelf = this.#shelf!;
    const list = shelf.photos.map((entry) => (entry.id === changed.id ? changed : entry));
    this.#take({ ...shelf, photos: list, bytes: list.reduce((sum, entry) => sum + entry.bytes, 0) });
  }

  async #empty(): Promise<void> {
    await this.#remove(photos.empty, null);
    tell('The folder is empty.');
  }

  /** Deletes the photo `going`, or all; the one beside it is opened. */
  async #remove(remove: () => Promise<PhotoShelf>, going: string | null): Promise<void> {
    const id = this.#open?.entry.id ?? '';
    const at = this.#shelf?.photos.findIndex((entry) => entry.id === id) ?? 0;
    this.#close(); // what is asked of a photo now would find nothing
    this.#strip.letGo(going);
    try {
      const shelf = await remove();
      this.#take(shelf);
      const next = shelf.photos[Math.min(Math.max(0, at), shelf.photos.length - 1)];
      history.replaceState(null, '', next ? photoAddress(next.id) : '#photos');
      if (next) {
        this.#openPhoto(next);
        this.#strip.focus(); // the button that was pressed is gone
      } else {
        document.title = 'Photos – nearfar studio';
        this.#nothing.querySelector('button')!.focus();
      }
    } catch (problem) {
      await this.#go(id, true);
      throw problem;
    }
  }

  #takeIn(entry: PhotoEntry): void {
    const known = this.#find(entry.id) !== undefined;
    (known ? this.#came.known : this.#came.fresh).push(entry);
    const shelf = this.#shelf;
    if (shelf && !known)
      this.#take({ ...shelf, photos: [entry, ...shelf.photos], bytes: shelf.bytes + entry.bytes });
  }

  #takenIn(last: PhotoEntry): void {
    const { fresh, known } = this.#came;
    this.#came = { fresh: [], known: [] };
    const there =
      known.length === 1
        ? `${known[0]!.name} was here already.`
        : `${counted(known.length, 'photo')} were here already.`;
    tell(
      [
        fresh.length && `${fresh.length === 1 ? fresh[0]!.name : counted(fresh.length, 'photo')} added.`,
        known.length && there,
      ]
        .filter(Boolean)
        .join(' '),
    );
    if (this.#shown) location.hash = photoAddress(last.id);
  }
}

function noPhoto(): HTMLElement {
  return element('h1', { class: 'visually-hidden' }, 'Photos');
}

function gone(id: string, empty: boolean): HTMLElement {
  const words = `There is no photo “${id}” here any more.${empty ? '' : ' Choose another one above.'}`;
  return element(
    'div',
    { class: 'panel plain', role: 'alert' },
    element('h1', {}, 'There is no such photo'),
    element('p', {}, words),
  );
}
