// When frames run.
//
//   the device has a newer frame ──▶ an XR frame at once, in a task of its own
//   the window's animation frame ──▶ an XR frame, unless one ran since the window's last
//
// The browser shows the canvas right after the window's animation frame, and clears it then. What ran in a
// task since is therefore still there when another frame comes before the browser got to show it: that one
// starts with a clear.
import { beginFrame } from '../depth/session_depth';
import { identity } from '../geometry/matrix';
import { clear } from './clearing';
import { frameOf, PLAIN_VIEW } from './frame';
import { renderState } from './render_state';
import { renderValues, webGLLayers, type Moment, type Session } from './states';
import { present } from './surface';

const open = new Set<Session>();
const HERE: Moment = { viewer: identity(), views: [PLAIN_VIEW], localFromFloor: null, bounds: [] };
const UNKNOWN = { viewer: null, views: [PLAIN_VIEW] };
// Those of the browser: pages replace the window's.
const nextWindowFrame = requestAnimationFrame.bind(globalThis);
const tasks = new MessageChannel();

let immersive: Session | null = null;
let ticking = false;
let taskQueued = false;
/** An immersive frame ran in a task, and its picture was not shown yet. */
let unseen = false;

/** The session that has the display; inline ones rest as long. */
export function immersiveSession(): Session | null {
  return immersive;
}

export function startFrames(session: Session): void {
  open.add(session);
  if (session.mode !== 'inline') {
    immersive = session;
    unseen = false;
  }
  if (!ticking) {
    ticking = true;
    nextWindowFrame(tick);
  }
}

export function stopFrames(session: Session): void {
  open.delete(session);
  if (immersive === session) immersive = null;
}

/** The inline sessions; those that are open now. */
export function inlineSessions(): Session[] {
  return Array.from(open).filter((session) => session.mode === 'inline');
}

/** The device has a newer frame. Pages may be running right now: theirs follows in a task. */
export function deviceFrameArrived(): void {
  if (!immersive || taskQueued) return;
  taskQueued = true;
  tasks.port2.postMessage(null);
}

tasks.port1.onmessage = () => {
  taskQueued = false;
  if (immersive && document.visibilityState === 'visible')
    unseen = runFrame(immersive, performance.now(), unseen) || unseen;
};

function tick(time: number): void {
  try {
    if (!immersive) for (const session of [...open]) runFrame(session, time, false);
    else if (!unseen) runFrame(immersive, time, false);
  } finally {
    unseen = false;
    ticking = open.size > 0;
    if (ticking) nextWindowFrame(tick); // queued last, so that it runs after what the page has queued
  }
}

export function momentOf(session: Pick<Session, 'device'>): Moment {
  if (!session.device) return HERE;
  const { current, localFromFloor, bounds } = session.device;
  return { ...(current ?? UNKNOWN), localFromFloor, bounds };
}

/** Runs one XR frame; false: nothing was drawn, since the page has no layer or asked for no frame. */
function runFrame(session: Session, now: number, cover: boolean): boolean {
  if (session.pending) applyPending(session);
  const layer = webGLLayers.peek(renderValues(session).baseLayer);
  if (!layer || session.visibility === 'hidden') return false;
  const time = (session.lastTime = Math.max(session.lastTime, now));
  session.moment = momentOf(session);
  session.surface?.fit();
  session.inputs?.dispatch(time);
  if (session.ended || session.callbacks.size === 0) return false;
  if (session === immersive && (cover || layer.preserves)) clear(layer.gl);
  beginFrame(session.object);
  runCallbacks(session, time);
  return true;
}

function applyPending(session: Session): void {
  const values = session.pending!;
  session.pending = null;
  session.renderState = renderState(values);
  const layer = webGLLayers.peek(values.baseLayer);
  if (!layer) return;
  const { gl, size } = layer;
  if (gl.canvas instanceof HTMLCanvasElement && size && session.surface?.canvas !== gl.canvas)
    present(session, gl.canvas, size);
  session.inputs?.listen(gl.canvas);
}

function runCallbacks(session: Session, time: number): void {
  const state = { session: session.object, time, active: true, animation: true };
  const frame = frameOf(state);
  const callbacks = session.callbacks;
  session.callbacks = new Map();
  session.running = callbacks;
  session.currentFrame = frame;
  for (const [handle, callback] of callbacks)
    if (callbacks.has(handle))
      try {
        callback(time, frame);
      } catch (error) {
        reportError(error);
      }
  session.currentFrame = null;
  session.running = null;
  state.active = false;
}
