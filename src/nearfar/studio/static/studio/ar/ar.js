// Balls that bounce off real things, by the WebXR API alone: the session, its frames, and what is drawn.
//
//   each frame:  getDepthInformation ─▶ Surface ─┬─▶ Balls      what they touch
//                                                ├─▶ Occlusion  what hides them
//                                                └─▶ the ring, the shadows
import {
  CanvasTexture, CircleGeometry, DirectionalLight, Group, HemisphereLight, Mesh, MeshBasicMaterial, MeshStandardMaterial,
  PerspectiveCamera, Quaternion, RingGeometry, Scene, SphereGeometry, SRGBColorSpace, Vector3, WebGLRenderer,
} from '../three.js';
import { Balls, GRAVITY, RADIUS } from './balls.js';
import { Occlusion } from './occlusion.js';
import { Surface } from './surface.js';

const COLORS = ['#e4572e', '#17a398', '#f3a712', '#6c5ce7', '#d6336c'];
const PATIENCE = 3; // seconds without depth until that is said
const FORWARD = new Vector3(0, 0, 1);
const at = (id) => document.getElementById(id);
const [canvas, overlay] = [at('canvas'), at('overlay')];

const scene = new Scene();
const camera = new PerspectiveCamera(); // three.js fills it in from the session's view
const sun = new DirectionalLight('#fff4e0', 2.2);
sun.position.set(0.5, 2, 0.8);
scene.add(sun, new HemisphereLight('#ffffff', '#7a6a5c', 1.6));

const surface = new Surface();
const balls = new Balls();
const occlusion = new Occlusion();
const sphere = new SphereGeometry(RADIUS, 32, 24);
const disc = new CircleGeometry(1, 32);
const skins = COLORS.map((color) => occlusion.hide(new MeshStandardMaterial({ map: stripes(color), roughness: 0.45 })));
const softness = softDisc();
const ring = new Group();
for (const [inner, outer, color] of [[0.026, 0.038, '#111'], [0.029, 0.035, '#fff'], [0, 0.006, '#111'], [0, 0.004, '#fff']])
  ring.add(new Mesh(new RingGeometry(inner, outer, 40), new MeshBasicMaterial({ color, transparent: true, depthWrite: false })));
ring.visible = false;
scene.add(ring);

let renderer = null;
let session = null;
let last = 0; // when the frame before was, milliseconds
let blind = 0; // seconds without depth
let thrown = 0;
const aim = { x: 0.5, y: 0.5 }; // of the picture, from its top left
const meshes = new Map(); // a ball ─▶ { mesh, shadow }

/** For whoever looks from outside, as tests do. */
globalThis.shown = { frames: 0, balls: [], aim, distance: null, drop: (x, y, z) => balls.add(new Vector3(x, y, z), new Vector3()) };

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
    renderer ??= new WebGLRenderer({ canvas, antialias: true, alpha: true });
    renderer.xr.enabled = true;
    renderer.xr.setReferenceSpaceType('local');
    await renderer.xr.setSession(session);
    [last, blind] = [0, 0];
    [aim.x, aim.y] = [0.5, 0.5];
    renderer.setAnimationLoop(draw);
    at('throw').focus();
    at('status').textContent = matchMedia('(pointer: coarse)').matches ? 'Tap where a ball should go' : 'Click, or press Space: a ball goes there';
  } catch (error) {
    at('problem').textContent = inWords(error);
    await session?.end();
  } finally {
    at('start').ariaBusy = null;
  }
}

function ended() {
  session = null;
  renderer?.setAnimationLoop(null);
  overlay.hidden = canvas.hidden = true;
  clear();
  at('start').focus();
}

function inWords(error) {
  if (error.name === 'NotSupportedError')
    return 'This camera gives no depth that a page can read. In the studio, choose a device with depth; on a phone, use Chrome with AR by Google.';
  if (error.name === 'SecurityError' || error.name === 'NotAllowedError')
    return 'The browser did not allow AR. Press Start again, and allow the camera if you are asked.';
  return `AR could not start: ${error.message}`;
}

async function check() {
  const able = await navigator.xr?.isSessionSupported('immersive-ar').catch(() => false);
  at('start').disabled = !able;
  if (able) return;
  at('problem').textContent = !isSecureContext
    ? 'Browsers give AR to secure pages only: open this page by https (nearfar studio --tls) or as localhost.'
    : 'This browser has no AR. Open the page from nearfar studio, or in Chrome on an Android phone.';
}

// ── Each frame

function draw(time, frame) {
  const pose = frame?.getViewerPose(renderer.xr.getReferenceSpace());
  if (!pose) return;
  const seconds = last ? Math.min((time - last) / 1000, 0.1) : 0; // after a pause time goes on where it stood
  last = time;
  const [view] = pose.views; // phones have one
  const depth = frame.getDepthInformation(view);
  if (depth) {
    surface.update(depth, view, session.depthDataFormat);
    occlusion.update(surface);
    balls.advance(seconds, surface);
  }
  noteDepth(depth, seconds);
  showBalls();
  showRing(seconds);
  renderer.render(scene, camera);
  Object.assign(globalThis.shown, { frames: globalThis.shown.frames + 1, balls: balls.all });
}

/** Says so when depth has stayed away for long, and once it is back. */
function noteDepth(depth, seconds) {
  const before = blind;
  blind = depth ? 0 : blind + seconds;
  if (before <= PATIENCE && blind > PATIENCE) at('status').textContent = 'No depth now. Move a little, and look at something with structure.';
  if (before > PATIENCE && !blind) at('status').textContent = '';
}

