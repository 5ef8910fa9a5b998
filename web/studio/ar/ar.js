// Balls that bounce off real things, by the WebXR API alone: the session, its frames, and what the user does.
//
//   each frame:  getDepthInformation ─▶ Surface ─┬─▶ Balls   what they touch
//                                                └─▶ Stage   what is drawn, and what hides it
import { Quaternion, Vector3 } from '../three.js';
import { Balls, GRAVITY, RADIUS } from './balls.js';
import { Stage } from './stage.js';
import { Surface } from './surface.js';

const PATIENCE = 3; // seconds without depth until that is said
const at = (id) => document.getElementById(id);
const [canvas, overlay] = [at('canvas'), at('overlay')];
const tell = (words) => (at('status').textContent = words);

const surface = new Surface();
const balls = new Balls();
const aim = { x: 0.5, y: 0.5 }; // of the picture, from its top left
let stage = null;
let session = null;
let last = 0; // when the frame before was, milliseconds
let blind = 0; // seconds without depth

/** For whoever looks from outside, as tests do. */
const drop = (x, y, z) => balls.add(new Vector3(x, y, z), new Vector3());
const shown = (globalThis.shown = { frames: 0, balls: [], aim, distance: null, drop });

// ── The session

async function start() {
  if (session || at('start').ariaBusy) return;
  at('start').ariaBusy = 'true';
  at('problem').textContent = '';
  try {
    session = await navigator.xr.requestSession('immersive-ar', {
      requiredFeatures: ['depth-sensing'],
      optionalFeatures: ['dom-overlay'],
      domOverlay: { root: overlay },
      depthSensing: {
        usagePreference: ['cpu-optimized'], // numbers that a script can read; a GPU's texture would only draw
        dataFormatPreference: ['float32', 'unsigned-short', 'luminance-alpha'],
        depthTypeRequest: ['smooth'],
      },
    });
    overlay.hidden = canvas.hidden = false;
    session.addEventListener('end', ended);
    session.addEventListener('select', tapped);
    stage ??= new Stage(canvas);
    await stage.renderer.xr.setSession(session);
    last = blind = 0;
    aim.x = aim.y = 0.5;
    stage.renderer.setAnimationLoop(draw);
    at('throw').focus();
    const touched = matchMedia('(pointer: coarse)').matches;
    tell(touched ? 'Tap where a ball should go' : 'Click, or press Space: a ball goes there');
  } catch (error) {
    at('problem').textContent = inWords(error);
    await session?.end();
  } finally {
    at('start').ariaBusy = null;
  }
}

function ended() {
  session = null;
  stage?.renderer.setAnimationLoop(null);
  overlay.hidden = canvas.hidden = true;
  clear();
  at('start').focus();
}

function inWords(error) {
  if (error.name === 'NotSupportedError')
    return `This camera gives no depth that a page can read. In the studio, choose a device with depth;
      on a phone, use Chrome with AR by Google.`;
  if (error.name === 'SecurityError' || error.name === 'NotAllowedError')
    return 'The browser did not allow AR. Press Start again, and allow the camera if you are asked.';
  return `AR could not start: ${error.message}`;
}

async function check() {
  const able = await navigator.xr?.isSessionSupported('immersive-ar').catch(() => false);
  at('start').disabled = !able;
  if (able) return;
  at('problem').textContent = isSecureContext
    ? 'This browser has no AR. Open the page from nearfar studio, or in Chrome on an Android phone.'
    : 'Browsers give AR to secure pages only: open this page by https (nearfar studio --tls) or as localhost.';
}

// ── Each frame

function draw(time, frame) {
  const pose = frame?.getViewerPose(stage.renderer.xr.getReferenceSpace());
  if (!pose) return;
  const seconds = last ? Math.min((time - last) / 1000, 0.1) : 0; // after a pause time goes on where it stood
  last = time;
  const [view] = pose.views; // phones have one
  const depth = frame.getDepthInformation(view);
  if (depth) {
    surface.update(depth, view, session.depthDataFormat);
    balls.advance(seconds, surface);
  }
  noteDepth(depth, seconds);
  if (surface.width) {
    shown.distance = stage.show(surface, balls.all, aim, seconds);
    showDistance(shown.distance);
  }
  stage.render();
  shown.balls = balls.all;
  shown.frames++;
}

