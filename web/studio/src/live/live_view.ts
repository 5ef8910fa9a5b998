import { element } from '../dom';
import type { View } from '../shell/view';

export class LiveView implements View {
  readonly element = element('section', { class: 'view live', 'aria-label': 'Live' });

  show(_rest: string): void {
    // nothing is here yet
  }

  hide(): void {
    // nothing runs
  }
}
