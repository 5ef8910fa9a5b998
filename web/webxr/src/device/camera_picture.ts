// The camera's picture behind a page's canvas, where the page leaves it transparent.
//
//   top layer:  page's dom-overlay  ▸  page's canvas  ▸  this: for each view a window with the picture in it
//
// The picture hangs in front of the camera on a plane, and each view sees that plane by its own projection: while
// the viewer is the camera, picture and view coincide whatever the distance; else it is as far off as most rooms.
import { multiplied, projectionOf, rigidInverse, type Matrix } from '../geometry/matrix';
import type { DeviceView, FieldOfView } from './device';

const DISTANCE = 2; // metres
/** How long a canvas is taken to be where it was: to ask has the browser lay the page out. Milliseconds. */
const STAYS = 100;

/** Where on the screen the views are drawn, side by side. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** That of what a canvas shows: where it keeps its shape it may not fill its element. */
export function areaOf(canvas: HTMLCanvasElement): Area {
  const box = canvas.getBoundingClientRect();
  const keeps = getComputedStyle(canvas).objectFit === 'contain';
  const scale = Math.min(box.width / canvas.width, box.height / canvas.height);
  const width = keeps ? canvas.width * scale : box.width;
  const height = keeps ? canvas.height * scale : box.height;
  return {
    left: box.left + (box.width - width) / 2,
    top: box.top + (box.height - height) / 2,
    width,
    height,
  };
}

/** CSS's matrix from a picture's pixels to those of a view's window. */
export function placement(
  picture: { width: number; height: number; edges: FieldOfView },
  view: { width: number; height: number; edges: FieldOfView },
  viewFromPicture: Matrix,
): Matrix {
  const { left, right, up, down } = picture.edges;
  const hung = new Float32Array(16); // from pixels to the plane, in the picture's space
  hung[0] = (DISTANCE * (left + right)) / picture.width;
  hung[5] = (-DISTANCE * (up + down)) / picture.height;
  hung[12] = -DISTANCE * left;
  hung[13] = DISTANCE * up;
  hung[14] = -DISTANCE;
  hung[15] = 1;
  const clip = multiplied(projectionOf(view.edges, 0.01, Infinity), multiplied(viewFromPicture, hung));
  const [x, y] = [view.width / 2, view.height / 2];
  const window = new Float32Array([x, 0, 0, 0, 0, -y, 0, 0, 0, 0, 1, 0, x, y, 0, 1]);
  const css = multiplied(window, clip);
  css[2] = css[6] = css[14] = 0; // flat
  css[10] = 1;
  return css;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Window {
  readonly frame: HTMLElement;
  readonly picture: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D | ImageBitmapRenderingContext | null;
}

const ROOT = {
  position: 'fixed',
  inset: '0',
  margin: '0',
  padding: '0',
  border: '0',
  width: '100%',
  height: '100%',
  'max-width': 'none',
  'max-height': 'none',
  overflow: 'hidden',
  background: '#000',
  display: 'block',
  visibility: 'visible',
  opacity: '1',
  transform: 'none',
  'pointer-events': 'none',
};

export class CameraPicture {
  readonly #canvas: HTMLCanvasElement;
  readonly #root = document.createElement('div');
  /** A page's style sheets say much about canvases: they do not reach in here. */
  readonly #inside = this.#root.attachShadow({ mode: 'closed' });
  #windows: Window[] = [];
  /** Pictures are shown as they are, not drawn: in Chromium software then composes a quarter quicker. */
  #taken = false;
  #placed: readonly unknown[] = [];
  #placedAt = 0;

  /** Enters the top layer: to be called just before the canvas does. */
  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    const root = this.#root;
    root.popover = 'manual';
    for (const [name, value] of Object.entries(ROOT)) root.style.setProperty(name, value, 'important');
    root.dataset['nearfar'] = 'camera';
    root.ariaHidden = 'true';
    document.documentElement.append(root);
    root.showPopover();
  }

  remove(): void {
    this.#root.remove();
  }

  /** Shows a picture, upright as the first view is. Each view gets the same one; one alone may take it away. */
  show(picture: ImageBitmap | VideoFrame, { width, height }: Size, views: number): void {
    const taken = views === 1 && picture instanceof ImageBitmap;
    if (taken !== this.#taken) for (const { frame } of this.#windows.splice(0)) frame.remove();
    this.#taken = taken;
    while (this.#windows.length < views) this.#windows.push(this.#window(taken));
    for (const { picture: shown, context } of this.#windows) {
      if (shown.width !== width || shown.height !== height) {
        shown.width = width;
        shown.height = height;
        this.#placed = [];
      }
      if (!context) continue;
      if ('drawImage' in context) context.drawImage(picture, 0, 0);
      else context.transferFromImageBitmap(picture as ImageBitmap);
    }
  }

  /** Puts the picture where the views see it from where they are. */
  place(views: readonly DeviceView[], deviceFromViewer: Matrix | null): void {
    const now = performance.now();
    const moved = views !== this.#placed[0] || deviceFromViewer !== this.#placed[1];
    if (!moved && now - this.#placedAt < STAYS) return;
    this.#placedAt = now;
    const area = areaOf(this.#canvas);
    const placed: readonly unknown[] = [views, deviceFromViewer, ...Object.values(area)];
    if (placed.every((value, index) => value === this.#placed[index])) return;
    this.#placed = placed;
    const width = area.width / views.length;
    this.#windows.forEach(({ frame, picture }, index) => {
      const view = views[index];
      const edges = view?.projection;
      const camera = views[0]?.projection;
      frame.hidden = !view || !isFieldOfView(edges) || !isFieldOfView(camera);
      if (!view || !isFieldOfView(edges) || !isFieldOfView(camera)) return;
      frame.style.cssText =
        `position:absolute;overflow:hidden;left:${area.left + index * width}px;top:${area.top}px;` +
        `width:${width}px;height:${area.height}px`;
      const matrix = placement(
        { width: picture.width, height: picture.height, edges: camera },
        { width, height: area.height, edges },
        multiplied(rigidInverse(view.viewerFromView), viewerFromCamera(views[0]!, deviceFromViewer)),
      );
      picture.style.transform = `matrix3d(${[...matrix].join()})`;
    });
  }

  #window(taken: boolean): Window {
    const frame = document.createElement('div');
    const picture = document.createElement('canvas');
    picture.style.cssText = 'position:absolute;left:0;top:0;transform-origin:0 0';
    frame.append(picture);
    this.#inside.append(frame);
    const context = taken
      ? picture.getContext('bitmaprenderer', { alpha: false })
      : picture.getContext('2d', { alpha: false });
    this.#placed = [];
    return { frame, picture, context };
  }
}

function isFieldOfView(projection: DeviceView['projection'] | undefined): projection is FieldOfView {
  return projection != null && 'up' in projection;
}

/** The camera is where the first view is while the viewer has not moved. */
function viewerFromCamera(first: DeviceView, deviceFromViewer: Matrix | null): Matrix {
  return deviceFromViewer
    ? multiplied(rigidInverse(deviceFromViewer), first.viewerFromView)
    : first.viewerFromView;
}
