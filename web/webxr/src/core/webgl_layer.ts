// XRWebGLLayer: the page's canvas as what a session shows, and which part of it each view has.
import type { GL } from '../depth/host';
import { toDictionary, toDouble, toFloat } from '../idl/convert';
import { invalidState } from '../idl/errors';
import { created, permit, published, required } from '../idl/interface';
import { momentOf } from './frame_loop';
import { XRLayer } from './render_state';
import { frames, layers, sessions, viewports, views, webGLLayers, type Session } from './states';
import { present } from './surface';
import { XRViewport } from './view';

/** A context that pages may draw with, or TypeError. */
export function toContext(value: unknown, member: string): GL {
  if (value instanceof WebGLRenderingContext || value instanceof WebGL2RenderingContext) return value;
  throw new TypeError(
    `${member}: parameter 2 is not of type '(WebGLRenderingContext or WebGL2RenderingContext)'.`,
  );
}

export class XRWebGLLayer extends XRLayer {
  constructor(session: unknown, context: unknown, layerInit: unknown = {}) {
    required(arguments, 2, 'XRWebGLLayer');
    const owner = sessions.argument(session, 'XRWebGLLayer');
    const gl = toContext(context, 'XRWebGLLayer');
    const given = toDictionary(layerInit, 'XRWebGLLayerInit');
    const scale = toDouble(given['framebufferScaleFactor'] ?? 1, 'framebufferScaleFactor');
    const wanted = given['antialias'] === undefined || !!given['antialias'];
    if (owner.ended) throw invalidState('XRWebGLLayer: the session has ended.');
    if (gl.isContextLost()) throw invalidState('XRWebGLLayer: the context is lost.');
    super(permit);
    const { antialias = false, preserveDrawingBuffer = false } = gl.getContextAttributes() ?? {};
    const size = owner.mode === 'inline' ? null : display(owner, gl, scale);
    layers.fill(this, { session: owner.object });
    webGLLayers.fill(this, {
      session: owner.object,
      gl,
      antialias: antialias && (wanted || owner.mode === 'inline'),
      preserves: preserveDrawingBuffer,
      size,
    });
  }

  get antialias(): boolean {
    return webGLLayers.of(this).antialias;
  }

  get ignoreDepthValues(): boolean {
    webGLLayers.of(this);
    return true;
  }

  get fixedFoveation(): number | null {
    webGLLayers.of(this);
    return null;
  }

  /** A display without foveation, which a canvas is, keeps none. */
  set fixedFoveation(value: unknown) {
    webGLLayers.of(this);
    if (value !== null && value !== undefined) toFloat(value, 'fixedFoveation');
  }

  /** The canvas' own. */
  get framebuffer(): WebGLFramebuffer | null {
    webGLLayers.of(this);
    return null;
  }

  get framebufferWidth(): number {
    const { gl, size } = webGLLayers.of(this);
    return size?.width ?? gl.drawingBufferWidth;
  }

  get framebufferHeight(): number {
    const { gl, size } = webGLLayers.of(this);
    return size?.height ?? gl.drawingBufferHeight;
  }

  getViewport(view: unknown): XRViewport | null {
    const { session } = webGLLayers.of(this);
    required(arguments, 1, 'getViewport');
    const seen = views.argument(view, 'getViewport');
    const frame = frames.of(seen.frame);
    if (frame.session !== session) throw invalidState('getViewport: the view is of another session.');
    if (!frame.active || !frame.animation) throw invalidState('getViewport: the frame is not active.');
    const width = Math.floor(this.framebufferWidth / sessions.of(session).moment.views.length);
    return viewports.fill(created(XRViewport), {
      x: width * seen.index,
      y: 0,
      width,
      height: this.framebufferHeight,
    });
  }

  static getNativeFramebufferScaleFactor(session: unknown): number {
    required(arguments, 1, 'getNativeFramebufferScaleFactor');
    return sessions.argument(session, 'getNativeFramebufferScaleFactor').ended ? 0 : 1;
  }
}
published(XRWebGLLayer, 'XRWebGLLayer');

/** Makes the canvas of a session's first layer its display. The size that it has then is the layer's for good. */
function display(session: Session, gl: GL, scale: number): { width: number; height: number } {
  const { canvas } = gl;
  if (!(canvas instanceof HTMLCanvasElement))
    return { width: gl.drawingBufferWidth, height: gl.drawingBufferHeight };
  if (session.surface && session.surface.canvas !== canvas) return sizeFor(session, scale); // its turn may come
  if (!session.surface) present(session, canvas, sizeFor(session, scale));
  const { width, height } = session.surface!;
  return { width, height };
}

/** What the device's views are made for, else as much of the window as has their shape. */
function sizeFor(session: Session, scale: number): { width: number; height: number } {
  const { views } = momentOf(session);
  const rounded = (width: number, height: number) => ({
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  });
  const resolutions = views.flatMap((view) => view.resolution ?? []);
  if (resolutions.length === views.length)
    return rounded(
      resolutions.reduce((sum, { width }) => sum + width, 0),
      Math.max(...resolutions.map(({ height }) => height)),
    );
  const [width, height] = [
    window.innerWidth * window.devicePixelRatio,
    window.innerHeight * window.devicePixelRatio,
  ];
  const projection = views[0]?.projection;
  if (!projection) return rounded(width, height);
  const aspect =
    views.length *
    (projection instanceof Float32Array
      ? projection[5]! / projection[0]!
      : (projection.left + projection.right) / (projection.up + projection.down));
  return rounded(Math.min(width, height * aspect), Math.min(height, width / aspect));
}
