// The camera's state: asked for once a second while somebody looks, and answered by every command.
//
// Where nothing answers it is asked for less and less often, for browsers print a line each time; and at once
// when somebody comes back to the window, or the network does.
import { camera } from '../api';
import type { CameraState } from '../../../protocol/answers';

const EVERY = 1000; // milliseconds
const LONGEST = 5000; // between two of them, where nothing answers

export class CameraWatch {
  onstate: ((state: CameraState) => void) | null = null;
  /** Called whenever no answer came. */
  onsilence: (() => void) | null = null;
  /** Called when one came after all. */
  onback: (() => void) | null = null;
  #state: CameraState | null = null;
  #timer = 0;
  #running = false;
  /** Counts commands: an answer that was asked for before one of them is of the past. */
  #commands = 0;
  #asked = 0;
  #unanswered = 0;

  get state(): CameraState | null {
    return this.#state;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    addEventListener('focus', this.#again);
    addEventListener('online', this.#again);
    void this.#ask();
  }

  stop(): void {
    this.#running = false;
    removeEventListener('focus', this.#again);
    removeEventListener('online', this.#again);
    clearTimeout(this.#timer);
  }

  readonly #again = (): void => {
    if (this.#unanswered > 0) this.refresh();
  };

  /** Asks now instead of in a while. */
  refresh(): void {
    if (this.#running) void this.#ask();
  }

  /** Runs a command; what the camera is then is known at once. Fails as the command does. */
  async command(run: () => Promise<CameraState>): Promise<void> {
    const command = ++this.#commands;
    const state = await run();
    if (command !== this.#commands) return;
    this.#commands++; // what was asked while it ran is of the past, too
    this.#take(state);
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    const before = this.#commands;
    const state = await camera.state().catch(() => null);
    if (!this.#running || asked !== this.#asked) return;
    const back = state !== null && this.#unanswered > 0;
    this.#unanswered = state ? 0 : this.#unanswered + 1;
    const pause = Math.min(LONGEST, EVERY * 2 ** Math.max(0, this.#unanswered - 1));
    this.#timer = setTimeout(() => void this.#ask(), pause);
    if (!state) this.onsilence?.();
    if (back) this.onback?.();
    if (state && before === this.#commands) this.#take(state);
  }

  #take(state: CameraState): void {
    this.#state = state;
    this.onstate?.(state);
  }
}
