// The shutter, what it took, and the strip of the last photos.
import { camera, photos } from '../api';
import { element, fill } from '../dom';
import { photoAddress } from '../shell/addresses';
import { attempt } from '../shell/notices';
import { PhotoStrip } from '../strip/photo_strip';
import type { CameraState, PhotoEntry } from '../../../protocol/answers';
import type { CameraWatch } from './camera_watch';

const STAYS = 8000; // milliseconds that the last photo is pointed out
const MOST = 12;
const TAKING = 'Taking a photo…';

export class Shooting {
  readonly shutter = element('button', {
    class: 'shutter',
    type: 'button',
    'aria-label': 'Take a photo',
    'aria-keyshortcuts': 'Space Enter',
    title: 'Take a photo (Space or Enter)',
    disabled: true,
    onclick: () => void this.shoot(),
  });
  readonly taken = element('div', { class: 'taken', role: 'status' });
  /** Says that another page takes one. */
  readonly elsewhere = element('p', { class: 'soft', role: 'status' });
  readonly strip: HTMLElement;
  /** Called as a photo is taken: the picture blinks. */
  onshot: (() => void) | null = null;
  readonly #strip = new PhotoStrip('Last photos, the newest first');
  readonly #none = element('p', { class: 'soft' }, 'No photos yet. What you take is kept here, with its depth.');
  readonly #watch: CameraWatch;
  #all: readonly PhotoEntry[] = [];
  #busy = false;
  #able = false;
  #timer = 0;

  constructor(watch: CameraWatch) {
    this.#watch = watch;
    this.strip = element(
      'section',
      { class: 'last', 'aria-label': 'Last photos' },
      element(
        'div',
        { class: 'spread' },
        element('h2', {}, 'Last photos'),
        element('a', { href: '#photos' }, 'All photos'),
      ),
      this.#strip.element,
      this.#none,
    );
  }

  /** Whether the camera takes photos, and whether somebody else takes one now. */
  show({ canShoot, shooting }: CameraState): void {
    this.#able = canShoot;
    this.shutter.disabled = !canShoot;
    this.shutter.title = canShoot ? 'Take a photo (Space or Enter)' : 'This camera takes no photos.';
    const words = shooting && !this.#busy ? TAKING : '';
    if (this.elsewhere.textContent === words) return;
    this.elsewhere.textContent = words;
    if (!shooting) void this.refresh(); // it is there now
  }

  async shoot(): Promise<void> {
    if (this.#busy || !this.#able) return;
    this.#busy = true;
    this.shutter.setAttribute('aria-busy', 'true');
    this.onshot?.();
    clearTimeout(this.#timer);
    this.elsewhere.textContent = '';
    fill(this.taken, element('span', { class: 'soft' }, TAKING));
    const photo = await attempt(() => camera.shoot());
    this.shutter.removeAttribute('aria-busy');
    this.#busy = false;
    this.#watch.refresh(); // what is known of this photo is of the past
    this.taken.replaceChildren();
    if (!photo) return;
    this.#pointOut(photo);
    this.#show([photo, ...this.#all.filter((other) => other.id !== photo.id)]);
  }

  /** Asks which photos there are. */
  async refresh(): Promise<void> {
    const shelf = await attempt(() => photos.all());
    if (shelf) this.#show(shelf.photos);
  }

  #pointOut(photo: PhotoEntry): void {
    const picture = pictureOf(photo);
    const link = element('a', { href: photoAddress(photo.id) }, picture, element('span', {}, `Taken: ${photo.name}`));
    fill(this.taken, link);
    const goes = () => {
      this.#timer = setTimeout(() => link.remove(), STAYS);
    };
    picture.addEventListener('load', goes); // not before it was to be seen
    picture.addEventListener('error', goes);
  }

  #show(all: readonly PhotoEntry[]): void {
    this.#all = all.slice(0, MOST);
    this.#strip.show(this.#all);
    this.#strip.element.hidden = this.#all.length === 0;
    this.#none.hidden = this.#all.length > 0;
  }
}

function pictureOf(photo: PhotoEntry): HTMLElement {
  if (photo.problem) return element('span', { class: 'soft' }, '?');
  return element('img', { src: photos.address(photo.id, 'thumbnail.jpg', { v: photo.version }), alt: '' });
}
