// The pictures of a take: colour and depth side by side, or points in space.
import type { StreamFrame } from '../../../webxr/src/stream/decoding';
import { PointCloudView, type Tangents } from '../cloud/point_cloud_view';
import { depthField } from '../depth/depth_field';
import { DepthPicture, readingAt } from '../depth/depth_picture';
import { PicturePane } from '../depth/picture_pane';
import type { Place } from '../depth/places';
import { element, fill } from '../dom';
import { pixelsInWords } from '../words';

export type Kind = 'pictures' | 'points';

const NOWHERE: Tangents = [1, 1, 1, 1];
const TITLES: Readonly<Record<Kind, string>> = { pictures: 'Colour and depth', points: 'Points' };

export class TakePanes {
  readonly element = element('div', { class: 'panes' });
  /** What is to be seen. */
  readonly choice = element('div', { class: 'choices', role: 'group', 'aria-label': 'Show' });
  readonly #size = element('span', { class: 'soft' });
  readonly #colour = new PicturePane('Colour', 'colour', this.#size);
  readonly #depth = new DepthPicture('Depth', true);
  readonly #points = new PointCloudView('Points');
  #kind: Kind = 'pictures';
  #frame: StreamFrame | null = null;
  #place: Place | null = null;

  constructor() {
    this.#colour.onpoint = (place) => this.#point(place);
    this.#depth.onpoint = (place) => this.#point(place);
    for (const kind of Object.keys(TITLES) as Kind[]) {
      const attributes = { type: 'button', value: kind, onclick: () => this.arrange(kind) };
      this.choice.append(element('button', attributes, TITLES[kind]));
    }
    this.arrange('pictures');
  }

  arrange(kind: Kind): void {
    this.#kind = kind;
    for (const button of this.choice.querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(button.value === kind));
    if (kind === 'points') fill(this.element, this.#points.element);
    else {
      this.#points.dispose();
      fill(this.element, this.#colour.element, this.#depth.element);
    }
    this.#draw();
  }

  /** Shows a frame; its picture is closed when the next comes. `first`: it is of another take. */
  show(frame: StreamFrame, first: boolean): void {
    this.#frame?.picture?.close();
    this.#frame = frame;
    if (first) this.#begin(frame);
    else this.#draw();
  }

  #begin(frame: StreamFrame): void {
    this.choice.hidden = frame.depth === null;
    this.#colour.clear('This take has no colour here.');
    this.#depth.show(null, 'This take has no depth here, or none with a unit.');
    this.arrange(frame.depth ? this.#kind : 'pictures');
  }

  /** Nobody looks: nothing is kept that costs something. */
  rest(): void {
    this.#points.dispose();
    this.#frame?.picture?.close();
    this.#frame = null;
  }

  #draw(): void {
    const frame = this.#frame;
    if (!frame) return;
    const { message, depth, picture } = frame;
    const field = depth && depthField(depth, message.depth?.accuracy === 'relative' ? 'nominal' : 'metres');
    if (this.#kind === 'points') {
      if (field) this.#points.show(field, message.views[0]?.tangents ?? NOWHERE, picture);
      return;
    }
    if (field) this.#depth.show(field); // what one moment has lost stays as it was
    if (picture && message.color) {
      this.#colour.sized(message.color.width, message.color.height, false).drawImage(picture, 0, 0);
      this.#size.textContent = pixelsInWords(message.color);
    }
    this.#point(this.#place);
  }

  #point(place: Place | null): void {
    this.#place = place;
    this.#depth.mark(place);
    this.#colour.mark(place, place ? readingAt(this.#depth.field, place) : '');
  }
}
