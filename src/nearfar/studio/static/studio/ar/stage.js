// What is drawn, with three.js: balls, their shadows on real things, and a ring that lies on the surface.
import {
  CanvasTexture,
  CircleGeometry,
  DirectionalLight,
  Group,
  HemisphereLight,
  Mesh,
  MeshBasicMaterial,
  MeshStandardMaterial,
  PerspectiveCamera,
  Quaternion,
  RingGeometry,
  Scene,
  SphereGeometry,
  SRGBColorSpace,
  Vector3,
  WebGLRenderer,
} from '../three.js';
import { RADIUS } from './balls.js';
import { Occlusion } from './occlusion.js';

const COLORS = ['#e4572e', '#17a398', '#f3a712', '#6c5ce7', '#d6336c'];
const FORWARD = new Vector3(0, 0, 1);
const STEADY = 10; // a second: how fast the ring turns with the surface, since depth is noisy

export class Stage {
  #scene = new Scene();
  #camera = new PerspectiveCamera(); // three.js fills it in from the session's view
  #occlusion = new Occlusion();
  #ring = ring();
  #shown = new Map(); // a ball ─▶ { mesh, shadow }
  #sphere = new SphereGeometry(RADIUS, 32, 24);
  #disc = new CircleGeometry(1, 32);
  #softness = softDisc();
  #skins = COLORS.map((color) =>
    this.#occlusion.hide(new MeshStandardMaterial({ map: stripes(color), roughness: 0.45 })),
  );

  constructor(canvas) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.renderer.xr.enabled = true;
    this.renderer.xr.setReferenceSpaceType('local');
    const sun = new DirectionalLight('#fff4e0', 2.2);
    sun.position.set(0.5, 2, 0.8);
    this.#scene.add(sun, new HemisphereLight('#ffffff', '#7a6a5c', 1.6), this.#ring);
  }

  render() {
    this.renderer.render(this.#scene, this.#camera);
  }

  /** Puts all where it is now. Gives the ring's distance from the camera, metres; null without depth there. */
  show(surface, balls, aim, seconds) {
    this.#occlusion.update(surface);
    for (const [ball, { mesh, shadow }] of this.#shown)
      if (!balls.includes(ball)) {
        this.#scene.remove(mesh, shadow);
        shadow.material.dispose();
        this.#shown.delete(ball);
      }
    for (const ball of balls) this.#showBall(ball, surface);
    return this.#showRing(surface, aim, seconds);
  }

  #showBall(ball, surface) {
    const { mesh, shadow } = this.#shown.get(ball) ?? this.#added(ball);
    mesh.position.copy(ball.position);
    mesh.quaternion.copy(ball.turn);
    const patch = surface.below(ball.position, 0.4);
    shadow.visible = !!patch?.normal;
    if (!shadow.visible) return;
    const high = Math.max(0, ball.position.y - patch.point.y - RADIUS);
    lay(shadow, patch, 0.002);
    shadow.scale.setScalar(RADIUS * (1.25 + 4 * high)); // the higher the ball, the wider and fainter
    shadow.material.opacity = 0.55 / (1 + 12 * high);
  }

  #added(ball) {
    const paint = new MeshBasicMaterial({ map: this.#softness, depthWrite: false });
    const mesh = new Mesh(this.#sphere, this.#skins[ball.number % COLORS.length]);
    const shadow = new Mesh(this.#disc, this.#occlusion.hide(paint, { liesOnReal: true }));
    shadow.renderOrder = -1;
    this.#scene.add(mesh, shadow);
    this.#shown.set(ball, { mesh, shadow });
    return { mesh, shadow };
  }

  #showRing(surface, aim, seconds) {
    const { x, y, z, w } = this.#ring.quaternion;
    const patch = surface.patchAt(aim.x, aim.y);
    this.#ring.visible = !!patch;
    if (!patch) return null;
    patch.normal ??= surface.viewer.sub(patch.point).normalize(); // at an edge it faces the camera
    lay(this.#ring, patch, 0.004);
    const turned = this.#ring.quaternion.clone();
    this.#ring.quaternion.set(x, y, z, w).slerp(turned, Math.min(1, STEADY * seconds));
    const distance = patch.point.distanceTo(surface.viewer);
    this.#ring.scale.setScalar(Math.max(0.5, distance)); // as large in the picture, wherever it lies
    return distance;
  }
}

/** Puts something flat onto a surface, a little above it. */
function lay(thing, { point, normal }, above) {
  thing.position.copy(point).addScaledVector(normal, above);
  thing.quaternion.copy(new Quaternion().setFromUnitVectors(FORWARD, normal));
}

/** White with a dark border, to be seen on anything. */
function ring() {
  const parts = [
    [0.026, 0.038, '#111'],
    [0.029, 0.035, '#fff'],
    [0, 0.006, '#111'],
    [0, 0.004, '#fff'],
  ];
  const made = new Group();
  for (const [inner, outer, color] of parts) {
    const paint = new MeshBasicMaterial({ color, transparent: true, depthWrite: false });
    made.add(new Mesh(new RingGeometry(inner, outer, 40), paint));
  }
  return made;
}

function painted(paint) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  paint(canvas.getContext('2d'));
  const texture = new CanvasTexture(canvas);
  texture.colorSpace = SRGBColorSpace;
  return texture;
}

function stripes(color) {
  return painted((pen) => {
    for (let i = 0; i < 8; i++) {
      pen.fillStyle = i % 2 ? '#f7f3ea' : color;
      pen.fillRect(8 * i, 0, 8, 64);
    }
  });
}

function softDisc() {
  return painted((pen) => {
    const fade = pen.createRadialGradient(32, 32, 0, 32, 32, 32);
    fade.addColorStop(0, 'rgb(0 0 0 / 1)');
    fade.addColorStop(0.5, 'rgb(0 0 0 / 0.7)');
    fade.addColorStop(1, 'rgb(0 0 0 / 0)');
    pen.fillStyle = fade;
    pen.fillRect(0, 0, 64, 64);
  });
}
