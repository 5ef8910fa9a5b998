// A photo's depth, as the server sends it.
import type { PhotoDepth } from '../../../protocol/messages';
import { decodeDepth } from '../../../webxr/src/stream/decoding';
import { readMessage } from '../../../webxr/src/stream/wire';
import { request } from '../api';
import { depthField, type DepthField } from '../depth/depth_field';

export interface LoadedDepth {
  readonly field: DepthField;
  readonly message: PhotoDepth;
}

export async function loadDepth(address: string, signal: AbortSignal): Promise<LoadedDepth> {
  const wire = readMessage<PhotoDepth>(await (await request(address, { signal })).arrayBuffer());
  const message = wire.header;
  const unit = !message.metric ? 'none' : message.depth.accuracy === 'relative' ? 'nominal' : 'metres';
  return { field: depthField(await decodeDepth(message.depth, wire), unit), message };
}
