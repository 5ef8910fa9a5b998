// The lane in a thread of its own, so that a page waits neither for bytes nor for pictures.
//
//   page ── address ─▶ worker: lane ─▶ decoded ─▶ picture as pixels ── Arrived ─▶ page
//
// The worker runs the script that the page has.
import type { FromServer } from '../../../protocol/messages';
import { decodeFrameMessage, type StreamFrame } from './decoding';
import { readLane } from './lane';
import { readMessage } from './wire';

/** A message, and what is in it if it is a frame; or why it could not be read. */
export interface Arrived {
  readonly message?: FromServer;
  readonly frame?: StreamFrame;
  readonly error?: unknown;
}

/** How the lane ended: what `readLane` says, or why it fails. */
interface Over {
  readonly works?: boolean;
  readonly failed?: unknown;
}

/** `readLane`, its messages decoded. Null: this page cannot have such a worker, and nothing was asked of the server. */
export function readLaneAside(
  script: string,
  address: string,
  signal: AbortSignal,
  take: (arrived: Arrived) => void,
): Promise<boolean | null> {
  let worker: Worker;
  try {
    worker = new Worker(script);
  } catch {
    return Promise.resolve(null); // the script is from elsewhere, or the page's policy forbids it
  }
  const over = new Promise<boolean | null>((resolve, reject) => {
    signal.onabort = () => reject(signal.reason as Error);
    worker.onerror = () => resolve(null);
    worker.onmessage = ({ data }: MessageEvent<Arrived & Over>) => {
      if (data.works !== undefined) resolve(data.works);
      else if (data.failed) reject(data.failed as Error);
      else take(data);
    };
  });
  worker.postMessage(address);
  return over.finally(() => worker.terminate());
}

/** The worker's end. */
export function serveLane(): void {
  onmessage = async ({ data: address }: MessageEvent<string>) => {
    let sent = Promise.resolve(); // once all is that has come
    try {
      const works = await readLane(address, new AbortController().signal, (bytes) => {
        const next = send(bytes);
        sent = sent.then(() => next);
      });
      await sent;
      postMessage({ works } satisfies Over);
    } catch (failed) {
      postMessage({ failed } satisfies Over);
    }
  };
}

async function send(bytes: ArrayBuffer): Promise<void> {
  let message: FromServer | undefined;
  try {
    const wire = readMessage(bytes);
    message = wire.header;
    if (message.type !== 'frame') return postMessage({ message } satisfies Arrived);
    const decoded = await decodeFrameMessage(message, wire);
    const { depth, confidence } = decoded;
    const picture = decoded.picture && (await pixelsOf(decoded.picture));
    const moved = new Set([depth?.bytes.buffer, confidence?.buffer, picture].filter((each) => !!each));
    const frame = { ...decoded, picture };
    postMessage({ message, frame } satisfies Arrived, { transfer: [...moved] as Transferable[] });
  } catch (error) {
    postMessage({ ...(message && { message }), error } satisfies Arrived);
  }
}

/** A picture that the page can draw without waiting; that which is given is closed. */
async function pixelsOf(picture: ImageBitmap | VideoFrame): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(picture);
  } finally {
    picture.close();
  }
}
