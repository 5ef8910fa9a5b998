// Depth frames of docs/frame-format.md, as raw values of WebXR: 16 bits or floats, in which 0 is a hole.
//
//   header ─ payload ─▶ inflate ─▶ planes of bytes ─▶ zig-zag differences ─▶ samples (─▶ places in a palette)
//
// Only zlib is undone: browsers do that by themselves. The transport has a checksum, so that of a packet is not
// computed again.

const HEADER = 16;
const LONGEST_PALETTE = 65536;
const MOST_PIXELS = 1 << 24;

export interface DecodedDepth {
  readonly bytes: Uint8Array;
  readonly format: 'unsigned-short' | 'float32';
  readonly width: number;
  readonly height: number;
  readonly rawValueToMeters: number;
}

export class FrameError extends Error {
  override name = 'FrameError';
}

export async function decodeFrame(packet: Uint8Array): Promise<DecodedDepth> {
  if (packet.length < HEADER) throw new FrameError('a depth frame that ends in its header');
  const view = new DataView(packet.buffer, packet.byteOffset, HEADER);
  if (view.getUint16(0) !== 0x647a || (view.getUint8(2) & 15) !== 1)
    throw new FrameError('not a depth frame of version 1');
  const coding = view.getUint8(3);
  const samples = coding & 3;
  const palette = (coding >> 2) & 3;
  const floats = samples === 2;
  if ((samples !== 0 && !floats) || palette > (floats ? 0 : 1) || coding >> 4 !== 1)
    throw new FrameError(`a depth frame of coding ${coding}, which is not for WebXR`);
  const width = view.getUint16(4, true);
  const height = view.getUint16(6, true);
  const count = width * height;
  if (count === 0 || count > MOST_PIXELS) throw new FrameError(`a depth frame of ${width}×${height} pixels`);
  const scale = view.getFloat32(8, true);
  if (!(scale > 0 && scale < Infinity)) throw new FrameError(`a depth frame of scale ${scale}`);
  const least = count * (floats ? 4 : 2);
  const body = await inflate(packet.subarray(HEADER), least + 2 * LONGEST_PALETTE * palette);
  const entries = (body.length - least) / 2;
  if (palette ? !(entries >= 1 && Number.isInteger(entries)) : entries !== 0)
    throw new FrameError(`a depth frame with a body of ${body.length} bytes`);
  let values: Uint16Array | Float32Array;
  if (floats) values = floats32(body, count);
  else {
    values = samples16(body, 0, count);
    if (palette) lookUp(values, samples16(body, least, entries));
  }
  return {
    bytes: new Uint8Array(values.buffer),
    format: floats ? 'float32' : 'unsigned-short',
    width,
    height,
    rawValueToMeters: scale,
  };
}

/** The bytes of a zlib stream; no more than `most` of them are ever held. */
async function inflate(payload: Uint8Array, most: number): Promise<Uint8Array> {
  const stream = new Blob([payload as Uint8Array<ArrayBuffer>]).stream();
  const reader = stream.pipeThrough(new DecompressionStream('deflate')).getReader();
  const body = new Uint8Array(most);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return body.subarray(0, length);
    if (length + value.length > most) {
      void reader.cancel();
      throw new FrameError('a depth frame with more in it than its header says');
    }
    body.set(value, length);
    length += value.length;
  }
}

function samples16(body: Uint8Array, start: number, count: number): Uint16Array {
  const values = new Uint16Array(count);
  let before = 0;
  for (let i = 0, low = start, high = start + count; i < count; i++) {
    const z = body[low++]! | (body[high++]! << 8);
    before = (before + ((z >> 1) ^ -(z & 1))) & 0xffff;
    values[i] = before;
  }
  return values;
}

function floats32(body: Uint8Array, count: number): Float32Array {
  const bits = new Int32Array(count);
  let before = 0;
  for (let i = 0; i < count; i++) {
    const z =
      body[i]! | (body[i + count]! << 8) | (body[i + 2 * count]! << 16) | (body[i + 3 * count]! << 24);
    before = (before + ((z >>> 1) ^ -(z & 1))) | 0;
    bits[i] = before;
  }
  const values = new Float32Array(bits.buffer);
  for (let i = 0; i < count; i++) if (values[i] !== values[i]) values[i] = 0; // a hole is NaN there, 0 here
  return values;
}

function lookUp(places: Uint16Array, palette: Uint16Array): void {
  for (let i = 0; i < places.length; i++) {
    const entry = palette[places[i]!];
    if (entry === undefined) throw new FrameError('a depth frame with a place outside its palette');
    places[i] = entry;
  }
}
