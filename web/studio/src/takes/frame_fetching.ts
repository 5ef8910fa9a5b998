// Frames of a take from the server: one at a time, and of those that are wanted meanwhile only the last.
import type { FrameMessage } from '../../../protocol/messages';
import { codingFor } from '../../../webxr/src/stream/address';
import { decodeFrameMessage, type StreamFrame } from '../../../webxr/src/stream/decoding';
import { readMessage } from '../../../webxr/src/stream/wire';
import { request, takes } from '../api';

export class FrameFetching {
  readonly #id: string;
  readonly #onframe: (frame: StreamFrame) => void;
  readonly #onproblem: (problem: unknown) => void;
  readonly #ending = new AbortController();
  #wanted = -1;
  #got = -1;
  #busy = false;

  /** `onframe` closes the picture. */
  constructor(id: string, onframe: (frame: StreamFrame) => void, onproblem: (problem: unknown) => void) {
    this.#id = id;
    this.#onframe = onframe;
    this.#onproblem = onproblem;
  }

  /** Asks for a frame, unless it is the one that was got last. */
  want(number: number): void {
    this.#wanted = number;
    if (!this.#busy) void this.#follow();
  }

  /** Nothing is asked for any more, and nothing comes. */
  stop(): void {
    this.#ending.abort();
  }

  async #follow(): Promise<void> {
    this.#busy = true;
    while (this.#wanted !== this.#got && !this.#ending.signal.aborted) {
      const number = this.#wanted;
      try {
        const frame = await this.#fetch(number);
        if (this.#ending.signal.aborted) frame.picture?.close();
        else this.#onframe(frame);
      } catch (problem) {
        if (!this.#ending.signal.aborted) this.#onproblem(problem);
      }
      this.#got = number; // one that cannot be read is not asked for again and again
    }
    this.#busy = false;
  }

  async #fetch(number: number): Promise<StreamFrame> {
    const depth = codingFor(new URL(location.href), 'float32');
    const address = takes.address(this.#id, `frames/${number}`, { depth });
    const response = await request(address, { signal: this.#ending.signal });
    const wire = readMessage<FrameMessage>(await response.arrayBuffer());
    return decodeFrameMessage(wire.header, wire);
  }
}
