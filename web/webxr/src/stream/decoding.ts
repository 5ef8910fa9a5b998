// What a frame's message carries, made ready: the depth buffer and the picture, both before either is shown.
import type { NativeDepth } from '../depth/host';
import type { ColorPart, ConfidencePart, DepthPart, FrameMessage } from '../../../protocol/messages';
import { decodeFrame } from './frame_codec';
import { WireError, type WireMessage } from './wire';

type Blobs = Pick<WireMessage, 'blobs'>;

export interface StreamFrame {
  readonly message: FrameMessage;
  readonly depth: NativeDepth | null;
  /** A byte for each value of the depth: 255 is to be believed fully. */
  readonly confidence: Uint8Array | null;
  /** Whoever takes it closes it. */
  readonly picture: ImageBitmap | VideoFrame | null;
}

export async function decodeFrameMessage(message: FrameMessage, wire: WireMessage): Promise<StreamFrame> {
  const picture = message.color && decodePicture(message.color, wire);
  const depth = message.depth && decodeDepth(message.depth, wire);
  // Plain depth is there already: without a picture nothing is waited for.
  return {
    message,
    depth: depth instanceof Promise ? await depth : depth,
    confidence: message.confidence && codesOf(message.confidence, wire),
    picture: picture && (await picture),
  };
}

/** A depth buffer, ready to be read. */
export function decodeDepth(part: DepthPart, wire: Blobs): NativeDepth | Promise<NativeDepth> {
  const data = blobOf(part, wire);
  if (part.coding !== 'packed') return nativeDepth(part, data);
  return decodeFrame(data).then((decoded) => {
    if ((decoded.format === 'float32') !== (part.format === 'float32'))
      throw new WireError(`a depth frame of ${decoded.format} that is to be ${part.format}`);
    return nativeDepth(part, decoded.bytes);
  });
}

function nativeDepth(part: DepthPart, bytes: Uint8Array): NativeDepth {
  const { format, width, height, rawValueToMeters } = part;
  if (bytes.length !== width * height * (format === 'float32' ? 4 : 2))
    throw new WireError(`a depth buffer of ${width}×${height} ${format} in ${bytes.length} bytes`);
  return {
    bytes,
    format,
    width,
    height,
    rawValueToMeters,
    normDepthBufferFromNormView: new Float32Array(part.normDepthBufferFromNormView),
    projection: part.projection && new Float32Array(part.projection),
    viewerFromSensor: part.viewOffset && new Float32Array(part.viewOffset),
  };
}

function codesOf(part: ConfidencePart, wire: WireMessage): Uint8Array {
  const codes = blobOf(part, wire);
  if (codes.length !== part.width * part.height)
    throw new WireError(`the confidence of ${part.width}×${part.height} values in ${codes.length} bytes`);
  return codes;
}

/** By WebCodecs where the page has them, which takes a third of the time: a Blob goes by way of another process. */
async function decodePicture(part: ColorPart, wire: WireMessage): Promise<ImageBitmap | VideoFrame> {
  const data = blobOf(part, wire) as Uint8Array<ArrayBuffer>;
  const type = 'image/jpeg';
  if (!('ImageDecoder' in globalThis)) return createImageBitmap(new Blob([data], { type }));
  const decoder = new ImageDecoder({ data, type });
  const { image } = await decoder.decode();
  decoder.close();
  return image;
}

function blobOf(part: DepthPart | ColorPart | ConfidencePart, wire: Blobs): Uint8Array {
  const blob = wire.blobs[part.data.blob];
  if (!blob) throw new WireError(`a message without its blob ${part.data.blob}`);
  return blob;
}
