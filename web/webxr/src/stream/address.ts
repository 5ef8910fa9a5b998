// Where a stream is, and how depth is best carried from there.
import type { XRDepthDataFormat } from '../depth/host';
import type { DepthCoding } from '../../../protocol/messages';

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** The WebSocket of what a page calls `source`: `/nearfar/stream`, or a whole address. */
export function streamAddress(source: string, base: string): URL {
  const address = new URL(source, base);
  if (address.protocol === 'http:') address.protocol = 'ws:';
  if (address.protocol === 'https:') address.protocol = 'wss:';
  return address;
}

/** On this machine bytes travel faster as they are than they are packed and unpacked; half of them, faster still. */
export function codingFor(address: URL, format: XRDepthDataFormat): DepthCoding {
  if (!LOOPBACK.test(address.hostname)) return 'packed';
  return format === 'float32' ? 'plain' : 'short';
}
