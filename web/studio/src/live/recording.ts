// The button that records, how long and how large the take is by now, and what became of it.
import { camera, takes } from '../api';
import { element, fill } from '../dom';
import { takeAddress } from '../shell/addresses';
import { attempt } from '../shell/notices';
import type { CameraState, RecordingState, TakeEntry } from '../../../protocol/answers';
import { bytesInWords, counted, stemOf } from '../words';
import type { CameraWatch } from './camera_watch';

const NOTHING = 'Nothing was recorded: no frame came from the camera.';

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
  /** What became of the last one. */
  readonly done = element('div', { class: 'taken', role: 'status' });
  /** Called when one has begun, and when one is over: then with its take, unless nothing was recorded. */
  onchange: ((done: TakeEntry | null) => void) | null = null;
  readonly #watch: CameraWatch;
  #now: RecordingState | null = null;
  #busy = false;

  constructor(watch: CameraWatch) {
    this.#watch = watch;
  }

  show({ recording, problem, formats }: CameraState): void {
    const before = this.#now;
    this.#now = recording;
    this.button.disabled = this.#busy || (!recording && formats.length === 0); // a camera that ended may be back
    this.button.setAttribute('aria-pressed', String(recording !== null));
    this.button.lastElementChild!.textContent = recording ? 'Stop recording' : 'Record';
    this.progress.textContent = recording ? progressInWords(recording) : '';
    if (recording) this.done.replaceChildren();
    if (before && before.name !== recording?.name) void this.#end(before.name, problem !== null);
    else if (!before && recording) this.onchange?.(null);
  }

  /** Nobody looks: what becomes of the one that is under way is told elsewhere. */
  forget(): void {
    this.#now = null;
  }

  /** `told`: the camera has said why it ended. */
  async #end(name: string, told: boolean): Promise<void> {
    const shelf = await attempt(() => takes.all());
    if (this.#now) this.onchange?.(null); // the next one has begun
    if (!shelf || this.#now) return;
    const take = shelf.takes.find(({ id }) => id === name) ?? null;
    const link = take && element('a', { href: takeAddress(name) }, `Recorded: ${stemOf(take.name)}`);
    fill(this.done, link ?? (told ? null : NOTHING));
    this.onchange?.(take);
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
function progressInWords({ seconds, bytes, late }: RecordingState): string {
  const whole = Math.floor(seconds);
  const clock = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
  const lost = late ? ` · ${counted(late, 'frame')} not kept: the disk was too slow` : '';
  return `${clock} · ${bytesInWords(bytes)}${lost}`;
}
