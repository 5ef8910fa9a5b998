// Which moment of a take it is: it stands, or runs on with the page's clock, over and over where it loops.

const USUAL = 1 / 30; // seconds that the last frame stays where nothing tells

export class PlayClock {
  /** Whether it begins anew at the end. */
  loop = true;
  readonly #times: readonly number[];
  readonly #length: number;
  #moment = 0;
  #since: number | null = null;

  /** `times`: seconds of each frame since the first, never backwards. */
  constructor(times: readonly number[]) {
    this.#times = times;
    const last = times.length - 1;
    const pause = last > 0 ? times[last]! / last : USUAL;
    this.#length = last >= 0 ? times[last]! + pause : 0;
  }

  /** Seconds from the first frame to the last. */
  get duration(): number {
    return this.#times[this.#times.length - 1] ?? 0;
  }

  get playing(): boolean {
    return this.#since !== null;
  }

  /** Runs from where it stands, or from the begin where it stands at the end. `now`: milliseconds. */
  play(now: number): void {
    if (this.#moment >= this.duration) this.#moment = 0;
    this.#since = now;
  }

  pause(now: number): void {
    this.#moment = this.at(now);
    this.#since = null;
  }

  /** Goes to a moment, seconds; it runs on from there if it ran. */
  seek(moment: number, now: number): void {
    this.#moment = Math.min(this.duration, Math.max(0, moment));
    if (this.#since !== null) this.#since = now;
  }

  /** The moment, seconds. At the end it stands, unless it loops. */
  at(now: number): number {
    if (this.#since === null) return this.#moment;
    const gone = this.#moment + (now - this.#since) / 1000;
    if (this.loop) return this.#length > 0 ? Math.min(gone % this.#length, this.duration) : 0;
    if (gone < this.#length) return Math.min(gone, this.duration);
    this.#moment = this.duration;
    this.#since = null;
    return this.#moment;
  }

  /** The frame that is seen at a moment: the last that had come. */
  frameAt(moment: number): number {
    let low = 0;
    let high = this.#times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#times[middle]! <= moment + 1e-9) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The moment of the frame that is so many after the one that is seen. */
  stepped(steps: number, now: number): number {
    const frame = this.frameAt(this.at(now)) + steps;
    return this.#times[Math.min(this.#times.length - 1, Math.max(0, frame))] ?? 0;
  }
}
