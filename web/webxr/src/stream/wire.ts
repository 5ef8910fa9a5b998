// One message as bytes, as `nearfar.studio.wire` writes them:
//
//   u32 length of the header │ header, JSON in UTF-8 │ 0…7 zeros │ blob │ 0…7 zeros │ blob │ …
//
// Every blob begins at a multiple of 8, so that its numbers can be looked at where they lie, without a copy.

import type { FromPage, FromServer, FromStudio } from '../../../protocol/messages';

const ALIGNMENT = 8;
const utf8 = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

export class WireError extends Error {
  override name = 'WireError';
}

export interface WireMessage<Header extends FromServer | FromStudio = FromServer> {
  readonly header: Header;
  readonly blobs: readonly Uint8Array[];
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

/** A message without blobs as bytes. */
export function writeMessage(message: FromPage): ArrayBuffer {
  const header = encoder.encode(JSON.stringify({ ...message, blobs: [] }));
  const bytes = new Uint8Array(aligned(4 + header.length));
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  return bytes.buffer;
}

/** Takes a message apart; the blobs are views of its bytes. */
export function readMessage<Header extends FromServer | FromStudio = FromServer>(
  message: ArrayBuffer,
): WireMessage<Header> {
  if (message.byteLength < 4) throw new WireError('a message ends in the length of its header');
  const end = 4 + new DataView(message).getUint32(0, true);
  if (end > message.byteLength) throw new WireError('a message ends in its header');
  const header: unknown = JSON.parse(utf8.decode(new Uint8Array(message, 4, end - 4)));
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new WireError('a header is not an object');
  const fields = header as Record<string, unknown>;
  const lengths: unknown = fields['blobs'] ?? [];
  if (!Array.isArray(lengths)) throw new WireError('the lengths of the blobs are not a list');
  const blobs: Uint8Array[] = [];
  let offset = aligned(end);
  for (const length of lengths as unknown[]) {
    if (typeof length !== 'number' || !Number.isInteger(length) || length < 0)
      throw new WireError(`a blob has no length of ${String(length)}`);
    if (offset + length > message.byteLength) throw new WireError('a message ends in a blob');
    blobs.push(new Uint8Array(message, offset, length));
    offset = aligned(offset + length);
  }
  return { header: header as Header, blobs }; // the server has the same version: `Hello` is asked for it
}
