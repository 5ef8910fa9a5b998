// A session's depth textures in one GL context. A texture stays the same object for the whole session, since
// some pages keep the first that they get; its content, and even its size, may change with each frame.
import type { GL, XRDepthDataFormat, XREye } from './host';
import type { Samples } from './native_depth';
import type { Picture } from './session_depth';
import { isWebGL2, uploading } from './unpacking';
import type { Layer } from './window_space';

interface Held<Content> {
  readonly texture: WebGLTexture;
  /** What is in it; of an array, what is in each layer. */
  readonly content: (Content | null)[];
  width: number;
  height: number;
}

interface Texels {
  readonly internal: GLenum;
  readonly format: GLenum;
  readonly type: GLenum;
}

export class DepthTextures {
  readonly #gl: GL;
  readonly #format: XRDepthDataFormat;
  readonly #flat = new Map<XREye, Held<Picture>>();
  #array: Held<Layer> | null = null;

  constructor(gl: GL, format: XRDepthDataFormat) {
    this.#gl = gl;
    this.#format = format;
    gl.canvas.addEventListener('webglcontextlost', this.#forget);
  }

  /** A TEXTURE_2D of raw values, top row first. */
  flat(eye: XREye, picture: Picture): WebGLTexture {
    const gl = this.#gl;
    let held = this.#flat.get(eye);
    if (!held) this.#flat.set(eye, (held = created<Picture>(gl, gl.TEXTURE_2D)));
    if (held.content[0] === picture) return held.texture;
    const { width, height } = picture.native;
    const isNew = resized(held, width, height);
    const { internal, format, type } = texelsOf(gl, this.#format);
    const pixels = this.#format === 'luminance-alpha' ? bytesOf(picture.samples) : picture.samples;
    const isThere = uploading(gl, gl.TEXTURE_2D, held.texture, () => {
      if (isNew) gl.texImage2D(gl.TEXTURE_2D, 0, internal, width, height, 0, format, type, pixels);
      else gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, format, type, pixels);
    });
    held.content[0] = picture;
    if (isThere || gl.isContextLost()) return held.texture;
    this.#flat.delete(eye); // the page has deleted it
    return this.flat(eye, picture);
  }

  /** A TEXTURE_2D_ARRAY, one layer for each eye; all of one size. */
  array(layers: readonly [left: Layer, right: Layer]): WebGLTexture {
    const gl = this.#gl as WebGL2RenderingContext;
    const target = gl.TEXTURE_2D_ARRAY;
    const held = (this.#array ??= created<Layer>(gl, target));
    const [{ width, height }] = layers;
    const isNew = resized(held, width, height);
    if (!isNew && layers.every((layer, eye) => held.content[eye] === layer)) return held.texture;
    const isThere = uploading(gl, target, held.texture, () => {
      if (isNew) gl.texImage3D(target, 0, gl.R32F, width, height, 2, 0, gl.RED, gl.FLOAT, null);
      layers.forEach(({ values }, eye) =>
        gl.texSubImage3D(target, 0, 0, 0, eye, width, height, 1, gl.RED, gl.FLOAT, values),
      );
    });
    held.content.splice(0, 2, ...layers);
    if (isThere || gl.isContextLost()) return held.texture;
    this.#array = null; // the page has deleted it
    return this.array(layers);
  }

  delete(): void {
    for (const { texture } of this.#flat.values()) this.#gl.deleteTexture(texture);
    if (this.#array) this.#gl.deleteTexture(this.#array.texture);
    this.#forget();
    this.#gl.canvas.removeEventListener('webglcontextlost', this.#forget);
  }

  /** The context was lost, and with it what it held. */
  readonly #forget = (): void => {
    this.#flat.clear();
    this.#array = null;
  };
}

/** Nearest texel, clamped at its edges. */
function created<Content>(gl: GL, target: GLenum): Held<Content> {
  const texture = gl.createTexture();
  uploading(gl, target, texture, () => {
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
      gl.texParameteri(target, filter, gl.NEAREST);
    for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
      gl.texParameteri(target, wrap, gl.CLAMP_TO_EDGE);
  });
  return { texture, content: [], width: 0, height: 0 };
}

function resized(held: Held<unknown>, width: number, height: number): boolean {
  if (held.width === width && held.height === height) return false;
  Object.assign(held, { width, height });
  return true;
}

/** WebGL 1 has luminance-alpha only: whoever asks for another format has seen to that. */
function texelsOf(gl: GL, dataFormat: XRDepthDataFormat): Texels {
  if (dataFormat === 'luminance-alpha' || !isWebGL2(gl))
    return { internal: gl.LUMINANCE_ALPHA, format: gl.LUMINANCE_ALPHA, type: gl.UNSIGNED_BYTE };
  if (dataFormat === 'float32') return { internal: gl.R32F, format: gl.RED, type: gl.FLOAT };
  return { internal: gl.R16UI, format: gl.RED_INTEGER, type: gl.UNSIGNED_SHORT };
}

function bytesOf(samples: Samples): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
