// The page's end of the stream: opens the WebSocket, and again when it is lost; takes frames, newest first.
//
//   server ── Hello, FrameMessage … ──▶ decode ──▶ listener
//          ◀── Wanted; Taken for each ──┘
//
// At most two frames are on their way, so a slow page gets fewer frames and never older ones. Once a large one has
// come, those behind it come by the lane.
import { PROTOCOL, type Ended, type FrameMessage, type FromPage, type FromServer, type Hello, type Problem, type Wanted } from '../../../protocol/messages';
import { decodeFrameMessage, type StreamFrame } from './decoding';
import { hasLanes, laneAddress, LARGE, readLane } from './lane';
import { readLaneAside } from './lane_worker';
import { readMessage, writeMessage } from './wire';

const FIRST_DELAY = 250; // milliseconds
const LONGEST_DELAY = 4000;

export interface StreamListener {
  hello(hello: Hello): void;
  frame(frame: StreamFrame): void;
  /** No frame comes until the next `hello`. */
  lost(): void;
  /** What the server says in words: the device has ended, or why it closes the stream. Without it, to the console. */
  told?(message: Ended | Problem): void;
}

type Decode = (message: FrameMessage) => StreamFrame | Promise<StreamFrame>;

/** How long to wait before the next attempt, after so many that failed in a row. */
export function delayAfter(failures: number): number {
  return Math.min(FIRST_DELAY * 2 ** failures, LONGEST_DELAY);
}

export class StreamClient {
  readonly #url: string;
  readonly #listener: StreamListener;
  /** Of the worker that reads lanes; empty where there can be none. */
  #script: string;
  #socket: WebSocket | null = null;
  #wanted: Wanted = { type: 'wanted', depth: null, color: false, depthType: null, confidence: false };
  #failures = 0;
  #newest = -1;
  #closed = false;
  #retry = 0;
  #saidLost = false;
  #saidBad = false;
  #lane: AbortController | null = null;
  /** Where the lane is; null: there is none for this page. */
  #laneAddress: string | null = null;
  #narrow: boolean;

  /** `script`: the address of one that is `serveLane()` in a worker; without it all is done on this thread. */
  constructor(url: string, listener: StreamListener, script = '') {
    this.#url = url;
    this.#listener = listener;
    this.#script = script;
    this.#narrow = !hasLanes(new URL(url));
    this.#open();
  }

  /** What frames are to carry from now on; what is not named is not wanted. */
  want({ depth = null, color = false, depthType = null, confidence = false }: Partial<Wanted>): void {
    this.#wanted = { type: 'wanted', depth, color, depthType, confidence };
    this.#send(this.#wanted);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    const socket = this.#socket;
    // Browsers warn of one that is closed before it is open.
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
    this.#lane?.abort();
    this.#socket = null; // a frame that is being decoded is nobody's any more
  }

  #open(): void {
    const socket = new WebSocket(this.#url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.#send(this.#wanted);
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      this.#take(socket, event.data);
      if (event.data instanceof ArrayBuffer && event.data.byteLength >= LARGE) void this.#openLane(socket);
    };
    socket.onclose = () => {
      this.#lose();
    };
    this.#socket = socket;
  }

  async #openLane(socket: WebSocket): Promise<void> {
    if (this.#lane || !this.#laneAddress || !this.#wanted.depth || socket !== this.#socket) return;
    const lane = (this.#lane = new AbortController());
    const address = this.#laneAddress;
    let came = false;
    let works: boolean | null = null;
    try {
      if (this.#script) {
        works = await readLaneAside(this.#script, address, lane.signal, ({ message, frame, error }) => {
          came = true;
          if (message) this.#handle(socket, message, () => frame ?? Promise.reject(error as Error));
          else this.#complain(error);
        });
        if (works === null) this.#script = ''; // nor for the next lane: browsers print a line each time
      }
      works ??= await readLane(address, lane.signal, (message) => {
        came = true;
        this.#take(socket, message);
      });
    } catch {
      works = came;
      socket.close(); // what was on it is lost, and the server waits for word of it: both begin anew
    }
    if (this.#lane !== lane) return;
    this.#lane = null;
    if (!works) this.#laneAddress = null;
    this.#narrow = !works;
  }

  #lose(): void {
    this.#socket = null;
    this.#lane?.abort();
    this.#lane = null;
    this.#laneAddress = null;
    if (this.#closed) return;
    if (!this.#saidLost) {
      console.warn(`nearfar: no stream from ${this.#url}; trying again until there is one`);
      this.#saidLost = true;
    }
    this.#listener.lost();
    this.#retry = setTimeout(() => {
      this.#open();
    }, delayAfter(this.#failures++));
  }

  #send(message: FromPage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(writeMessage(message));
  }

  #take(socket: WebSocket, data: unknown): void {
    try {
      if (!(data instanceof ArrayBuffer)) throw new TypeError('a message that is text');
      const wire = readMessage(data);
      this.#handle(socket, wire.header, (message) => decodeFrameMessage(message, wire));
    } catch (error) {
      this.#complain(error);
    }
  }

  #handle(socket: WebSocket, message: FromServer, decode: Decode): void {
    if (message.type === 'frame') void this.#takeFrame(socket, message, decode);
    else if (message.type === 'hello') this.#greet(message);
    else if (this.#listener.told) this.#listener.told(message);
    else console.warn(`nearfar: ${message.reason}`);
  }

  #greet(hello: Hello): void {
    if (hello.protocol !== PROTOCOL) {
      this.close();
      console.error(`nearfar: the server speaks protocol ${hello.protocol}, this page ${PROTOCOL}: reload it`);
      return;
    }
    if (this.#saidLost) console.info(`nearfar: ${hello.device} is back`);
    this.#saidLost = false;
    this.#newest = -1;
    this.#laneAddress = this.#narrow ? null : laneAddress(this.#url, hello.lane);
    this.#listener.hello(hello);
  }

  async #takeFrame(socket: WebSocket, message: FrameMessage, decode: Decode): Promise<void> {
    let frame: StreamFrame | null = null;
    try {
      frame = await decode(message);
    } catch (error) {
      this.#complain(error);
    }
    if (socket === this.#socket) {
      this.#send({ type: 'taken', sequence: message.sequence });
      // The same one comes again, with more in it, when a page wants more of the last there is.
      if (frame && message.sequence >= this.#newest) {
        this.#newest = message.sequence;
        this.#failures = 0; // not before: a device may fail as soon as it has started
        this.#listener.frame(frame);
        return;
      }
    }
    frame?.picture?.close();
  }

  /** A frame that cannot be taken is passed over; the first is told of. */
  #complain(error: unknown): void {
    if (!this.#saidBad) console.error('nearfar: a message could not be read:', error);
    this.#saidBad = true;
  }
}
