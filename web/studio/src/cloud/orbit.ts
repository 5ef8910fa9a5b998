// Where points are looked at from: on a sphere around what is in the middle; at first the camera's own place.

/** Tangents of the angles from the axis to the left, right, upper and lower edge of the picture. */
export type Tangents = readonly [number, number, number, number];
type Place = readonly [number, number, number];

const STEEPEST = 1.4; // radians up or down
const NEAREST = 0.15; // times the first distance
const FARTHEST = 6;
const FIRST = 1.08; // a little behind the camera, so that the edges are seen
const SWAY = 0.11; // radians
const PERIOD = 7000; // milliseconds of one swing

export class Orbit {
  #yaw = 0;
  #pitch = 0;
  #zoom = FIRST;
  #phase = 0;
  #touched = false;

  /** Whether nobody has turned it yet, or it was put back. */
  get untouched(): boolean {
    return !this.#touched;
  }

  /** Turns by angles in radians: to the right, up. */
  turn(right: number, up: number): void {
    this.#touched = true;
    this.#yaw = (this.#yaw + right) % (2 * Math.PI);
    this.#pitch = Math.min(STEEPEST, Math.max(-STEEPEST, this.#pitch + up));
  }

  /** Goes nearer, by a factor below 1, or away. */
  approach(factor: number): void {
    this.#touched = true;
    this.#zoom = Math.min(FARTHEST, Math.max(NEAREST, this.#zoom * factor));
  }

  /** Goes back to the camera's place. */
  home(): void {
    this.#yaw = 0;
    this.#pitch = 0;
    this.#zoom = FIRST;
    this.#phase = 0;
    this.#touched = false;
  }

  /** Swings on, where nobody has turned it yet. */
  sway(milliseconds: number): void {
    if (this.#touched) return;
    this.#phase += (2 * Math.PI * milliseconds) / PERIOD;
    this.#yaw = SWAY * Math.sin(this.#phase);
    this.#pitch = 0.35 * SWAY * (1 - Math.cos(this.#phase));
  }

  /** The eye, in the camera's axes: x right, y up, looking along -z. */
  eye(pivot: Place): Place {
    const [x, y, z] = pivot;
    const far = this.#zoom * Math.hypot(x, y, z);
    const heading = Math.atan2(-x, -z) + this.#yaw;
    const height = Math.min(1.5, Math.max(-1.5, Math.asin(-y / Math.hypot(x, y, z)) + this.#pitch));
    return [
      x + far * Math.cos(height) * Math.sin(heading),
      y + far * Math.sin(height),
      z + far * Math.cos(height) * Math.cos(heading),
    ];
  }
}

/** What is turned about: the middle of the picture, at a distance. */
export function pivotAt([left, right, up, down]: Tangents, distance: number): Place {
  return [(distance * (right - left)) / 2, (distance * (up - down)) / 2, -distance];
}
