// Coloured points in space, of a depth map and the picture over it: live, or of a photo.
//
//   const cloud = new PointCloudView('Points');
//   pane.append(cloud.element);                     // a figure.pane, as high as the picture is
//   cloud.show(field, view.tangents, picture);      // for each frame, as often as there are some
//   cloud.dispose();                                // when the view is left; the next `show` begins anew
//
// `field` is a DepthField that lies under the picture; the map is not copied: give each frame its own.
// `tangents` are those of ViewPart or PhotoDepth. `picture` is what a canvas draws (ImageBitmap, VideoFrame,
// <img>, <canvas>), upright; it is copied before `show` returns: close it as you like. Without one, points
// have the false colours of their depth. It draws when there is something new and while it sways, and never
// while it is hidden. Drag, pinch, wheel (once it has the focus), arrow keys, + and −, Home. It sways until
// it is touched, unless reduced motion is asked for.
import { colourDepth, rangeOf } from '../depth/colouring';
import type { DepthField } from '../depth/depth_field';
import { element } from '../dom';
import { Orbit, type Tangents } from './orbit';
import { steer } from './steering';
import { PointStage, type Three } from './point_stage';

export type { Tangents };
/** What is drawn over the points: their colours. */
export type CloudPicture = Exclude<CanvasImageSource, SVGImageElement>;

const EASE = 0.1; // of the way that the distance goes in a frame
const EVEN = 480; // points across: where a map has fewer, the picture's pixels between them are shown, too
const FINEST = 4; // points for a column of a map
const TICK = 30; // milliseconds between two pictures of the swaying
const LONGEST = 100; // milliseconds that a picture swings on: after a pause it goes on from where it was
const KEYS = 'Arrow keys or dragging turn it, plus and minus go nearer or away, Home goes back.';

let three: Promise<Three> | null = null;

export class PointCloudView {
  readonly element: HTMLElement;
  readonly #orbit = new Orbit();
  readonly #colours = element('canvas', { width: 1, height: 1 });
  readonly #words = element('p', { class: 'plain', hidden: true });
  readonly #target: HTMLElement;
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #watch = new IntersectionObserver(([entry]) => this.#seen(entry!.isIntersecting));
  readonly #sizes = new ResizeObserver(() => this.#wake());
  #stage: PointStage | null = null;
  #starting = false;
  #life = 0;
  #field: DepthField | null = null;
  #tangents: Tangents = [1, 1, 1, 1];
  #distance = 0;
  #changed = false;
  #visible = false;
  #tick = 0;
  #last = 0;

  constructor(caption: string) {
    this.#target = element('div', {
      class: 'target',
      tabindex: 0,
      role: 'application',
      'aria-label': `${caption} in space. ${KEYS}`,
    });
    this.element = element(
      'figure',
      { class: 'pane cloud empty' },
      element('figcaption', {}, caption),
      this.#target,
      this.#words,
    );
    steer(this.#target, this.#orbit, () => this.#wake());
    this.#still.addEventListener('change', () => this.#wake());
  }

  /** Shows a map with its colours; null: there is nothing to show. */
  show(field: DepthField | null, tangents: Tangents, picture: CloudPicture | null): void {
    this.#field = field;
    this.element.classList.toggle('empty', field === null);
    if (!field) return;
    this.#tangents = tangents;
    const [left, right, up, down] = tangents;
    this.#target.style.aspectRatio = String((left + right) / (up + down));
    this.#colour(field, picture);
    const middle = middleOf(field);
    const jumped = !(this.#distance > middle / 2 && this.#distance < middle * 2);
    this.#distance = jumped ? middle : this.#distance + EASE * (middle - this.#distance);
    this.#changed = true;
    if (!this.#stage) void this.#start();
    this.#wake();
  }

  /** Gives the graphics memory back. */
  dispose(): void {
    this.#life++;
    this.#stage?.dispose();
    this.#stage = null;
    this.#starting = false;
    this.#field = null;
    this.#distance = 0;
    this.#visible = false;
    this.#watch.disconnect();
    this.#sizes.disconnect();
    cancelAnimationFrame(this.#tick);
    this.#tick = 0;
    this.#target.replaceChildren();
    this.#target.hidden = false;
    this.#words.hidden = true;
    this.element.classList.add('empty');
  }

  #colour(field: DepthField, picture: CloudPicture | null): void {
    const finer = picture ? Math.min(FINEST, Math.ceil(EVEN / Math.max(field.width, field.height))) : 1;
    const width = finer * field.width;
    const height = finer * field.height;
    if (this.#colours.width !== width || this.#colours.height !== height) {
      this.#colours.width = width;
      this.#colours.height = height;
    }
    const context = this.#colours.getContext('2d')!;
    if (picture) {
      context.drawImage(picture, 0, 0, width, height);
      return;
    }
    const image = context.createImageData(width, height);
    colourDepth(field, rangeOf(field), image);
    context.putImageData(image, 0, 0);
  }

  async #start(): Promise<void> {
    if (this.#starting || !this.#words.hidden) return;
    this.#starting = true;
    const life = this.#life;
    const canvas = element('canvas', { width: 1, height: 1 });
    try {
      const context = canvas.getContext('webgl2', { antialias: false, alpha: true, depth: true });
      if (!context)
        throw new Error(
          'Points need WebGL 2, which is off or missing here: turn on hardware acceleration in the ' +
            'settings of the browser, or use another one.',
        );
      const parts = await (three ??= import('../three_parts'));
      if (life !== this.#life) {
        context.getExtension('WEBGL_lose_context')?.loseContext();
        return;
      }
      this.#stage = new PointStage(parts, canvas, context);
      canvas.addEventListener('webglcontextrestored', () => this.#again()); // the graphics driver began anew
      this.#target.replaceChildren(canvas);
      this.#watch.observe(this.#target);
      this.#sizes.observe(this.#target);
      this.#starting = false;
    } catch (problem) {
      if (life !== this.#life) return;
      three = null; // what could not be fetched is asked for again
      this.#starting = false;
      this.#say(problem instanceof Error ? problem.message : String(problem));
    }
  }

  #say(text: string): void {
    this.#words.textContent = text;
    this.#words.hidden = false;
    this.#target.hidden = true;
  }

  #seen(visible: boolean): void {
    this.#visible = visible;
    if (visible) this.#wake();
  }

  #again(): void {
    this.#changed = true;
    this.#wake();
  }

  #wake(): void {
    if (!this.#visible || !this.#stage || !this.#field) return;
    this.#tick ||= requestAnimationFrame((now) => this.#draw(now));
  }

  #draw(now: number): void {
    this.#tick = 0;
    if (!this.#stage || !this.#field || !this.#visible) return;
    const swaying = this.#orbit.untouched && !this.#still.matches;
    if (swaying) this.#wake();
    const since = now - this.#last;
    if (swaying && !this.#changed && since < TICK) return;
    this.#last = now;
    if (swaying) this.#orbit.sway(Math.min(since, LONGEST));
    if (this.#changed) this.#stage.set(this.#field, this.#tangents, this.#colours);
    this.#changed = false;
    this.#stage.draw(this.#orbit, this.#distance);
  }
}

/** Where the nearest and the farthest look equally far apart: nearer to what stands in front. */
function middleOf(field: DepthField): number {
  const { least, most } = rangeOf(field);
  return 2 / (least + most);
}
