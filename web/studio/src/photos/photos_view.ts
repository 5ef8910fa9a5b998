import { element } from '../dom';
import type { View } from '../shell/view';

export class PhotosView implements View {
  readonly element = element('section', { class: 'view photos', 'aria-label': 'Photos' });

  show(_rest: string): void {
    // nothing is here yet
  }

  hide(): void {
    // nothing runs
  }
}
