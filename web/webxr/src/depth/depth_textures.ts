// A session's depth textures in one GL context. A texture stays the same object for the whole session, since some
// pages keep the first that they get; its content, and even its size, may change with each frame.
import type { GL, XRDepthDataFormat, XREye } from './host';
import type { Picture } from './session_depth';
import { isWebGL2, uploading } from './unpacking';
import type { Layer } from './window_space';

const LAYERS = 2;

interface Held<Content> {
  readonly texture: WebGLTexture;
  /** What is in it; of an array, what is in each layer. */
  readonly content: (Content | null)[];
  width: number;
  height: number;
}

export class DepthTextures {
  readonly #gl: GL;
  readonly #format: XRDepthDataFormat;
  readonly #flat = new Map<XREye, Held<Picture>>();
  #array: Held<Layer> | null = null;

  constructor(gl: GL, format: XRDepthDataFormat) {
    this.#gl = gl;
    this.#format = format;
    gl.canvas.addEventListener('webglcontextlost', () => this.#forget());
  }

  /** A TEXTURE_2D of raw values, top row first. */
  flat(eye: XREye, picture: Picture): WebGLTexture {
    const gl = this.#gl;
    let held = this.#flat.get(eye);
    if (!held) this.#flat.set(eye, (held = this.#created<Picture>(gl.TEXTURE_2D)));
    if (held.content[0] !== picture) {
      uploading(gl, gl.TEXTURE_2D, held.texture, () => this.#uploadFlat(picture));
      held.content[0] = picture;
    }
    return held.texture;
  }

  /** A TEXTURE_2D_ARRAY with `layer` for one eye, and for the other too until that has one of the same frame. */
  array(index: number, layer: Layer): WebGLTexture {
    const gl = this.#gl as WebGL2RenderingContext;
    const held = (this.#array ??= this.#created<Layer>(gl.TEXTURE_2D_ARRAY));
    const { width, height } = layer;
    const resized = held.width !== width || held.height !== height;
    const stale = [0, 1].filter((i) => {
      const before = held.content[i];
      return resized || !before || (i === index ? before !== layer : before.native !== layer.native);
    });
    if (stale.length)
      uploading(gl, gl.TEXTURE_2D_ARRAY, held.texture, () => {
        const target = gl.TEXTURE_2D_ARRAY;
        if (resized) gl.texImage3D(target, 0, gl.R32F, width, height, LAYERS, 0, gl.RED, gl.FLOAT, null);
        for (const i of stale)
          gl.texSubImage3D(target, 0, 0, 0, i, width, height, 1, gl.RED, gl.FLOAT, layer.values);
      });
    for (const i of stale) held.content[i] = layer;
    Object.assign(held, { width, height });
    return held.texture;
  }

  delete(): void {
    for (const { texture } of this.#flat.values()) this.#gl.deleteTexture(texture);
    if (this.#array) this.#gl.deleteTexture(this.#array.texture);
    this.#forget();
  }

  /** The context was lost, and with it what it held. */
  #forget(): void {
    this.#flat.clear();
    this.#array = null;
  }

  #created<Content>(target: GLenum): Held<Content> {
    const gl = this.#gl;
    const texture = gl.createTexture();
    uploading(gl, target, texture, () => {
      for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(target, filter, gl.NEAREST);
      for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(target, wrap, gl.CLAMP_TO_EDGE);
    });
    return { texture, content: [], width: 0, height: 0 };
  }

  #uploadFlat({ native: { width, height }, samples }: Picture): void {
    const gl = this.#gl;
    const upload = (internal: GLenum, format: GLenum, type: GLenum, pixels: ArrayBufferView): void =>
      gl.texImage2D(gl.TEXTURE_2D, 0, internal, width, height, 0, format, type, pixels);
    if (this.#format === 'luminance-alpha') {
      const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
      upload(gl.LUMINANCE_ALPHA, gl.LUMINANCE_ALPHA, gl.UNSIGNED_BYTE, bytes);
    } else if (!isWebGL2(gl)) throw new Error(`WebGL 1 has no texture for ${this.#format}`);
    else if (this.#format === 'float32') upload(gl.R32F, gl.RED, gl.FLOAT, samples);
    else upload(gl.R16UI, gl.RED_INTEGER, gl.UNSIGNED_SHORT, samples);
  }
}
