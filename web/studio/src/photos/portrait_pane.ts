// The portrait: what is tapped becomes sharp; a line across it tells before from after.
import { element } from '../dom';
import { Divider } from './divider';
import { pictureFrame } from './picture_frame';
import { placeOf, putAt, stepped, type Place } from '../depth/places';
import type { Quality } from './portrait_renderer';

const WORDS: Readonly<Record<Quality, string>> = { preview: 'rendering…', full: 'rendering in full…' };

export class PortraitPane {
  readonly element: HTMLElement;
  /** Called with the place that is to be sharp. */
  onfocus: ((place: Place) => void) | null = null;
  readonly #frame: HTMLElement;
  readonly #before: HTMLImageElement;
  readonly #target: HTMLElement;
  readonly #ring = element('span', { class: 'ring', hidden: true, 'aria-hidden': 'true' });
  readonly #state = element('span', { class: 'state', 'aria-hidden': 'true' });
  readonly #divider = new Divider();
  readonly #labels = [
    element('span', { class: 'side-word before', hidden: true, 'aria-hidden': 'true' }, 'Before'),
    element('span', { class: 'side-word after', hidden: true, 'aria-hidden': 'true' }, 'After'),
  ];
  #after: HTMLImageElement | null = null;
  #quality: Quality | null = null;
  #place: Place | null = null;
  #reached: Place | null = null; // by keys, before Enter

  /** The photo's size and picture: that is seen until the first portrait comes. */
  constructor(name: string, width: number, height: number, picture: string) {
    this.#before = element('img', { class: 'layer', src: picture, alt: name, draggable: 'false' });
    this.#target = element('div', {
      class: 'layer target',
      role: 'application',
      tabindex: 0,
      'aria-label': 'Focus: tap what is to be sharp, or move the ring by the arrow keys and press Enter',
    });
    this.#target.addEventListener('click', (event) => this.#choose(placeOf(event, this.#target)));
    this.#target.addEventListener('keydown', (event) => this.#key(event));
    this.#target.addEventListener('blur', () => this.#walkTo(null));
    this.#target.append(this.#ring);
    this.#divider.onmove = () => this.#cut();
    this.#frame = pictureFrame(
      width,
      height,
      this.#before,
      this.#target,
      ...this.#labels,
      this.#divider.element,
      this.#state,
    );
    this.element = element('figure', { class: 'pane still' }, this.#frame);
    this.#divider.move(0.5);
  }

  /** Shows a rendered picture in the place of the one before it. */
  show(picture: HTMLImageElement, quality: Quality): void {
    picture.className = 'layer';
    picture.alt = `${this.#before.alt}, as a portrait`;
    picture.draggable = false;
    if (this.#after) this.#after.replaceWith(picture);
    else this.#before.after(picture);
    this.#after = picture;
    this.#quality = quality;
    this.#frame.dataset['quality'] = quality;
    this.#cut();
  }

  /** Says what is being rendered. */
  busy(quality: Quality | null): void {
    this.#frame.setAttribute('aria-busy', String(quality !== null));
    const slow = quality === 'full' || (quality === 'preview' && !this.#after);
    this.#state.textContent = slow
      ? WORDS[quality]
      : quality === null && this.#quality === 'full'
        ? 'full quality'
        : '';
  }

  /** Marks what is sharp. */
  mark(place: Place | null): void {
    this.#place = place;
    this.#walkTo(null);
  }

  /** Shows before and after beside each other. */
  compare(on: boolean): void {
    this.#divider.element.hidden = !on;
    for (const label of this.#labels) label.hidden = !on;
    this.#cut();
  }

  #choose(place: Place): void {
    this.mark(place);
    this.onfocus?.(place);
  }

  #key(event: KeyboardEvent): void {
    const from = this.#reached ?? this.#place ?? { x: 0.5, y: 0.5 };
    const to = stepped(from, event);
    if (to) this.#walkTo(to);
    else if (event.key === 'Enter' || event.key === ' ') this.#choose(from);
    else if (event.key === 'Escape' && this.#reached) this.#walkTo(null);
    else return;
    event.preventDefault();
  }

  #walkTo(place: Place | null): void {
    this.#reached = place;
    const seen = place ?? this.#place;
    this.#ring.hidden = seen === null;
    this.#ring.classList.toggle('reached', place !== null);
    if (seen) putAt(this.#ring, seen);
  }

  #cut(): void {
    if (!this.#after) return;
    const before = this.#divider.element.hidden ? 0 : this.#divider.share;
    this.#after.style.clipPath = before > 0 ? `inset(0 0 0 ${100 * before}%)` : '';
  }
}
