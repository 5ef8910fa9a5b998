// The stream while it is looked at: the newest frame, drawn when the display is; nothing while nobody looks.
//
//   StreamClient ─ frame ─▶ next ─ display's turn ─▶ draw      one that is replaced before is never drawn
import { codingFor, streamAddress } from '../../../webxr/src/stream/address';
import { StreamClient } from '../../../webxr/src/stream/client';
import type { StreamFrame } from '../../../webxr/src/stream/decoding';
import type { DepthType, Hello } from '../../../protocol/messages';
import { Pace } from './pace';
import type { Over } from './trouble';

const STREAM = '/nearfar/stream';

export interface Wish {
  readonly color: boolean;
  readonly depthType: DepthType;
  readonly confidence: boolean;
}

export interface LiveListener {
  /** A camera begins: its first frame follows. */
  hello(hello: Hello): void;
  /** To be drawn now. The picture is closed behind it. */
  frame(frame: StreamFrame): void;
  /** No frame follows until the next `hello`. */
  over(over: Over): void;
}

export class LiveStream {
  readonly pace = new Pace();
  readonly #listener: LiveListener;
  #client: StreamClient | null = null;
  #next: StreamFrame | null = null;
  #turn = 0;
  #refusal: Over | null = null;

  constructor(listener: LiveListener) {
    this.#listener = listener;
  }

  open(wish: Wish): void {
    if (this.#client) return;
    this.#refusal = null;
    const address = streamAddress(STREAM, location.href);
    const client = (this.#client = new StreamClient(address.href, {
      hello: (hello) => {
        if (client !== this.#client) return;
        this.pace.begin(seconds());
        this.#forget();
        this.#listener.hello(hello);
      },
      frame: (frame) => this.#take(frame),
      lost: () => {
        const over: Over = this.#refusal ?? { how: 'lost', reason: '' };
        this.#refusal = null; // the next attempt may fail otherwise
        this.#listener.over(over);
      },
      told: ({ type, reason }) => {
        const over: Over = { how: type === 'ended' ? 'ended' : 'refused', reason };
        if (over.how === 'refused') this.#refusal = over; // the stream is closed behind it
        this.#listener.over(over);
      },
    }));
    this.want(wish);
  }

  want({ color, depthType, confidence }: Wish): void {
    const depth = codingFor(streamAddress(STREAM, location.href), 'float32');
    this.#client?.want({ depth, color, depthType, confidence });
  }

  close(): void {
    this.#client?.close();
    this.#client = null;
    this.#forget();
  }

  #take(frame: StreamFrame): void {
    const now = seconds();
    this.pace.came(frame.message.sequence, now);
    if (this.#next) this.pace.settled(false, now);
    this.#next?.picture?.close();
    this.#next = frame;
    this.#turn ||= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#turn = 0;
    const frame = this.#next;
    this.#next = null;
    if (!frame) return;
    this.pace.settled(true, seconds());
    this.#listener.frame(frame);
    frame.picture?.close();
  }

  #forget(): void {
    cancelAnimationFrame(this.#turn);
    this.#turn = 0;
    this.#next?.picture?.close();
    this.#next = null;
  }
}

/** Of the page's clock. */
export function seconds(): number {
  return performance.now() / 1000;
}
