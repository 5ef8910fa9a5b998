// The pictures of the camera side by side, one pointer for all of them.
import { element } from '../dom';
import type { StreamFrame } from '../../../webxr/src/stream/decoding';
import { depthField, type DepthField } from '../depth/depth_field';
import { DepthPicture, readingAt } from '../depth/depth_picture';
import { PicturePane } from '../depth/picture_pane';
import type { Place } from '../depth/places';
import { PointCloudView, type Tangents } from '../cloud/point_cloud_view';
import { pixelsInWords } from '../words';
import { ConfidencePicture } from './confidence_picture';
import type { PaneName } from './kept';

const NO_DEPTH = 'This camera senses no depth. Choose another one to see some.';
const NOWHERE: Tangents = [1, 1, 1, 1];

export class Panes {
  readonly element = element('div', { class: 'panes' });
  readonly #size = element('span', { class: 'soft' });
  readonly #colour = new PicturePane('Colour', 'colour', this.#size);
  readonly #depth = new DepthPicture('Depth', true);
  readonly #confidence = new ConfidencePicture();
  readonly #points = new PointCloudView('Points');
  readonly #noPoints = element('p', { class: 'words' });
  #shown: readonly PaneName[] = [];
  #field: DepthField | null = null;
  #place: Place | null = null;

  constructor() {
    this.#points.element.append(this.#noPoints);
    for (const pane of [this.#colour, this.#depth, this.#confidence])
      pane.onpoint = (place) => this.#point(place);
  }

  /** Which of them are to be seen. */
  arrange(shown: readonly PaneName[]): void {
    this.#shown = shown;
    if (!shown.includes('points')) this.rest();
    const all = {
      colour: this.#colour,
      depth: this.#depth,
      confidence: this.#confidence,
      points: this.#points,
    };
    this.element.replaceChildren(...shown.map((name) => all[name].element));
  }

  /** Nobody looks: gives back what costs something though nothing moves. */
  rest(): void {
    this.#points.dispose();
  }

  /** No picture is there; says why. */
  clear(words: string): void {
    this.#field = null;
    this.#colour.clear(words);
    this.#depth.show(null, words);
    this.#confidence.show(null, null, words);
    this.#showPoints(NOWHERE, null, words);
  }

  draw({ message, depth, picture, confidence }: StreamFrame): void {
    const unit = message.depth?.accuracy === 'relative' ? 'nominal' : 'metres';
    this.#field = depth && depthField(depth, unit);
    if (this.#shown.includes('colour')) this.#drawColour(picture, message.color);
    if (this.#shown.includes('depth')) this.#depth.show(this.#field, NO_DEPTH);
    if (this.#shown.includes('points'))
      this.#showPoints(message.views[0]?.tangents ?? NOWHERE, picture, NO_DEPTH);
    if (this.#shown.includes('confidence'))
      this.#confidence.show(this.#field, confidence, 'This camera does not tell how sure it is of its depth.');
    this.#read();
  }

  #drawColour(
    picture: StreamFrame['picture'],
    part: { readonly width: number; readonly height: number } | null,
  ): void {
    if (!picture || !part) {
      this.#colour.clear('This camera gives no colour.');
      return;
    }
    this.#colour.sized(part.width, part.height, false).drawImage(picture, 0, 0);
    const size = pixelsInWords(part);
    if (this.#size.textContent !== size) this.#size.textContent = size;
  }

  #showPoints(tangents: Tangents, picture: StreamFrame['picture'], words: string): void {
    this.#points.show(this.#field, tangents, picture);
    if (!this.#field) this.#noPoints.textContent = words;
  }

  #point(place: Place | null): void {
    this.#place = place;
    this.#read();
  }

  /** The same place in each. */
  #read(): void {
    const place = this.#place;
    this.#colour.mark(place, place ? readingAt(this.#field, place) : '');
    this.#depth.mark(place);
    this.#confidence.mark(place);
  }
}
