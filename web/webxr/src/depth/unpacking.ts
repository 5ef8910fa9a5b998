// Uploads to a texture while a page's own GL state stands as it was.
import type { GL } from './host';

interface Unpacking {
  rowLength: number;
  imageHeight: number;
}

const ROW_LENGTH = 0x0cf2;
const IMAGE_HEIGHT = 0x806e;

/** What pages have set of the two parameters that Chromium can tell only by a round trip to the GPU (10 ms). */
const set = new WeakMap<object, Unpacking>();

export function isWebGL2(gl: GL): gl is WebGL2RenderingContext {
  return typeof WebGL2RenderingContext !== 'undefined' && gl instanceof WebGL2RenderingContext;
}

/** From now on pixelStorei remembers those two. */
export function rememberUnpacking(): void {
  if (typeof WebGL2RenderingContext === 'undefined') return;
  const prototype = WebGL2RenderingContext.prototype;
  const native = prototype.pixelStorei;
  prototype.pixelStorei = function pixelStorei(this: WebGL2RenderingContext, pname: GLenum, param: GLint) {
    native.call(this, pname, param);
    const isRemembered = pname === ROW_LENGTH || pname === IMAGE_HEIGHT;
    if (isRemembered && param >= 0) remember(this, pname, Math.trunc(param));
  };
}

function remember(gl: WebGL2RenderingContext, pname: number, param: number): void {
  let unpacking = set.get(gl);
  if (!unpacking) {
    set.set(gl, (unpacking = { rowLength: 0, imageHeight: 0 }));
    gl.canvas.addEventListener('webglcontextlost', () => set.delete(gl), { once: true });
  }
  if (pname === ROW_LENGTH) unpacking.rowLength = param;
  else unpacking.imageHeight = param;
}

/**
 * Runs `upload` with `texture` bound to the active unit's `target`, and rows taken as they lie in memory.
 * false: the texture is no more, and nothing was run.
 */
export function uploading(gl: GL, target: GLenum, texture: WebGLTexture, upload: () => void): boolean {
  const gl2 = isWebGL2(gl) ? gl : null;
  const array = gl2 !== null && target === gl2.TEXTURE_2D_ARRAY;
  const binding = array ? gl2.TEXTURE_BINDING_2D_ARRAY : gl.TEXTURE_BINDING_2D;
  const bound = gl.getParameter(binding) as WebGLTexture | null;
  const buffer = gl2 && (gl2.getParameter(gl2.PIXEL_UNPACK_BUFFER_BINDING) as WebGLBuffer | null);
  const restore = plainUnpacking(gl, gl2);
  if (gl2 && buffer) gl2.bindBuffer(gl2.PIXEL_UNPACK_BUFFER, null);
  gl.bindTexture(target, texture);
  const isThere = gl.getParameter(binding) === texture;
  if (isThere) upload();
  gl.bindTexture(target, bound);
  if (gl2 && buffer) gl2.bindBuffer(gl2.PIXEL_UNPACK_BUFFER, buffer);
  restore();
  return isThere;
}

/** Sets every parameter to what it is where nobody set it, alignment to 1; returns what puts them back. */
function plainUnpacking(gl: GL, gl2: WebGL2RenderingContext | null): () => void {
  const changed: [GLenum, number][] = [];
  const plain = (pname: GLenum, wanted: number, now: number): void => {
    if (now === wanted) return;
    changed.push([pname, now]);
    gl.pixelStorei(pname, wanted);
  };
  const ask = (pname: GLenum, wanted = 0): void => plain(pname, wanted, Number(gl.getParameter(pname)));
  ask(gl.UNPACK_FLIP_Y_WEBGL);
  ask(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL);
  ask(gl.UNPACK_ALIGNMENT, 1);
  if (gl2) {
    ask(gl2.UNPACK_SKIP_PIXELS);
    ask(gl2.UNPACK_SKIP_ROWS);
    ask(gl2.UNPACK_SKIP_IMAGES);
    const unpacking = set.get(gl2);
    plain(ROW_LENGTH, 0, unpacking?.rowLength ?? 0);
    plain(IMAGE_HEIGHT, 0, unpacking?.imageHeight ?? 0);
  }
  return () => {
    for (const [pname, before] of changed) gl.pixelStorei(pname, before);
  };
}