function showBalls() {
  for (const [ball, { mesh, shadow }] of meshes)
    if (!balls.all.includes(ball)) {
      scene.remove(mesh, shadow);
      meshes.delete(ball);
    }
  for (const ball of balls.all) {
    const { mesh, shadow } = meshes.get(ball) ?? newMeshes(ball);
    mesh.position.copy(ball.position);
    mesh.quaternion.copy(ball.turn);
    const patch = surface.below(ball.position, 0.4);
    shadow.visible = !!patch?.normal;
    if (!shadow.visible) continue;
    const high = Math.max(0, ball.position.y - patch.point.y - RADIUS);
    lay(shadow, patch.point, patch.normal, 0.002);
    shadow.scale.setScalar(RADIUS * (1.25 + 4 * high)); // the higher the ball, the wider and fainter
    shadow.material.opacity = 0.55 / (1 + 12 * high);
  }
}

function newMeshes(ball) {
  const shade = occlusion.hide(new MeshBasicMaterial({ map: softness, depthWrite: false }), { liesOnReal: true });
  const made = { mesh: new Mesh(sphere, skins[thrown % skins.length]), shadow: new Mesh(disc, shade) };
  made.shadow.renderOrder = -1;
  scene.add(made.mesh, made.shadow);
  meshes.set(ball, made);
  return made;
}

function showRing(seconds) {
  const patch = surface.width ? surface.patchAt(aim.x, aim.y) : null;
  ring.visible = !!patch;
  const distance = patch && patch.point.distanceTo(surface.viewer);
  globalThis.shown.distance = distance;
  at('distance').textContent = distance ? `${distance.toFixed(2)} m` : 'no depth here';
  const box = picture();
  at('distance').style.transform = `translate(${box.left + aim.x * box.width}px, ${box.top + aim.y * box.height + 28}px)`;
  if (!patch) return;
  const before = ring.quaternion.clone();
  lay(ring, patch.point, patch.normal ?? surface.viewer.sub(patch.point).normalize(), 0.004);
  ring.quaternion.slerpQuaternions(before, ring.quaternion.clone(), Math.min(1, 10 * seconds)); // depth is noisy
  ring.scale.setScalar(Math.max(0.5, distance)); // as large in the picture, wherever it lies
}

/** Puts something flat onto a surface, a little above it. */
function lay(thing, point, normal, above) {
  thing.position.copy(point).addScaledVector(normal, above);
  thing.quaternion.copy(new Quaternion().setFromUnitVectors(FORWARD, normal));
}

// ── Throwing

/** Throws a ball so that it comes down at a point of the picture. */
function throwAt(x, y) {
  if (!surface.width) return;
  const target = surface.pointAt(x, y) ?? surface.pointAt(x, y, 3);
  const from = surface.viewer;
  const way = target.clone().sub(from);
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) balls.add(target.add(new Vector3(0, 2 * RADIUS, 0)), new Vector3());
  else {
    const begin = from.addScaledVector(way, Math.min(0.3 / way.length(), 0.5)).add(new Vector3(0, -0.05, 0));
    const velocity = target.sub(begin);
    const seconds = Math.min(Math.max(velocity.length() / 3.5, 0.15), 0.9);
    velocity.divideScalar(seconds);
    velocity.y += (GRAVITY * seconds) / 2; // what it will have lost by then
    balls.add(begin, velocity);
  }
  thrown++;
}

/** WebXR's own event for a tap, a click, a controller's button: its ray begins at the target ray space and goes along -z. */
function tapped({ frame, inputSource }) {
  const ray = frame.getPose(inputSource.targetRaySpace, renderer.xr.getReferenceSpace());
  if (!ray || !surface.width) return;
  const { position, orientation } = ray.transform;
  const ahead = new Vector3(0, 0, -2).applyQuaternion(new Quaternion().copy(orientation)).add(position);
  const found = surface.project(ahead);
  if (found) throwAt(found.x, found.y);
}

function clear() {
  balls.all = [];
  showBalls();
}

at('start').onclick = start;
at('throw').onclick = () => throwAt(aim.x, aim.y);
at('clear').onclick = clear;
at('end').onclick = () => session?.end();
at('bar').addEventListener('beforexrselect', (event) => event.preventDefault()); // a press of a button throws nothing

addEventListener('keydown', (event) => {
  if (!session) return;
  const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
  if (right || down) pointAt(aim.x + 0.02 * right, aim.y + 0.02 * down);
  else if (event.key === 'Escape') session.end().catch(() => {}); // it may be on its way already
  else if (event.key === ' ' && event.target.tagName !== 'BUTTON') throwAt(aim.x, aim.y);
  else return;
  event.preventDefault();
});

addEventListener('pointermove', ({ pointerType, clientX, clientY }) => {
  if (!session || pointerType !== 'mouse') return;
  const { left, top, width, height } = picture();
  pointAt((clientX - left) / width, (clientY - top) / height);
});

function pointAt(x, y) {
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

// ── Two small pictures

function painted(size, paint) {
  const made = document.createElement('canvas');
  made.width = made.height = size;
  paint(made.getContext('2d'));
  const texture = new CanvasTexture(made);
  texture.colorSpace = SRGBColorSpace;
  return texture;
}

function stripes(color) {
  return painted(64, (pen) => {
    for (let i = 0; i < 8; i++) {
      pen.fillStyle = i % 2 ? '#f7f3ea' : color;
      pen.fillRect(8 * i, 0, 8, 64);
    }
  });
}

function softDisc() {
  return painted(64, (pen) => {
    const fade = pen.createRadialGradient(32, 32, 0, 32, 32, 32);
    fade.addColorStop(0, 'rgb(0 0 0 / 1)');
    fade.addColorStop(0.5, 'rgb(0 0 0 / 0.7)');
    fade.addColorStop(1, 'rgb(0 0 0 / 0)');
    pen.fillStyle = fade;
    pen.fillRect(0, 0, 64, 64);
  });
}

await check();
