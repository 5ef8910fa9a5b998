// A photo's depth as points in space, in the colours of its picture.
import { PointCloudView } from '../cloud/point_cloud_view';
import { element } from '../dom';
import { tellProblem } from '../shell/notices';
import type { LoadedDepth } from './photo_depth';

export class PointsPane {
  readonly element: HTMLElement;
  readonly #cloud = new PointCloudView('Points');
  readonly #picture: string;
  #depth: LoadedDepth | null = null;
  #open = false;

  /** `picture`: its address. */
  constructor(picture: string) {
    this.#picture = picture;
    this.element = element('div', { class: 'fitted' }, this.#cloud.element);
  }

  /** The depth has come. */
  put(depth: LoadedDepth): void {
    this.#depth = depth;
    const { width, height } = depth.field;
    this.#cloud.element.style.setProperty('--ratio', String(width / height));
    if (this.#open) this.open();
  }

  /** It is looked at. */
  open(): void {
    this.#open = true;
    this.#show().catch(tellProblem);
  }

  /** It goes out of sight, and its graphics memory with it. */
  hide(): void {
    this.#open = false;
    this.#cloud.dispose();
  }

  async #show(): Promise<void> {
    const picture = new Image();
    picture.src = this.#picture;
    await picture.decode();
    if (this.#open && this.#depth) this.#cloud.show(this.#depth.field, this.#depth.message.tangents, picture);
  }
}
