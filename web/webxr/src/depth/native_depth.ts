// The numbers in a device's depth buffer.
import type { XRDepthDataFormat } from './host';

export type Samples = Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

export function isFloat(format: XRDepthDataFormat): boolean {
  return format === 'float32';
}

/** A buffer's numbers, little-endian as every browser is; without a copy where its place in memory allows. */
export function samplesOf(bytes: Uint8Array, format: XRDepthDataFormat): Samples {
  const size = isFloat(format) ? 4 : 2;
  const shared = bytes.buffer instanceof ArrayBuffer && bytes.byteOffset % size === 0;
  const own = (shared ? bytes : bytes.slice()) as Uint8Array<ArrayBuffer>;
  const count = Math.floor(own.byteLength / size);
  return isFloat(format)
    ? new Float32Array(own.buffer, own.byteOffset, count)
    : new Uint16Array(own.buffer, own.byteOffset, count);
}
