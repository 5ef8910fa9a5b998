// The page's own canvas as an immersive session's display: lifted over the page where it stands, without a
// move in the DOM, and put back as it was.
//
//   top layer:   black ground  ·  the camera's picture  ·  the canvas  ·  the DOM overlay's root
import type { Device } from '../device/device';
import type { Session } from './states';

const FILLED = { position: 'fixed', inset: '0', margin: '0', border: '0', 'box-sizing': 'border-box' };
const SIZED = {
  width: '100%',
  height: '100%',
  'max-width': 'none',
  'max-height': 'none',
  transform: 'none',
  transition: 'none',
};
const BEHIND = { ...FILLED, ...SIZED, padding: '0', background: '#000', overflow: 'hidden' };
const CANVAS = {
  ...FILLED,
  ...SIZED,
  padding: '0',
  background: 'transparent',
  display: 'block',
  visibility: 'visible',
  opacity: '1',
  'object-fit': 'contain',
  'touch-action': 'none',
  'pointer-events': 'auto',
};
const OVERLAY = { ...FILLED, ...SIZED, background: 'transparent', overflow: 'auto' };

/** Makes a canvas the display of a session, in place of the one before. */
export function present(session: Session, canvas: HTMLCanvasElement, size: Size): void {
  session.surface?.release();
  session.surface = new Surface(canvas, size, session.overlay, session.device);
  session.inputs?.listen(canvas);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export class Surface {
  readonly canvas: HTMLCanvasElement;
  readonly width: number;
  readonly height: number;
  readonly #undo: (() => unknown)[] = [];
  /** What pages may move in the DOM, from the lower to the upper. */
  readonly #lifted: HTMLElement[];

  constructor(
    canvas: HTMLCanvasElement,
    size: Size,
    overlay: HTMLElement | null,
    device: Device | null,
  ) {
    this.canvas = canvas;
    this.width = size.width;
    this.height = size.height;
    const sized = attributes(canvas, ['width', 'height']);
    const behind = document.createElement('div');
    document.body.append(behind);
    this.#lift(behind, BEHIND);
    this.#undo.push(() => behind.remove());
    try {
      device?.surface?.(canvas);
    } catch (error) {
      reportError(error); // the page's picture is shown all the same
    }
    if (!canvas.isConnected) {
      const { body } = document;
      body.append(canvas);
      this.#undo.push(() => canvas.parentNode === body && canvas.remove()); // else the page has a place for it
    }
    this.#lift(canvas, CANVAS);
    this.#lifted = overlay ? [canvas, overlay] : [canvas];
    if (overlay) {
      const { color, padding, touchAction } = getComputedStyle(overlay); // popovers have others
      // A touch that pans selects nothing; what scrolls inside the overlay still does.
      const touch = touchAction === 'auto' ? 'none' : touchAction;
      this.#lift(overlay, { ...OVERLAY, color, padding, 'touch-action': touch });
    }
    this.fit();
    this.#undo.push(sized);
  }

  /** Gives the canvas its size and its place on top again, where the page has changed it. */
  fit(): void {
    if (this.#lifted.some(isHidden))
      for (const element of this.#lifted.filter(({ isConnected, popover }) => isConnected && popover)) {
        element.hidePopover(); // all again, so that their order stays
        element.showPopover();
      }
    if (this.canvas.width !== this.width) this.canvas.width = this.width;
    if (this.canvas.height !== this.height) this.canvas.height = this.height;
  }

  release(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
    window.dispatchEvent(new Event('resize'));
  }

  /** Into the top layer, over what the browser and the page say of an element's place. */
  #lift(element: HTMLElement, style: Readonly<Record<string, string>>): void {
    for (let parent = element.parentElement; parent; parent = parent.parentElement) this.#uncover(parent);
    const before = attributes(element, ['style', 'popover']);
    element.popover = 'manual';
    for (const [name, value] of Object.entries(style)) element.style.setProperty(name, value, 'important');
    element.showPopover();
    this.#undo.push(() => {
      if (element.isConnected && element.popover) element.hidePopover();
      before();
    });
  }

  /** The top layer shows nothing of a parent that is not rendered: such a one has no box for a while, but contents. */
  #uncover(parent: HTMLElement): void {
    if (getComputedStyle(parent).display !== 'none') return;
    this.#undo.push(attributes(parent, ['style']));
    parent.style.setProperty('display', 'contents', 'important');
  }
}

/** A popover that is not shown, since it was moved in the DOM. */
function isHidden(element: HTMLElement): boolean {
  return element.isConnected && element.popover !== null && !element.matches(':popover-open');
}

/** Notes an element's attributes; the function gives back those that have changed since. */
function attributes(element: HTMLElement, names: readonly string[]): () => void {
  const before = names.map((name) => [name, element.getAttribute(name)] as const);
  return () => {
    for (const [name, value] of before) {
      const now = element.getAttribute(name); // asked first: Chromium else leaves an empty style behind
      if (value === null) element.removeAttribute(name);
      else if (now === value) continue;
      else if (name === 'style') element.style.cssText = value; // a page's policy may forbid the attribute
      else element.setAttribute(name, value);
    }
  };
}
