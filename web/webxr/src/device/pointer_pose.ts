// Moves the viewer by mouse and keys, relative to the device: a still photo can be looked at from beside.
//
//   drag, arrows: turn     W S: forth, back     A D: left, right     Q E: down, up     Home: back to the device
import { composed, type Matrix } from '../geometry/matrix';

const SPEED = 0.5; // metres a second
const TURN = 1; // radians a second
const DRAG = 0.004; // radians a pixel
const STEEPEST = 1.5; // radians

type Step = readonly [right: number, up: number, back: number, yaw: number, pitch: number];

const STEPS: Readonly<Record<string, Step>> = {
  KeyW: [0, 0, -1, 0, 0],
  KeyS: [0, 0, 1, 0, 0],
  KeyA: [-1, 0, 0, 0, 0],
  KeyD: [1, 0, 0, 0, 0],
  KeyQ: [0, -1, 0, 0, 0],
  KeyE: [0, 1, 0, 0, 0],
  ArrowLeft: [0, 0, 0, 1, 0],
  ArrowRight: [0, 0, 0, -1, 0],
  ArrowUp: [0, 0, 0, 0, 1],
  ArrowDown: [0, 0, 0, 0, -1],
};

export class PointerPose {
  #position: [number, number, number] = [0, 0, 0];
  #yaw = 0;
  #pitch = 0;
  /** Since when each key is held, in milliseconds; how far it has moved the viewer is counted up to there. */
  readonly #held = new Map<string, number>();
  #pose: Matrix | null = null;
  #listening: AbortController | null = null;

  /** Where the viewer is in the device's space; null: the device is the viewer. */
  get deviceFromViewer(): Matrix | null {
    if (this.#held.size) this.#advance(performance.now());
    return this.#pose;
  }

  start(): void {
    this.stop();
    this.#listening = new AbortController();
    const options = { signal: this.#listening.signal };
    addEventListener('keydown', (event) => this.#press(event), options);
    addEventListener('keyup', (event) => this.#release(event.code), options);
    addEventListener('blur', () => [...this.#held.keys()].forEach((code) => this.#release(code)), options);
    addEventListener('pointermove', (event) => this.#drag(event), options);
  }

  /** The viewer is the device again. */
  stop(): void {
    this.#listening?.abort();
    this.#listening = null;
    this.#held.clear();
    this.#reset();
  }

  #reset(): void {
    this.#position = [0, 0, 0];
    this.#yaw = this.#pitch = 0;
    this.#pose = null;
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    if (event.code === 'Home') this.#reset();
    else if (!STEPS[event.code]) return;
    else if (!this.#held.has(event.code)) this.#held.set(event.code, performance.now());
    event.preventDefault(); // arrows scroll
  }

  #release(code: string): void {
    if (!this.#held.has(code)) return;
    this.#advance(performance.now());
    this.#held.delete(code);
  }

  #drag(event: PointerEvent): void {
    if (event.pointerType === 'mouse' && event.buttons)
      this.#move([0, 0, 0, event.movementX * DRAG, event.movementY * DRAG]);
  }

  #advance(now: number): void {
    for (const [code, since] of this.#held) {
      const seconds = (now - since) / 1000;
      const [right, up, back, yaw, pitch] = STEPS[code]!;
      const [way, angle] = [SPEED * seconds, TURN * seconds];
      this.#move([right * way, up * way, back * way, yaw * angle, pitch * angle]);
      this.#held.set(code, now);
    }
  }

  /** Turns, then goes along the ground the way that the viewer faces. */
  #move([right, up, back, yaw, pitch]: Step): void {
    this.#yaw += yaw;
    this.#pitch = Math.min(Math.max(this.#pitch + pitch, -STEEPEST), STEEPEST);
    const [sine, cosine] = [Math.sin(this.#yaw), Math.cos(this.#yaw)];
    this.#position[0] += right * cosine + back * sine;
    this.#position[1] += up;
    this.#position[2] += back * cosine - right * sine;
    this.#pose = composed(this.#position, quaternion(this.#yaw, this.#pitch));
  }
}

/** About y, and before that about x. */
function quaternion(yaw: number, pitch: number): [number, number, number, number] {
  const [sy, cy, sp, cp] = [Math.sin(yaw / 2), Math.cos(yaw / 2), Math.sin(pitch / 2), Math.cos(pitch / 2)];
  return [cy * sp, sy * cp, -sy * sp, cy * cp];
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
