// How balls fly, bounce, roll and come to rest. Nothing here knows of WebXR: the world is what has `contacts`.
//
//   a frame ─▶ short steps ─▶ each ball: fly ─▶ what does it touch? ─▶ bounce or roll ─▶ quiet for long: sleep
import { Quaternion, Vector3 } from '../three.js';

export const RADIUS = 0.035; // metres
export const GRAVITY = 9.81;
const BOUNCE = 0.68; // of the speed towards a surface, how much is left afterwards
const FRICTION = 0.4;
const ROLLING = 1.2; // m/s², by which rolling balls slow down
const SOFTEST = 0.2; // m/s; slower than that a ball does not bounce
const STILL = 0.05; // m/s
const STAYS = 0.4 * RADIUS; // a ball that has gone no farther than this, lying on something,
const SLEEPY = 0.5; // for so many seconds, is at rest: depth is noisy, so that it never is quite still
const STEP = 1 / 90; // seconds, the longest
const MOST = 40;
const UP = new Vector3(0, 1, 0);
const isFloor = ({ normal }) => normal.y > 0.7; // not too steep to lie on

export class Balls {
  all = [];
  #added = 0;
  /** The height of the lowest floor that any has touched. */
  lowest = Infinity;

  /** Adds a ball; of too many the oldest goes. */
  add(position, velocity) {
    const ball = {
      number: this.#added++,
      position: position.clone(),
      velocity: velocity.clone(),
      spin: new Vector3(), // axis, times turns by the radian a second
      turn: new Quaternion(),
      floor: null, // the height of what it lay on last
      stayed: position.clone(), // since when it has hardly moved: from where, and for how many seconds
      quiet: 0,
      lost: 0, // seconds for which nothing was under it in its sleep
      asleep: false,
    };
    this.all.push(ball);
    if (this.all.length > MOST) this.all.shift();
    return ball;
  }

  /** Lets time pass, in steps so short that no ball moves by more than half its radius: none skips a surface. */
  advance(seconds, surface) {
    const awake = this.all.filter((ball) => !ball.asleep);
    const fastest = Math.max(0, ...awake.map(({ velocity }) => velocity.length())) + GRAVITY * seconds;
    const steps = Math.ceil(Math.max(seconds / STEP, (fastest * seconds) / (0.5 * RADIUS)));
    for (let i = 0; i < steps; i++) {
      for (const ball of this.all) if (!ball.asleep) step(ball, seconds / steps, surface, this.lowest);
      collide(this.all);
    }
    for (const ball of this.all) if (ball.asleep) rest(ball, seconds, surface);
    this.lowest = this.all.reduce((lowest, { floor }) => Math.min(lowest, floor ?? lowest), this.lowest);
    this.all = this.all.filter(({ position }) => position.length() < 12);
  }
}

function step(ball, seconds, surface, lowest) {
  const { position, velocity } = ball;
  // Exact for a thrown thing: what falls gains in speed precisely what it loses in height.
  position.addScaledVector(velocity, seconds);
  position.y -= (GRAVITY * seconds * seconds) / 2;
  velocity.y -= GRAVITY * seconds;
  const angle = ball.spin.length() * seconds;
  if (angle) ball.turn.premultiply(new Quaternion().setFromAxisAngle(ball.spin.clone().normalize(), angle));

  for (const { normal, distance } of touching(ball, surface, lowest)) {
    if (distance >= RADIUS) continue;
    meet(ball, normal, RADIUS - distance, seconds);
  }
  ball.quiet += seconds;
  if (ball.floor === null || position.distanceTo(ball.stayed) > STAYS) {
    ball.stayed.copy(position);
    ball.quiet = 0;
  }
  ball.asleep = ball.quiet > SLEEPY;
  if (ball.asleep) velocity.setScalar(0);
}

/** The surfaces beside a ball. Where the camera sees nothing, a floor is guessed: the one that it touched last,
    else the lowest that any ball has touched. */
function touching(ball, surface, lowest) {
  const { position } = ball;
  const found = surface.contacts(position, RADIUS);
  if (found) {
    const floor = found.find(isFloor);
    if (floor) ball.floor = position.y - floor.distance;
    else if (position.y < ball.floor) ball.floor = null; // it fell off
    return found;
  }
  const distance = position.y - (ball.floor ?? lowest);
  if (distance < -0.5 * RADIUS) return [];
  if (distance < RADIUS) ball.floor ??= lowest;
  return [{ normal: UP, distance }];
}

/** A ball that is `depth` metres too deep in a surface: out with it, and back if it was on its way in. */
function meet(ball, normal, depth, seconds) {
  const { position, velocity } = ball;
  position.addScaledVector(normal, depth);
  const speed = -velocity.dot(normal);
  if (speed <= 0) return;
  // It touched a moment ago, and has fallen since: what it has gained by that is not the bounce's to give back.
  const touch = Math.sqrt(Math.max(0, speed * speed - 2 * GRAVITY * normal.y * depth));
  const back = touch > SOFTEST ? BOUNCE * touch : 0;
  velocity.addScaledVector(normal, speed);
  const along = velocity.length();
  // A sliding ball begins to roll, which takes at most 2/7 of its speed. One that rolls slows down by and by.
  const slower = back
    ? Math.min(FRICTION * (touch + back), (along * 2) / 7)
    : Math.min(ROLLING * seconds, along);
  if (along) velocity.multiplyScalar(1 - slower / along);
  ball.spin.copy(normal).cross(velocity).divideScalar(RADIUS);
  velocity.addScaledVector(normal, back);
}

/** A sleeping ball stays, settling onto the mean of many frames. Without ground for a while it wakes. */
function rest(ball, seconds, surface) {
  const found = surface.hides(ball.position, RADIUS) ? null : surface.contacts(ball.position, RADIUS);
  const floor = found?.find((one) => isFloor(one) && one.distance < 2 * RADIUS);
  if (floor) ball.position.addScaledVector(floor.normal, (RADIUS - floor.distance) * Math.min(1, 2 * seconds));
  ball.lost = found && !floor ? ball.lost + seconds : 0;
  if (ball.lost > SLEEPY) wake(ball);
}

function wake(ball) {
  ball.asleep = false;
  ball.quiet = ball.lost = 0;
}

/** Balls of one weight that meet exchange their speeds along the line between them. */
function collide(all) {
  all.forEach((one, index) => {
    for (const other of all.slice(index + 1)) {
      const line = other.position.clone().sub(one.position);
      const overlap = 2 * RADIUS - line.length();
      if (overlap <= 0 || (one.asleep && other.asleep)) continue;
      line.normalize();
      one.position.addScaledVector(line, -overlap / 2);
      other.position.addScaledVector(line, overlap / 2);
      const closing = one.velocity.dot(line) - other.velocity.dot(line);
      if (closing <= STILL) continue; // they lean on one another
      one.velocity.addScaledVector(line, (-closing * (1 + BOUNCE)) / 2);
      other.velocity.addScaledVector(line, (closing * (1 + BOUNCE)) / 2);
      [one, other].forEach(wake);
    }
  });
}
