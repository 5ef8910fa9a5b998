// A matte over its picture: what belongs to the subject is bright, the rest is dimmed.
import type { MatteKind, PhotoEntry } from '../../../protocol/answers';
import { photos, request } from '../api';
import { element, fill } from '../dom';
import { tellProblem } from '../shell/notices';
import { pictureFrame } from './picture_frame';

const DIM = 0.85; // of what does not belong to it

const NAMES: Readonly<Record<MatteKind, string>> = {
  portrait: 'Person',
  skin: 'Skin',
  hair: 'Hair',
  teeth: 'Teeth',
  glasses: 'Glasses',
  sky: 'Sky',
};

export class MattePane {
  readonly element: HTMLElement;
  readonly #entry: PhotoEntry;
  readonly #veil = element('canvas', { class: 'layer', role: 'img', width: 300 });
  readonly #choices = element('div', { class: 'choices', role: 'group', 'aria-label': 'Matte' });
  readonly #kinds: readonly MatteKind[];
  readonly #ends = new AbortController();
  #shown: MatteKind | null = null;

  constructor(entry: PhotoEntry, kinds: readonly MatteKind[], picture: string) {
    this.#entry = entry;
    this.#kinds = kinds;
    const image = element('img', { class: 'layer', src: picture, alt: '', draggable: 'false' });
    fill(
      this.#choices,
      ...kinds.map((kind) =>
        element('button', { type: 'button', onclick: () => this.#choose(kind) }, NAMES[kind]),
      ),
    );
    this.element = element(
      'figure',
      { class: 'pane still' },
      pictureFrame(entry.width, entry.height, image, this.#veil),
      element(
        'figcaption',
        { class: 'below row' },
        this.#choices,
        element('span', {}, 'bright is what the matte covers'),
      ),
    );
  }

  /** It is looked at. */
  open(): void {
    if (!this.#shown) this.#choose(this.#kinds[0]!);
  }

  close(): void {
    this.#ends.abort();
  }

  #choose(kind: MatteKind): void {
    this.#shown = kind;
    for (const [place, button] of [...this.#choices.children].entries())
      button.setAttribute('aria-pressed', String(this.#kinds[place] === kind));
    this.#veil.setAttribute(
      'aria-label',
      `${this.#entry.name}: ${NAMES[kind]} matte over the dimmed picture`,
    );
    this.#load(kind).catch(tellProblem);
  }

  async #load(kind: MatteKind): Promise<void> {
    const { id, version } = this.#entry;
    const address = photos.address(id, `mattes/${kind}.png`, { v: version });
    const response = await request(address, { signal: this.#ends.signal });
    const matte = await createImageBitmap(await response.blob());
    if (this.#shown === kind) this.#paint(matte);
    matte.close();
  }

  /** Black, the less the matte covers. */
  #paint(matte: ImageBitmap): void {
    const { width, height } = matte;
    this.#veil.width = width;
    this.#veil.height = height;
    const context = this.#veil.getContext('2d', { willReadFrequently: true })!;
    context.drawImage(matte, 0, 0);
    const picture = context.getImageData(0, 0, width, height);
    const pixels = new Uint32Array(picture.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = (DIM * (255 - (pixels[i]! & 255))) << 24;
    context.putImageData(picture, 0, 0);
  }
}
