// A take that is open: its pictures, playing, and what may be done with it.
import type { TakeDetails, TakeEntry, TakeShelf } from '../../../protocol/answers';
import type { StreamFrame } from '../../../webxr/src/stream/decoding';
import { camera, takes } from '../api';
import { breakable, element, fill } from '../dom';
import { asked } from '../shell/asking';
import { attempt, tell, tellProblem } from '../shell/notices';
import { FrameFetching } from './frame_fetching';
import { PlayClock } from './play_clock';
import { TakePanes } from './take_panes';
import { lineOf, nameOf } from './take_words';
import { Transport } from './transport';

const KEYS = 'Space plays and pauses. On the slider, arrows go frame by frame.';

export class TakePlayer {
  readonly element = element('div', { class: 'stage player' });
  /** Called when the take was deleted, with those that are left. */
  ondeleted: ((shelf: TakeShelf) => void) | null = null;
  readonly #panes = new TakePanes();
  #entry: TakeEntry | null = null;
  #transport: Transport | null = null;
  #fetching: FrameFetching | null = null;

  /** The take that is open. */
  get entry(): TakeEntry | null {
    return this.#entry;
  }

  /** Shows a take's first frame. */
  open({ entry, times }: TakeDetails): void {
    this.close();
    this.#entry = entry;
    let first = true;
    const draw = (frame: StreamFrame) => {
      this.#panes.show(frame, first);
      first = false;
    };
    this.#fetching = new FrameFetching(entry.id, draw, tellProblem);
    const fetching = this.#fetching;
    this.#transport = new Transport(new PlayClock(times), (number) => fetching.want(number));
    const keys = element('p', { class: 'soft keys' }, KEYS);
    fill(this.element, this.#head(entry), this.#panes.element, this.#transport.element, keys);
    this.#transport.begin();
  }

  /** Shows why a take cannot be played. */
  refuse(entry: TakeEntry, words: string): void {
    this.close();
    this.#entry = entry;
    fill(this.element, this.#head(entry), element('p', { class: 'panel plain' }, words));
  }

  /** Shows that there is nothing. */
  say(title: string, words: string): void {
    this.close();
    fill(this.element, element('div', { class: 'panel plain' }, element('h1', {}, title), element('p', {}, words)));
  }

  toggle(): void {
    this.#transport?.toggle();
  }

  pause(): void {
    this.#transport?.pause();
  }

  /** Stops all that runs. */
  close(): void {
    this.#transport?.pause();
    this.#fetching?.stop();
    this.#panes.rest();
    this.#transport = null;
    this.#fetching = null;
    this.#entry = null;
  }

  #head(entry: TakeEntry): HTMLElement {
    const whole = !entry.problem && !entry.recording;
    const download = { class: 'button', href: takes.address(entry.id, 'download'), download: entry.name };
    const look = { type: 'button', onclick: () => void this.#lookThrough() };
    const remove = { type: 'button', class: 'danger', onclick: () => void this.#delete() };
    return element(
      'header',
      { class: 'head' },
      element(
        'div',
        { class: 'spread' },
        element(
          'div',
          {},
          element('h1', {}, breakable(nameOf(entry))),
          element('p', { class: 'soft' }, entry.title && `${entry.title} · `, lineOf(entry)),
        ),
        !entry.recording && element('button', remove, 'Delete…'),
      ),
      element(
        'div',
        { class: 'row' },
        whole && this.#panes.choice,
        whole && element('button', look, 'Use as the camera'),
        !entry.recording && element('a', download, 'Download MCAP'),
      ),
    );
  }

  /** Makes the take the camera of the live view. */
  async #lookThrough(): Promise<void> {
    const entry = this.#entry;
    if (!entry) return;
    const state = await attempt(() => camera.choose({ device: entry.device }));
    if (state) location.hash = '#live';
  }

  async #delete(): Promise<void> {
    const entry = this.#entry;
    if (!entry) return;
    const sure = await asked({
      title: `Delete the take ${nameOf(entry)}?`,
      words: 'It cannot be brought back. Download it first if you want to keep it.',
      yes: 'Delete',
    });
    if (!sure) return;
    const left = await attempt(() => takes.remove(entry.id));
    if (!left) return;
    tell(`${nameOf(entry)} is deleted.`);
    this.ondeleted?.(left);
  }
}
