// A depth map in false colours with its scale. The pointer reads distances; so do the arrow keys.
import { colourDepth, easedRange, FEW_SAMPLES, rangeOf, SAMPLES, type ColourRange } from './colouring';
import { distanceAt, distanceInWords, type DepthField } from './depth_field';
import { PicturePane } from './picture_pane';
import type { Place } from './places';
import { ScaleBar } from './scale_bar';

export class DepthPicture {
  /** Called when a place is pointed at: 0..1 from the top left; null when it is left. */
  onpoint: ((place: Place | null) => void) | null = null;
  readonly #scale = new ScaleBar();
  readonly #pane: PicturePane;
  readonly #live: boolean;
  #field: DepthField | null = null;
  #range: ColourRange | null = null;
  #image: ImageData | null = null;

  /** `live`: maps follow one upon another, so that the scale follows them softly. */
  constructor(caption: string, live: boolean) {
    this.#live = live;
    this.#pane = new PicturePane(caption, 'depth', this.#scale.element);
    this.#pane.onpoint = (place) => {
      this.mark(place);
      this.onpoint?.(place);
    };
  }

  get element(): HTMLElement {
    return this.#pane.element;
  }

  /** The map that is shown. */
  get field(): DepthField | null {
    return this.#field;
  }

  /** Shows a map; null: there is none, and why. */
  show(field: DepthField | null, words = ''): void {
    this.#field = field;
    if (!field) {
      this.#range = null;
      this.#pane.clear(words);
      return;
    }
    const { width, height } = field;
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#image = new ImageData(width, height);
      this.#range = null;
    }
    this.#range = easedRange(this.#live ? this.#range : null, rangeOf(field, this.#live ? FEW_SAMPLES : SAMPLES));
    colourDepth(field, this.#range, this.#image);
    this.#pane.sized(width, height, true).putImageData(this.#image, 0, 0);
    this.#scale.show(this.#range, field.unit);
    this.mark(this.#pane.place);
  }

  /** Marks a place, and reads its distance. */
  mark(place: Place | null): void {
    this.#pane.mark(place, place ? readingAt(this.#field, place) : '');
  }
}

/** What is read at a place of a map, in words; nothing where there is no map. */
export function readingAt(field: DepthField | null, { x, y }: Place): string {
  return field ? distanceInWords(distanceAt(field, x, y), field.unit) : '';
}
