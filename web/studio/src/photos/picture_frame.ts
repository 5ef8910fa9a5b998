// A box of a picture's shape, as large as the window has room for.
import { element, type Child } from '../dom';

export function pictureFrame(width: number, height: number, ...children: Child[]): HTMLElement {
  const frame = element('div', { class: 'frame' }, ...children);
  frame.style.setProperty('--ratio', String(width / height));
  return frame;
}
