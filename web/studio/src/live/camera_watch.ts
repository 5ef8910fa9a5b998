// The camera's state: asked for once a second while somebody looks, and answered by every command.
import { camera } from '../api';
import type { CameraState } from '../../../protocol/answers';

const EVERY = 1000; // milliseconds

export class CameraWatch {
  onstate: ((state: CameraState) => void) | null = null;
  #state: CameraState | null = null;
  #timer = 0;
  #running = false;
  /** Counts commands: an answer that was asked for before one of them is of the past. */
  #commands = 0;
  #asked = 0;

  get state(): CameraState | null {
    return this.#state;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#ask();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  /** Asks now instead of in a while. */
  refresh(): void {
    if (this.#running) void this.#ask();
  }

  /** Runs a command; what the camera is then is known at once. Fails as the command does. */
  async command(run: () => Promise<CameraState>): Promise<void> {
    const command = ++this.#commands;
    const state = await run();
    if (command === this.#commands) this.#take(state);
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    const before = this.#commands;
    try {
      const state = await camera.state();
      if (before === this.#commands && asked === this.#asked && this.#running) this.#take(state);
    } catch {
      // the stream breaks off with it, and says so
    }
    if (this.#running && asked === this.#asked) this.#timer = setTimeout(() => void this.#ask(), EVERY);
  }

  #take(state: CameraState): void {
    this.#state = state;
    this.onstate?.(state);
  }
}
