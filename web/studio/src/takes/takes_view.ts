import { element } from '../dom';
import type { View } from '../shell/view';

export class TakesView implements View {
  readonly element = element('section', { class: 'view takes', 'aria-label': 'Takes' });

  show(_rest: string): void {
    // nothing is here yet
  }

  hide(): void {
    // nothing runs
  }
}
