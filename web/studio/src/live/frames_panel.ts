// How many frames come, and where the others stayed.
import { element, fill } from '../dom';
import type { CameraState } from '../../../protocol/answers';
import { DROPS_OVER, type Pace } from './pace';

export class FramesPanel {
  readonly element: HTMLElement;
  readonly #shown = element('dd');
  readonly #given = element('dd');
  readonly #dropped = element('dd');

  constructor() {
    this.element = element(
      'section',
      { class: 'panel', 'aria-label': 'Frames' },
      element('h2', {}, 'Frames'),
      element(
        'dl',
        { class: 'facts' },
        element('dt', {}, 'Shown'),
        this.#shown,
        element('dt', {}, 'Camera gives'),
        this.#given,
        element('dt', {}, 'Dropped'),
        this.#dropped,
      ),
    );
  }

  show(pace: Pace, state: CameraState | null, now: number): void {
    write(this.#shown, `${Math.round(pace.rate(now))} a second`);
    const set = state?.formats[state.format]?.rate;
    write(this.#given, state ? `${Math.round(state.rate)} of ${set ?? '?'} a second` : '…');
    const lines = pace.drops(now).map(({ count, reason }) => `${count}: ${reason}`);
    const text = lines.length ? lines.join('\n') : `none in the last ${DROPS_OVER} seconds`;
    if (this.#dropped.dataset['text'] === text) return;
    this.#dropped.dataset['text'] = text;
    fill(this.#dropped, ...text.split('\n').map((line) => element('div', {}, line)));
  }
}

function write(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}
