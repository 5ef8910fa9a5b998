// The button that records, and how long and how large the take is by now.
import { camera, takes } from '../api';
import { element, fill } from '../dom';
import { attempt } from '../shell/notices';
import type { CameraState, RecordingState } from '../../../protocol/answers';
import { bytesInWords, counted } from '../words';
import type { CameraWatch } from './camera_watch';

export class Recording {
  readonly button = element(
    'button',
    {
      class: 'record',
      type: 'button',
      'aria-pressed': 'false',
      disabled: true,
      onclick: () => void this.#turn(),
    },
    element('span', { class: 'dot', 'aria-hidden': 'true' }),
    element('span', {}, 'Record'),
  );
  readonly progress = element('p', { class: 'progress mono', 'aria-live': 'off' });
  readonly done = element('div', { class: 'taken', role: 'status' });
  readonly #watch: CameraWatch;
  #now: RecordingState | null = null;
  #busy = false;

  constructor(watch: CameraWatch) {
    this.#watch = watch;
  }

  show(state: CameraState): void {
    const before = this.#now;
    this.#now = state.recording;
    this.button.disabled = this.#busy || (!state.recording && state.problem !== null);
    this.button.setAttribute('aria-pressed', String(state.recording !== null));
    this.button.lastElementChild!.textContent = state.recording ? 'Stop recording' : 'Record';
    this.progress.textContent = state.recording ? progressInWords(state.recording) : '';
    if (state.recording) this.done.replaceChildren();
    else if (before) void this.#tellOf(before.name);
  }

  async #tellOf(name: string): Promise<void> {
    const shelf = await attempt(() => takes.all());
    if (!shelf || this.#now) return;
    const there = shelf.takes.some((take) => take.id === name);
    const link = element('a', { href: `#takes/${encodeURIComponent(name)}` }, `Recorded: ${name}`);
    fill(this.done, there ? link : 'Nothing was recorded: no frame came meanwhile.');
  }

  async #turn(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const on = this.#now === null;
    await attempt(() => this.#watch.command(() => camera.record(on)));
    this.#busy = false;
    if (this.#watch.state) this.show(this.#watch.state);
  }
}

/** "0:12 · 34 MB"; and what was lost. */
export function progressInWords({ seconds, bytes, late }: RecordingState): string {
  const whole = Math.floor(seconds);
  const clock = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
  const lost = late ? ` · ${counted(late, 'frame')} not kept: the disk was too slow` : '';
  return `${clock} · ${bytesInWords(bytes)}${lost}`;
}
