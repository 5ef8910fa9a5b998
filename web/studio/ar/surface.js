// The real world as a page meets it: one depth map per frame, as a surface that can be pointed at and touched.
//
//   x, y of the picture ─ metresAt ─▶ depth ─ pointAt ─▶ a point ─ patchAt ─▶ with its normal
//   a ball ─ contacts ─▶ how far its centre is from the real surfaces beside it
//
// Places in the picture are 0 to 1 from its top left. Points are in the session's "local" space: metres, y up, and
// it stays where it is when the camera moves.
import { Vector3 } from '../three.js';

/** More than this between neighbours, as a share of their depth, is the edge of one thing before another. */
const JUMP = 0.1;
/** Depth may be wrong by as much, as a share of itself: a ball may seem to be as deep in something. */
const NOISE = 0.015;
const GRID = 9; // points by points of a ball's outline that are looked up
const SPREAD = 0.6; // how far their neighbours are, as a share of half the outline

export class Surface {
  width = 0;
  height = 0;
  /** A number for each pixel of the depth map, row by row; 0 is a hole: nothing was measured there. */
  metres = new Float32Array(0);

  /** Takes over a frame's depth: copied, since what WebXR gives is valid during the frame's callback alone. */
  update(depth, view, format) {
    const raw = format === 'float32' ? new Float32Array(depth.data) : new Uint16Array(depth.data);
    if (this.metres.length !== raw.length) this.metres = new Float32Array(raw.length);
    for (let i = 0; i < raw.length; i++) this.metres[i] = raw[i] * depth.rawValueToMeters;
    this.width = depth.width;
    this.height = depth.height;
    // The buffer may lie on its side: a phone's sensor does not turn when the phone is held upright.
    this.bufferFromView = Float32Array.from(depth.normDepthBufferFromNormView.matrix);
    this.projection = Float32Array.from(view.projectionMatrix);
    this.localFromView = Float32Array.from(view.transform.matrix);
    this.viewFromLocal = Float32Array.from(view.transform.inverse.matrix);
  }

  /** Where the camera is. */
  get viewer() {
    return new Vector3().fromArray(this.localFromView, 12);
  }

