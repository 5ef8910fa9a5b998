"""Make a photo with depth out of nothing: a small still life, ray cast with NumPy, saved as HEIC or JPEG.

    python examples/make_depth_photo.py [OUT.heic]

The picture is 1600×1200; its depth map is 640×480, exact and calibrated, so that points taken out of the
photo lie where the scene has them: a floor 0.55 m under the camera, a wall 3.4 m away, and balls and boxes
between 0.8 and 2.9 m.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

import nearfar as nf

SIZE = (1600, 1200)
DEPTH_SIZE = (640, 480)
FOCAL = 1450.0  # px of the picture
PITCH = 0.12  # radians that the camera looks down
FLOOR, WALL = 0.55, 3.4  # metres; the world is x right, y down, z forward, the camera at its origin
LIGHT = np.array([-1.5, -2.4, -0.6], np.float32)
SPHERES = (  # x, z, radius, colour; all stand on the floor
    (0.27, 0.98, 0.155, (0.90, 0.36, 0.05)),
    (-0.34, 1.38, 0.21, (0.04, 0.28, 0.55)),
    (0.08, 1.75, 0.13, (0.88, 0.76, 0.24)),
    (0.78, 2.15, 0.27, (0.10, 0.48, 0.38)),
    (-0.02, 1.15, 0.062, (0.83, 0.82, 0.80)),
    (-0.20, 2.75, 0.22, (0.62, 0.30, 0.46)),
)
BOXES = (  # x, z, half sizes, turn about the vertical, colour
    (-0.92, 2.15, (0.24, 0.38, 0.24), 0.5, (0.72, 0.52, 0.33)),
    (0.40, 2.72, (0.20, 0.20, 0.20), -0.35, (0.30, 0.52, 0.70)),
)

Floats = NDArray[np.float32]


def main(out: str = "made.heic") -> None:
    color = render(SIZE)
    ids, depth = hit(*rays(*pixel_centres(DEPTH_SIZE), DEPTH_SIZE))[:2]
    assert (ids > 0).all(), "a ray left the room"
    focal, (width, height) = FOCAL, SIZE
    intrinsics = [[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]]
    depth_map = nf.DepthMap(
        1 / depth.reshape(DEPTH_SIZE[::-1]),
        kind=nf.DepthKind.DISPARITY,
        accuracy=nf.Accuracy.ABSOLUTE,
        calibration=nf.Calibration(np.array(intrinsics, np.float64), SIZE),
    )
    nf.Photo(color, depth_map, edits=nf.Edits(f_number=2.8, focus=(0.66, 0.62))).save(out)
    print(f"{out}: {width}×{height} with {depth_map!r}")


def pixel_centres(size: tuple[int, int]) -> tuple[Floats, Floats]:
    y, x = np.indices(size[::-1], np.float32) + np.float32(0.5)
    return x.ravel(), y.ravel()


def rays(x: Floats, y: Floats, size: tuple[int, int]) -> tuple[Floats, Floats, Floats]:
    """World directions through pixels, of length 1 along the camera's axis: a hit at t is at depth t."""
    scale = SIZE[0] / size[0] / FOCAL
    across, down = (x - size[0] / 2) * scale, (y - size[1] / 2) * scale
    sine, cosine = np.sin(PITCH), np.cos(PITCH)
    return across, down * cosine + sine, cosine - down * sine


def hit(dx: Floats, dy: Floats, dz: Floats) -> tuple[NDArray[np.int8], Floats, list[Floats]]:
    """What each ray meets first (1 floor, 2 wall, then spheres, then boxes), how far, and its normal."""
    ids, best = np.zeros(dx.shape, np.int8), np.full(dx.shape, np.inf, np.float32)
    normal = [np.zeros_like(dx) for _ in range(3)]

    def meet(t: Floats, number: int, *towards: Floats | float) -> None:
        nearer = (t > 1e-3) & (t < best)
        best[nearer], ids[nearer] = t[nearer], number
        for kept, new in zip(normal, towards, strict=True):
            kept[nearer] = new[nearer] if isinstance(new, np.ndarray) else new

    with np.errstate(divide="ignore", invalid="ignore"):
        meet(FLOOR / dy, 1, 0.0, -1.0, 0.0)
        meet(WALL / dz, 2, 0.0, 0.0, -1.0)
        for number, (x, z, radius, _) in enumerate(SPHERES, 3):
            y, a = FLOOR - radius, dx * dx + dy * dy + dz * dz
            b = dx * x + dy * y + dz * z
            t = (b - np.sqrt(b * b - a * (x * x + y * y + z * z - radius * radius))) / a
            meet(t, number, (t * dx - x) / radius, (t * dy - y) / radius, (t * dz - z) / radius)
        for number, (x, z, half, turn, _) in enumerate(BOXES, 3 + len(SPHERES)):
            ex, ez = turned(dx, dz, turn)
            cx, cz = turned(np.float32(x), np.float32(z), turn)
            slabs = list(zip((cx, FLOOR - half[1], cz), (ex, dy, ez), half, strict=True))
            enter = [(c - np.sign(e) * h) / e for c, e, h in slabs]
            near, far = (
                np.maximum.reduce(enter),
                np.minimum.reduce([(c + np.sign(e) * h) / e for c, e, h in slabs]),
            )
            faces = [
                np.where(t == near, -np.sign(e), 0).astype(np.float32)
                for t, (_, e, _) in zip(enter, slabs, strict=True)
            ]
            nx, nz = turned(faces[0], faces[2], -turn)
            meet(np.where(near < far, near, np.inf), number, nx, faces[1], nz)
    return ids, best, normal


