// One photo that is open: its panes on the stage, its controls and words beside it.
//
//   entry ──▶ picture at once      details ──▶ tabs, portrait, downloads, words      depth ──▶ distances
import type { PhotoDetails, PhotoEntry } from '../../../protocol/answers';
import { photos } from '../api';
import { distanceAt, distanceInWords, type DepthField } from '../depth/depth_field';
import { DepthPicture } from '../depth/depth_picture';
import { breakable, element, fill } from '../dom';
import { asked } from '../shell/asking';
import { attempt, tell, tellProblem } from '../shell/notices';
import { Downloads } from './downloads';
import { MattePane } from './matte_pane';
import { PaneTabs, type Pane } from './pane_tabs';
import { loadDepth } from './photo_depth';
import { pictureFrame } from './picture_frame';
import type { Place } from '../depth/places';
import { PointsPane } from './points_pane';
import { PortraitPane } from './portrait_pane';
import { noPortrait, PortraitPanel } from './portrait_panel';
import { PortraitRenderer, type Look } from './portrait_renderer';
import { bytesInWords, pixelsInWords } from '../words';

const PICTURE_SIDE = 2048;
const SETTLES = 250; // milliseconds after the last key: keys that repeat are no end

export class OpenPhoto {
  readonly stage: HTMLElement;
  readonly side = element('div', { class: 'side' });
  readonly tabs = new PaneTabs();
  /** Called when its file has changed. */
  onchanged: ((entry: PhotoEntry) => void) | null = null;
  /** Called when it is to be deleted. */
  onremove: (() => Promise<void>) | null = null;
  readonly #ends = new AbortController();
  readonly #picture: string;
  readonly #renderer: PortraitRenderer;
  readonly #panel = new PortraitPanel();
  readonly #downloads = new Downloads();
  readonly #facts = element('dl', { class: 'facts' });
  readonly #depthPicture = new DepthPicture('Depth', false);
  readonly #photoPane: Pane;
  #portrait: PortraitPane | null = null;
  #matte: MattePane | null = null;
  readonly #points: PointsPane;
  #entry: PhotoEntry;
  #details: PhotoDetails | null = null;
  #depth: DepthField | null = null;
  #look: Look = { fNumber: 2.8, focus: null };
  #saved: Look = this.#look;
  #settling = 0;
  #settled = false; // the look is to be seen in full