/** Says so when depth has stayed away for long, and once it is back. */
function noteDepth(depth, seconds) {
  const before = blind;
  blind = depth ? 0 : blind + seconds;
  if (before <= PATIENCE && blind > PATIENCE)
    tell('No depth now. Move a little, and look at something with structure.');
  if (before > PATIENCE && !blind) tell('');
}

function showDistance(distance) {
  const { left, top, width, height } = picture();
  const label = at('distance');
  label.textContent = distance ? `${distance.toFixed(2)} m` : 'no depth here';
  label.style.transform = `translate(${left + aim.x * width}px, ${top + aim.y * height + 28}px)`;
}

// ── Throwing

/** Throws a ball to a point of the picture. Where motion is not wanted, lays it there. */
function throwAt(x, y) {
  if (!surface.width) return;
  tell('');
  const target = surface.pointAt(x, y) ?? surface.pointAt(x, y, 3);
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
    balls.add(target.add(new Vector3(0, 2 * RADIUS, 0)), new Vector3());
    return;
  }
  const way = target.clone().sub(surface.viewer);
  const from = surface.viewer.addScaledVector(way, Math.min(0.3 / way.length(), 0.5));
  from.y -= 0.05;
  const velocity = target.sub(from);
  const seconds = Math.min(Math.max(velocity.length() / 3.5, 0.15), 0.9);
  velocity.divideScalar(seconds);
  velocity.y += (GRAVITY * seconds) / 2; // what it will have lost by then
  balls.add(from, velocity);
}

/** WebXR's own event for a tap, a click, a controller's button. Its ray goes along -z of a space of its own. */
function tapped({ frame, inputSource }) {
  const ray = frame.getPose(inputSource.targetRaySpace, stage.renderer.xr.getReferenceSpace());
  if (!ray || !surface.width) return;
  const { position, orientation } = ray.transform;
  const ahead = new Vector3(0, 0, -2).applyQuaternion(new Quaternion().copy(orientation)).add(position);
  const place = surface.project(ahead);
  if (place) throwAt(place.x, place.y);
}

function clear() {
  balls.all = [];
}

at('start').onclick = start;
at('throw').onclick = () => throwAt(aim.x, aim.y);
at('clear').onclick = clear;
at('end').onclick = () => session?.end();
// A press of a button throws nothing.
at('bar').addEventListener('beforexrselect', (event) => event.preventDefault());

// ── Where the ring is: in the middle, or where mouse and arrows have moved it

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

addEventListener('keydown', (event) => {
  if (!session) return;
  const arrow = ARROWS[event.key];
  if (arrow) moveRing(aim.x + 0.02 * arrow[0], aim.y + 0.02 * arrow[1]);
  else if (event.key === 'Escape') session.end().catch(() => {}); // it may be on its way already
  else if (event.key === ' ' && event.target.tagName !== 'BUTTON') throwAt(aim.x, aim.y);
  else return;
  event.preventDefault();
});

addEventListener('pointermove', ({ pointerType, clientX, clientY }) => {
  if (!session || pointerType !== 'mouse') return;
  const { left, top, width, height } = picture();
  moveRing((clientX - left) / width, (clientY - top) / height);
});

function moveRing(x, y) {
  aim.x = Math.min(Math.max(x, 0.02), 0.98);
  aim.y = Math.min(Math.max(y, 0.02), 0.98);
}

/** Where the picture is in the window: all of it, or as much as has its shape. */
function picture() {
  const { framebufferWidth: wide, framebufferHeight: high } = session.renderState.baseLayer;
  const { clientWidth, clientHeight } = document.documentElement;
  const scale = Math.min(clientWidth / wide, clientHeight / high);
  const [width, height] = [wide * scale, high * scale];
  return { left: (clientWidth - width) / 2, top: (clientHeight - height) / 2, width, height };
}

await check();