def dot(a: list[Floats], b: list[Floats]) -> Floats:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def turned(x: Floats, z: Floats, angle: float) -> tuple[Floats, Floats]:
    sine, cosine = np.float32(np.sin(angle)), np.float32(np.cos(angle))
    return cosine * x - sine * z, sine * x + cosine * z


def render(size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture: a sample a pixel, and nine where a pixel and its neighbour differ in what they show."""
    x, y = pixel_centres(size)
    parts = [
        shade(*rays(x[at : at + 200_000], y[at : at + 200_000], size)) for at in range(0, len(x), 200_000)
    ]
    light = np.concatenate([part[0] for part in parts])
    what = np.concatenate([part[1] for part in parts]).reshape(size[::-1])
    edge = np.zeros(what.shape, bool)
    for axis in (0, 1):
        differs = np.diff(what, axis=axis) != 0
        first, second = (slice(None, -1), slice(1, None))
        edge[(first, slice(None)) if axis == 0 else (slice(None), first)] |= differs
        edge[(second, slice(None)) if axis == 0 else (slice(None), second)] |= differs
    chosen = np.flatnonzero(edge)
    offsets = [(i / 3, j / 3) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    light[chosen] = np.mean([shade(*rays(x[chosen] + i, y[chosen] + j, size))[0] for i, j in offsets], axis=0)
    light = light * (1 + light / 6) / (1 + light)  # a shoulder for the highlights
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)
    return np.rint(np.clip(coded, 0, 1) * 255).astype(np.uint8).reshape(*size[::-1], 3)


def shade(dx: Floats, dy: Floats, dz: Floats) -> tuple[Floats, NDArray[np.int16]]:
    """Linear light (N, 3) that comes back along each ray, and what it shows, for finding edges."""
    ids, t, normal = hit(dx, dy, dz)
    point = [t * dx, t * dy, t * dz]
    albedo, pattern = surface(ids, point)
    to_light = [LIGHT[axis] - point[axis] for axis in range(3)]
    distance = np.sqrt(dot(to_light, to_light))
    to_light = [part / distance for part in to_light]
    facing = np.clip(dot(normal, to_light), 0, None)
    key = facing * shadow(point, normal, to_light) * 12.0 / (1 + distance * distance * 0.35)
    sky = (0.62 - 0.30 * normal[1]) * openness(ids, point, normal)
    pattern = np.where(
        ids >= 3 + len(SPHERES), (abs(normal[0]) > abs(normal[2])) + 2 * (normal[1] < -0.5), pattern
    )
    length = np.sqrt(dx * dx + dy * dy + dz * dz)
    half = [part - d / length for part, d in zip(to_light, (dx, dy, dz), strict=True)]
    gloss = np.clip(dot(normal, half) / np.sqrt(dot(half, half)), 0, 1)
    gloss = np.where(ids >= 3, gloss**90 * key * 0.35, gloss**30 * key * 0.03)
    warm, cool = np.array([1.0, 0.90, 0.76], np.float32), np.array([0.56, 0.66, 0.82], np.float32)
    light = albedo * (key[:, None] * warm + sky[:, None] * cool * 0.5) + gloss[:, None] * warm
    return light, (ids * 8 + pattern).astype(np.int16)


def surface(ids: NDArray[np.int8], point: list[Floats]) -> tuple[Floats, NDArray[np.int16]]:
    """The colour of what was met (N, 3), and which part of its pattern."""
    x, y, z = point
    palette = np.array(
        [(0, 0, 0), (0, 0, 0), (0.60, 0.57, 0.53), *(s[3] for s in SPHERES), *(b[4] for b in BOXES)]
    )
    albedo = palette.astype(np.float32)[ids]
    plank = np.floor(x / 0.17).astype(np.int64)
    board = np.floor((z + 0.61 * (plank % 5)) / 0.9).astype(np.int64)
    tint = (np.sin(plank * 12.99 + board * 78.23) * 43758.5453) % 1
    grain = np.sin(x * 260 + 5 * np.sin(z * 4 + tint * 9) + tint * 40) * 0.05
    seam = np.minimum((x / 0.17) % 1, ((z + 0.61 * (plank % 5)) / 0.9) % 1 * 5) < 0.03
    wood = (0.75 + 0.35 * tint + grain)[:, None] * np.array([0.46, 0.29, 0.17], np.float32)
    floor = ids == 1
    albedo[floor] = np.where(seam[:, None], wood * 0.45, wood)[floor]
    stripes = (np.floor(x / 0.11).astype(np.int64) % 2).astype(np.int16)
    wall = ids == 2
    albedo[wall] *= np.where(stripes == 1, 0.86, 1.0)[wall, None]
    board_edge = wall & (y > FLOOR - 0.13)
    albedo[board_edge] = (0.80, 0.79, 0.77)
    pattern = np.where(
        floor, seam + (plank + board) % 2 * 2, np.where(wall, np.where(board_edge, 2, stripes), 0)
    )
    return albedo.astype(np.float32), pattern.astype(np.int16)


def shadow(point: list[Floats], normal: list[Floats], to_light: list[Floats]) -> Floats:
    """The share of a round lamp that is seen from each point, 0..1, by how near its ray passes to things."""
    start = [p + 2e-3 * n for p, n in zip(point, normal, strict=True)]
    seen = np.ones_like(point[0])
    softness = 14.0
    for x, z, radius, _ in SPHERES:
        away = [s - c for s, c in zip(start, (x, FLOOR - radius, z), strict=True)]
        along = dot(away, to_light)
        height = np.sqrt(np.clip(dot(away, away) - along * along, 0, None)) - radius
        with np.errstate(divide="ignore", invalid="ignore"):
            clear = 0.5 + 0.5 * softness * height / np.where(along < 0, -along, np.inf)
        seen = np.minimum(seen, np.where(along < 0, np.clip(clear, 0, 1), 1))
    for x, z, half, turn, _ in BOXES:
        near = np.flatnonzero((np.hypot(point[0] - x, point[2] - z) < 1.6) & (seen > 0))
        travel, clear = np.full(near.shape, 0.01, np.float32), np.ones(near.shape, np.float32)
        for _ in range(28):
            px, py, pz = (s[near] + travel * d[near] for s, d in zip(start, to_light, strict=True))
            qx, qz = turned(px - np.float32(x), pz - np.float32(z), turn)
            outside = [np.abs(q) - h for q, h in zip((qx, py - (FLOOR - half[1]), qz), half, strict=True)]
            gap = np.sqrt(sum(np.clip(o, 0, None) ** 2 for o in outside))
            gap += np.minimum(np.maximum.reduce(outside), 0)
            clear = np.minimum(clear, softness * 0.6 * gap / travel)
            travel = travel + np.clip(gap, 0.012, 0.15)
        clear = np.clip(clear, 0, 1)
        seen[near] = np.minimum(seen[near], clear * clear * (3 - 2 * clear))
    return seen


def openness(ids: NDArray[np.int8], point: list[Floats], normal: list[Floats]) -> Floats:
    """The share of the sky that is not hidden by the things nearby: dark where they touch the floor."""
    free = np.ones_like(point[0])
    things = [(x, z, radius, radius) for x, z, radius, _ in SPHERES]
    things += [(x, z, (half[0] + half[1]) / 2, half[1]) for x, z, half, _, _ in BOXES]
    for number, (x, z, radius, height) in enumerate(things, 3):
        towards = [c - p for c, p in zip((x, FLOOR - height, z), point, strict=True)]
        square = dot(towards, towards)
        facing = np.clip(dot(normal, towards) / np.sqrt(square), 0, 1)
        hidden = facing * np.clip(radius * radius / square, 0, 1)
        free *= 1 - 0.85 * np.where(ids == number, 0, hidden)
    free *= np.where(
        ids == 1, 1, np.clip(0.55 + (FLOOR - point[1]) * 1.6, 0, 1)
    )  # the floor darkens what is low
    return free * np.where(ids == 1, np.clip(0.45 + (WALL - point[2]) * 1.2, 0, 1), 1)


if __name__ == "__main__":
    main(*sys.argv[1:2])
