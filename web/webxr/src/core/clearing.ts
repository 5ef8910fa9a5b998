// Clears the canvas as the browser does after it has shown it, and leaves the page's WebGL state as it was.
//
// To ask WebGL for clear values and masks makes the page wait for the GPU, 5 to 14 ms in Chromium: they are
// noted as the page sets them.
import type { GL } from '../depth/host';

const NOTED = {
  clearColor: [0, 0, 0, 0],
  clearDepth: [1],
  clearStencil: [0],
  colorMask: [true, true, true, true],
  depthMask: [true],
};
type Setter = keyof typeof NOTED;
type Call = (...values: unknown[]) => void;

const notes = new WeakMap<object, Map<Setter, readonly unknown[]>>();

/** Notes what a page sets; to be called ahead of the page's own scripts. */
export function noteSetters(): void {
  for (const { prototype } of [WebGLRenderingContext, WebGL2RenderingContext])
    for (const name of Object.keys(NOTED) as Setter[])
      (prototype as unknown as Record<Setter, Call>)[name] = new Proxy(prototype[name] as Call, {
        apply(native, context: object, values: unknown[]) {
          Reflect.apply(native, context, values);
          let found = notes.get(context);
          if (!found) notes.set(context, (found = new Map()));
          found.set(name, values.slice());
        },
      });
}

const set = (gl: GL, name: Setter, values: readonly unknown[]) => (gl[name] as Call).apply(gl, [...values]);

export function clear(gl: GL): void {
  const target = 'DRAW_FRAMEBUFFER' in gl ? gl.DRAW_FRAMEBUFFER : gl.FRAMEBUFFER;
  const bound = gl.getParameter(gl.FRAMEBUFFER_BINDING) as WebGLFramebuffer | null;
  const scissor = gl.isEnabled(gl.SCISSOR_TEST);
  const before = (Object.keys(NOTED) as Setter[]).map(
    (name) => [name, notes.get(gl)?.get(name) ?? NOTED[name]] as const,
  );
  if (bound) gl.bindFramebuffer(target, null);
  if (scissor) gl.disable(gl.SCISSOR_TEST);
  for (const [name] of before) set(gl, name, NOTED[name]);
  gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT | gl.STENCIL_BUFFER_BIT);
  for (const [name, values] of before) set(gl, name, values);
  if (scissor) gl.enable(gl.SCISSOR_TEST);
  if (bound) gl.bindFramebuffer(target, bound);
}
