// The broad way for large frames: a body that does not end, read straight into the buffers that pages look at.
//
//   u32 length │ message │ u32 length │ message │ …
//
// Chromium takes a WebSocket's message in pieces of some 60 kB, each in a task of its own on this thread: 1.2 MB
// are 10 ms or more. This way they are 4. A worker reads it where the page can have one: see lane_worker.ts.

type Reader = ReadableStreamBYOBReader;

/** Messages from here on arrive sooner this way, bytes. */
export const LARGE = 1 << 16;

/** Whether this browser can, and the server is ours: a lane elsewhere would need leave (CORS). */
export function hasLanes(stream: URL): boolean {
  const own = stream.host === location.host && location.protocol === 'http:';
  return own && 'ReadableStreamBYOBReader' in globalThis;
}

/** Where the lane is of which a stream's `Hello` states the key. */
export function laneAddress(stream: string, key: string): string {
  const address = new URL(stream);
  address.protocol = 'http:';
  address.pathname += `/${key}`;
  return address.href;
}

/**
 * Gives each message to `take` until the server ends the lane. False: it has none for us, and nothing was lost;
 * fails where it broke off.
 */
export async function readLane(
  address: string,
  signal: AbortSignal,
  take: (message: ArrayBuffer) => void,
): Promise<boolean> {
  const answer = await fetch(address, { signal, cache: 'no-store' });
  if (!answer.ok || !answer.body) return false;
  const reader = answer.body.getReader({ mode: 'byob' });
  for (;;) {
    const head = await filled(reader, 4);
    if (!head) return true;
    const message = await filled(reader, new DataView(head).getUint32(0, true));
    if (!message) throw new TypeError('a lane that ends in a message');
    take(message);
  }
}

/** So many bytes; null where the body has ended. */
async function filled(reader: Reader, length: number): Promise<ArrayBuffer | null> {
  let buffer = new ArrayBuffer(length);
  for (let have = 0; have < length; ) {
    const { done, value } = await reader.read(new Uint8Array(buffer, have));
    if (done && have > 0) throw new TypeError('a lane that breaks off');
    if (done) return null;
    buffer = value.buffer;
    have += value.length;
  }
  return buffer;
}