  /** Depth at a point of the picture: metres from the camera's plane. 0 in holes and outside the picture. */
  metresAt(x, y) {
    if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1)) return 0;
    const { width, height, metres, bufferFromView: m } = this;
    const column = Math.min(Math.max((m[0] * x + m[4] * y + m[12]) * width - 0.5, 0), width - 1);
    const row = Math.min(Math.max((m[1] * x + m[5] * y + m[13]) * height - 0.5, 0), height - 1);
    const left = Math.min(Math.floor(column), width - 2);
    const top = Math.min(Math.floor(row), height - 2);
    const [across, down] = [column - left, row - top];
    const corner = top * width + left;
    const [a, b] = [metres[corner], metres[corner + 1]];
    const [c, d] = [metres[corner + width], metres[corner + width + 1]];
    // Mixed over a hole or an edge, depth would be of a place where nothing is: there the nearest pixel has it.
    if (Math.max(a, b, c, d) > Math.min(a, b, c, d) * (1 + JUMP))
      return metres[(top + Math.round(down)) * width + left + Math.round(across)];
    return (a * (1 - across) + b * across) * (1 - down) + (c * (1 - across) + d * across) * down;
  }

  /** The point that a point of the picture shows; null where its depth is not known. */
  pointAt(x, y, metres = this.metresAt(x, y)) {
    if (!(metres > 0)) return null;
    const p = this.projection; // also of a camera whose middle is not the picture's, hence p[8], p[9]
    const point = new Vector3((2 * x - 1 + p[8]) / p[0], (1 - 2 * y + p[9]) / p[5], -1);
    return moved(point.multiplyScalar(metres), this.localFromView);
  }

  /** The other way round: where in the picture a point is, and its depth; null behind the camera. */
  project(point) {
    const seen = moved(point.clone(), this.viewFromLocal);
    const metres = -seen.z;
    if (metres < 0.01) return null;
    const p = this.projection;
    return {
      x: (1 + (p[0] * seen.x) / metres - p[8]) / 2,
      y: (1 - (p[5] * seen.y) / metres + p[9]) / 2,
      metres,
    };
  }

  /** A point and the way its surface faces, by what is `aside` of it on all sides, a share of the picture. */
  patchAt(x, y, aside = 0.02) {
    const point = this.pointAt(x, y);
    return point && { point, normal: this.normalAt(x, y, aside, aside) };
  }

  /** The way the surface faces, by what is `dx` and `dy` beside it; null at edges, holes, the picture's border. */
  normalAt(x, y, dx, dy) {
    const here = this.metresAt(x, y);
    const [left, right] = [this.metresAt(x - dx, y), this.metresAt(x + dx, y)];
    const [up, down] = [this.metresAt(x, y - dy), this.metresAt(x, y + dy)];
    if (!here || !left || !right || !up || !down) return null;
    // Along a plane one by depth changes evenly, however slanted it is: where it does not, there is an edge.
    const bend = (a, b) => Math.abs(1 / a + 1 / b - 2 / here) * here * here;
    const beside = (2 * dx * here) / this.projection[0]; // metres
    if (Math.max(bend(left, right), bend(up, down)) > 2 * beside + NOISE * here) return null;
    const across = this.pointAt(x + dx, y, right).sub(this.pointAt(x - dx, y, left));
    const along = this.pointAt(x, y - dy, up).sub(this.pointAt(x, y + dy, down));
    return across.cross(along).normalize();
  }

  /** Whether something real is before a ball, so that the camera cannot see what it touches. */
  hides(center, radius) {
    const at = this.project(center);
    const real = at ? this.metresAt(at.x, at.y) : 0;
    return real > 0 && real < at.metres - radius;
  }

  /**
   * The surfaces beside a ball: the normal of each, and how far the centre is in front of it. [] in open air;
   * null where the camera does not know: outside the picture, in a hole, behind something that hides the ball.
   *
   * Where a ball touches something that the camera sees, the place lies inside the ball's outline. So points all
   * over that outline are looked up; those as near to the centre as its skin are touched. Each has a normal from
   * its neighbours, and the ball's distance to that plane. The mean of all that face the same way is far less
   * noisy than one.
   */
  contacts(center, radius) {
    const at = this.project(center);
    if (!at) return null;
    // Half the outline, as a share of the picture, but never so small that all of it falls into one pixel.
    const pixel = 1 / Math.min(this.width, this.height);
    const halfX = Math.max((0.55 * this.projection[0] * radius) / at.metres, 2 * pixel);
    const halfY = Math.max((0.55 * this.projection[5] * radius) / at.metres, 2 * pixel);
    const deep = Math.max(0.5 * radius, NOISE * at.metres);
    const touched = [];
    let known = 0;
    for (let i = 0; i < GRID * GRID; i++) {
      const x = at.x + ((i % GRID) / (GRID - 1) - 0.5) * 2 * halfX;
      const y = at.y + (Math.floor(i / GRID) / (GRID - 1) - 0.5) * 2 * halfY;
      const metres = this.metresAt(x, y);
      if (!metres) continue;
      known++;
      if (Math.abs(metres - at.metres) > 1.2 * radius + deep) continue;
      const apart = center.clone().sub(this.pointAt(x, y, metres));
      if (apart.length() > 1.2 * radius + deep) continue;
      let normal = this.normalAt(x, y, SPREAD * halfX, SPREAD * halfY);
      if (!normal && apart.length() > radius) continue;
      normal ??= apart.clone().normalize(); // an edge faces every way: the ball is touched by a point of it
      const distance = apart.dot(normal);
      const aside = Math.sqrt(Math.max(0, apart.lengthSq() - distance * distance));
      if (distance > -deep && aside < 0.7 * radius)
        touched.push({ normal, distance, weight: 1 - aside / radius });
    }
    if (!touched.length && (known < (GRID * GRID) / 2 || this.hides(center, radius))) return null;
    return grouped(touched);
  }

  /** The patch straight below a point, at most `reach` metres: a step at a time until one is behind what is seen. */
  below(point, reach) {
    const steps = 24;
    const place = point.clone();
    for (let i = 0; i < steps; i++) {
      place.y -= reach / steps;
      const at = this.project(place);
      const real = at ? this.metresAt(at.x, at.y) : 0;
      if (!real) return null;
      if (real < at.metres) return at.metres - real < 0.1 ? this.patchAt(at.x, at.y) : null;
    }
    return null;
  }
}

/** Means of those that face the same way, the nearest first: a corner of a room gives two or three. */
function grouped(touched) {
  const groups = [];
  let rest = touched;
  while (rest.length && groups.length < 3) {
    const first = rest.reduce((a, b) => (b.distance < a.distance ? b : a));
    const same = rest.filter(({ normal }) => normal.dot(first.normal) > 0.7);
    rest = rest.filter((one) => !same.includes(one));
    const normal = new Vector3();
    let [distance, weight] = [0, 0];
    for (const one of same) {
      normal.addScaledVector(one.normal, one.weight);
      distance += one.distance * one.weight;
      weight += one.weight;
    }
    groups.push({ normal: normal.normalize(), distance: distance / weight });
  }
  return groups;
}

/** A point through a rigid 4 × 4 matrix, column by column as WebXR has them. Changes the point. */
function moved(point, m) {
  const { x, y, z } = point;
  return point.set(
    m[0] * x + m[4] * y + m[8] * z + m[12],
    m[1] * x + m[5] * y + m[9] * z + m[13],
    m[2] * x + m[6] * y + m[10] * z + m[14],
  );
}