  /** `pane`: the one that is looked at where the photo has it. */
  constructor(entry: PhotoEntry, pane: string) {
    this.#entry = entry;
    this.#picture = photos.address(entry.id, 'picture.jpg', { side: PICTURE_SIDE, v: entry.version });
    this.#photoPane = photoPane(entry, this.#picture);
    this.#points = new PointsPane(this.#picture);
    this.#renderer = new PortraitRenderer((query) => photos.address(entry.id, 'portrait.jpg', query));
    const remove = element(
      'button',
      { type: 'button', class: 'danger', onclick: () => void attempt(() => this.#remove()) },
      'Delete…',
    );
    const size = entry.problem ? '' : `${pixelsInWords(entry)} · `;
    this.stage = element(
      'article',
      { class: 'open-photo', 'aria-label': entry.name },
      element(
        'header',
        { class: 'spread' },
        element(
          'div',
          {},
          element('h1', {}, breakable(entry.name)),
          element('p', { class: 'soft' }, `${size}${bytesInWords(entry.bytes)}`),
        ),
        remove,
      ),
    );
    if (entry.problem) this.stage.append(element('p', { class: 'panel', role: 'alert' }, entry.problem));
    else {
      this.stage.append(this.tabs.element);
      this.tabs.show([this.#photoPane], pane);
      void this.#load(pane);
    }
  }

  get entry(): PhotoEntry {
    return this.#entry;
  }

  /** It goes out of sight with the view: nothing runs on. */
  hide(): void {
    clearTimeout(this.#settling);
    this.tabs.hide();
  }

  /** It comes back. */
  reopen(): void {
    this.tabs.reopen();
  }

  /** Another photo takes its place. */
  close(): void {
    clearTimeout(this.#settling);
    this.tabs.close();
    this.#ends.abort();
    this.#matte?.close();
  }

  async #load(pane: string): Promise<void> {
    try {
      const details = await photos.details(this.#entry.id, this.#ends.signal);
      if (this.#ends.signal.aborted) return;
      this.#take(details);
      this.tabs.show(this.#panes(details), pane);
      const portrait = details.depth ? this.#panel.element : noPortrait();
      fill(this.side, portrait, this.#downloads.element, whatIsInside(this.#facts));
      if (details.depth) await this.#loadDepth();
    } catch (problem) {
      if (!this.#ends.signal.aborted) tellProblem(problem);
    }
  }

  async #loadDepth(): Promise<void> {
    const { id, version } = this.#entry;
    const loaded = await loadDepth(photos.address(id, 'depth', { v: version }), this.#ends.signal);
    const { field } = loaded;
    this.#points.put(loaded);
    this.#depth = field;
    this.#depthPicture.show(field);
    this.#depthPicture.element.style.setProperty('--ratio', String(field.width / field.height));
    this.#tellFocus();
  }

  /** What the server says of it, which is also how it is seen from now on. */
  #take(details: PhotoDetails): void {
    this.#keep(details);
    this.#saved = this.#look = { fNumber: details.fNumber, focus: null };
    this.#sayLook();
  }

  #keep(details: PhotoDetails): void {
    this.#details = details;
    this.#entry = details.entry;
    const rows = details.lines.flatMap(({ label, text }) => [element('dt', {}, label), element('dd', {}, text)]);
    fill(this.#facts, ...rows);
  }

  #panes(details: PhotoDetails): readonly Pane[] {
    const panes = [this.#photoPane];
    if (!details.depth) return panes;
    panes.unshift(this.#portraitPane());
    panes.push({ name: 'Depth', element: element('div', { class: 'fitted' }, this.#depthPicture.element) });
    if (details.mattes.length) {
      const matte = (this.#matte = new MattePane(details.entry, details.mattes, this.#picture));
      panes.push({ name: 'Mattes', element: matte.element, open: () => matte.open() });
    }
    const points = this.#points;
    panes.push({
      name: 'Points',
      element: points.element,
      open: () => points.open(),
      hide: () => points.hide(),
    });
    return panes;
  }

  #portraitPane(): Pane {
    const { name, width, height } = this.#entry;
    const pane = (this.#portrait = new PortraitPane(name, width, height, this.#picture));
    const { slider } = this.#panel;
    pane.mark(this.#place);
    pane.onfocus = (place) => {
      this.#see({ ...this.#look, focus: place });
      this.#settle();
    };
    slider.oninput = (fNumber) => {
      this.tabs.choose('Portrait');
      this.#see({ ...this.#look, fNumber });
    };
    slider.onchange = () => this.#settleSoon();
    this.#panel.oncompare = (on) => {
      this.tabs.choose('Portrait');
      pane.compare(on);
    };
    this.#panel.onsave = () => void this.#store(() => this.#save(), 'The edit is in the photo.');
    this.#panel.onrevert = () => void this.#store(() => this.#takeOut(), 'The edit is out of the photo.');
    this.#renderer.onpicture = (picture, quality) => pane.show(picture, quality);
    this.#renderer.onbusy = (quality) => pane.busy(quality);
    this.#renderer.onproblem = tellProblem;
    return {
      name: 'Portrait',
      element: pane.element,
      open: () => {
        this.#renderer.want(this.#look);
        if (this.#settled) this.#renderer.settle();
      },
      hide: () => this.#renderer.stop(),
    };
  }

  #see(look: Look): void {
    clearTimeout(this.#settling);
    this.#settled = false;
    this.#look = look;
    this.#renderer.want(look);
    this.#sayLook();
  }

  #settle(): void {
    this.#settled = true;
    this.#renderer.settle();
  }

  #settleSoon(): void {
    clearTimeout(this.#settling);
    this.#settled = true;
    this.#settling = window.setTimeout(() => this.#renderer.settle(), SETTLES);
  }

  #sayLook(): void {
    const details = this.#details!;
    const saved = same(this.#look, this.#saved);
    this.#panel.show(details, this.#look, saved);
    this.#downloads.show(details, details.depth && this.#look, saved);
    this.#portrait?.mark(this.#place);
    this.#tellFocus();
  }

  /** What is sharp. */
  get #place(): Place | null {
    if (this.#look.focus) return this.#look.focus;
    const given = this.#details?.focus;
    return given ? { x: given[0], y: given[1] } : null;
  }

  #tellFocus(): void {
    const place = this.#place;
    const depth = this.#depth?.unit === 'none' ? null : this.#depth; // without a unit a number says nothing
    const distance = place && depth && distanceInWords(distanceAt(depth, place.x, place.y), depth.unit);
    const tap = 'Tap the picture to choose what is sharp.';
    this.#panel.tellFocus(
      distance ? `Sharp at ${distance}. ${tap}`.replace('at no depth here', 'where no depth is known') : tap,
    );
  }

  async #save(): Promise<PhotoDetails> {
    const { fNumber, focus } = this.#look;
    const details = await photos.edit(this.#entry.id, { fNumber, focus: focus && [focus.x, focus.y] });
    this.#saved = this.#look;
    return details;
  }

  async #takeOut(): Promise<PhotoDetails> {
    const details = await photos.revert(this.#entry.id);
    this.#saved = { fNumber: details.fNumber, focus: null };
    this.#see(this.#saved);
    this.#settle();
    return details;
  }

  async #store(change: () => Promise<PhotoDetails>, done: string): Promise<void> {
    this.#panel.busy();
    const details = await attempt(change);
    if (details) {
      this.#keep(details);
      this.onchanged?.(details.entry);
      tell(done);
    }
    this.#sayLook();
  }

  async #remove(): Promise<void> {
    const { name } = this.#entry;
    const words =
      'It is deleted from the folder of the studio, with its edit. A file that you dropped in stays where you took it from.';
    if (!(await asked({ title: `Delete ${name}?`, words, yes: 'Delete' }))) return;
    await this.onremove?.();
    tell(`${name} is deleted.`);
  }
}

function same(one: Look, other: Look): boolean {
  return one.fNumber === other.fNumber && one.focus?.x === other.focus?.x && one.focus?.y === other.focus?.y;
}

function photoPane({ name, width, height }: PhotoEntry, picture: string): Pane {
  const image = element('img', { class: 'layer', src: picture, alt: name, draggable: 'false' });
  const frame = pictureFrame(width, height, image);
  return { name: 'Photo', element: element('figure', { class: 'pane still' }, frame) };
}

function whatIsInside(facts: HTMLElement): HTMLElement {
  const title = element('h2', {}, 'What is inside');
  return element('section', { class: 'panel', 'aria-label': 'What is inside' }, title, facts);
}
