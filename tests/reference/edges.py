"""The splitting of mixed pixels in lens blur, of a whole picture at once.

Maps are (H, W) or (H, W, 3), float32. native/effects/edges.cpp, unmix.cpp and coverage.cpp do the same.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np

JUMP = np.float32(0.5)
DISC = [
    (0, -1),
    (-1, 0),
    (1, 0),
    (0, 1),
    (-1, -1),
    (1, -1),
    (-1, 1),
    (1, 1),
    (0, -2),
    (-2, 0),
    (2, 0),
    (0, 2),
]
"""(x, y), in the order of their distance."""
TRUST = np.array([1.0] * 4 + [0.353553] * 4 + [0.125] * 4, np.float32)
DISTANCE = np.array([1.0] * 4 + [1.414214] * 4 + [2.0] * 4, np.float32)


@dataclass(frozen=True, slots=True)
class Borders:
    """What is known of the pixels that are mixed; elsewhere it is rubbish."""

    mixed: np.ndarray
    is_near: np.ndarray
    least: np.ndarray
    most: np.ndarray
    near: np.ndarray  # circles of confusion
    far: np.ndarray
    drawn: np.ndarray
    share: np.ndarray
    near_light: np.ndarray
    far_light: np.ndarray


def shifted(values, x, y, reach=2):
    """Each pixel's neighbour at (x, y); beyond the picture its border is repeated."""
    rows, columns = values.shape[:2]
    wide = np.pad(values, [(reach, reach), (reach, reach)] + [(0, 0)] * (values.ndim - 2), mode="edge")
    return wide[reach + y : reach + y + rows, reach + x : reach + x + columns]


def in_picture(shape, x, y):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return (rows + y >= 0) & (rows + y < shape[0]) & (columns + x >= 0) & (columns + x < shape[1])


class Side:
    """Means over pixels, each with a trust."""

    def __init__(self, shape):
        self.trust, self.weight = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        self.sum, self.squares = np.zeros((*shape, 3), np.float32), np.zeros((*shape, 3), np.float32)

    def add(self, where, trust, light):
        tamed = trust / (1 + np.float32(4 / 3) * np.maximum(0, light.sum(-1, dtype=np.float32)))
        self.trust += np.where(where, trust, 0)
        self.weight += np.where(where, tamed, 0)
        self.sum += np.where(where, tamed, 0)[..., None] * light
        self.squares += np.where(where, tamed, 0)[..., None] * light * light

    def mean(self):
        return self.sum / self.weight[..., None]

    def spread(self):
        return np.maximum(0, self.squares / self.weight[..., None] - self.mean() ** 2)

    def power(self):
        return self.squares.sum(-1) / self.weight

    def variance(self, contrast):
        mean, spread = self.mean(), self.spread()
        common = spread.mean(-1, keepdims=True)
        doubt = 0.5 * contrast / (1 + 200 * self.trust * self.trust)
        return 0.25 * (spread + common) + 1e-3 * mean * mean + 1e-5 + doubt[..., None]


def brightest(own, mean):
    return 2 * np.maximum(0, np.maximum(own, mean))


def unmix(own, near, far, drawn, is_near):
    """The share of the nearer side and the light of both."""
    with np.errstate(invalid="ignore", divide="ignore"):
        front, back = near.mean(), far.mean()
        contrast = ((front - back) ** 2).sum(-1) / 3
        front_variance, back_variance = near.variance(contrast), far.variance(contrast)
        share = drawn
        for _ in range(2):
            variance = share[..., None] ** 2 * front_variance + (1 - share[..., None]) ** 2 * back_variance
            precise = (front - back) / variance
            pull = 100 * drawn + ((own - back) * precise).sum(-1)
            share = pull / (100 + ((front - back) * precise).sum(-1))
            share = np.where(is_near, np.clip(share, 0.2, 1), np.clip(share, 0, 0.8)).astype(np.float32)
        part = share[..., None]
        variance = part**2 * front_variance + (1 - part) ** 2 * back_variance
        rest = (own - part * front - (1 - part) * back) / variance
        most = np.where(own > 1, np.maximum(0, front), brightest(own, front))
        near_light = np.clip(front + part * front_variance * rest, 0, most)
        far_light = np.clip(back + (1 - part) * back_variance * rest, 0, brightest(own, back))
    return share, near_light.astype(np.float32), far_light.astype(np.float32)


def first_guess(light, circles, coverage, blurred):
    """Borders by their pure neighbours; `coverage` is of a pattern of 9 bits, `blurred` of a circle."""
    around = [shifted(circles, x, y) for x, y in DISC[:8]]
    least, most = np.minimum(circles, np.min(around, 0)), np.maximum(circles, np.max(around, 0))
    bends = [
        abs(shifted(circles, x, y) + shifted(circles, -x, -y) - 2 * circles)
        for x, y in ((1, 0), (0, 1), (1, 1), (-1, 1))
    ]
    mixed = (np.max(bends, 0) >= JUMP) & (most - least >= JUMP) & (blurred(least) | blurred(most))
    middle = np.float32(0.5) * (least + most)
    near = {(x, y): shifted(circles, x, y) < middle for x in range(-2, 3) for y in range(-2, 3)}
    sides = Side(circles.shape), Side(circles.shape)
    means = np.zeros((2, *circles.shape), np.float32)
    for y in (-1, 0, 1):
        for x in (-1, 0, 1):
            alike = sum(near[x + i, y + j].astype(int) for i in (-1, 0, 1) for j in (-1, 0, 1))
            pure = (np.where(near[x, y], alike, 9 - alike) - 1).astype(np.float32) / 8
            trust = np.maximum(np.float32(1e-4), pure * pure / (1 + x * x + y * y))
            for far, side in enumerate(sides):
                where = near[x, y] != bool(far)
                side.add(where, trust, shifted(light, x, y))
                means[far] += np.where(where, trust, 0) * shifted(circles, x, y)
    is_near = near[0, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        near_circle = np.where(is_near, circles, means[0] / sides[0].trust)
        far_circle = np.where(is_near, means[1] / sides[1].trust, circles)
    pattern = sum(near[x, y].astype(int) << 3 * (y + 1) + x + 1 for y in (-1, 0, 1) for x in (-1, 0, 1))
    drawn = np.array([coverage(bits) for bits in range(512)], np.float32)[pattern]
    mix = unmix(light, *sides, drawn, is_near)
    return Borders(mixed, is_near, least, most, near_circle, far_circle, drawn, *mix)


def refined(light, circles, borders):
    """Each border by the samples of its neighbours."""
    middle = np.float32(0.5) * (borders.least + borders.most)
    near, far = Side(circles.shape), Side(circles.shape)
    for (x, y), trust in zip(DISC[:8], TRUST[:8], strict=True):
        there = in_picture(circles.shape, x, y)
        mixed = shifted(borders.mixed, x, y)
        circle, plain = shifted(circles, x, y), shifted(light, x, y)
        everywhere = np.full(circles.shape, trust)
        near.add(there & ~mixed & (circle < middle), everywhere, plain)
        far.add(there & ~mixed & (circle >= middle), everywhere, plain)
        share = shifted(borders.share, x, y)
        nearer, farther = shifted(borders.near, x, y), shifted(borders.far, x, y)
        near.add(
            there & mixed & (nearer < middle) & (nearer >= borders.least - JUMP),
            np.maximum(np.float32(1e-5), trust * share * share),
            np.nan_to_num(shifted(borders.near_light, x, y)),
        )
        far.add(
            there & mixed & (farther >= middle) & (farther <= borders.most + JUMP),
            np.maximum(np.float32(1e-5), trust * (1 - share) * (1 - share)),
            np.nan_to_num(shifted(borders.far_light, x, y)),
        )
    share, near_light, far_light = unmix(light, near, far, borders.drawn, borders.is_near)
    told = (near.trust > 0) & (far.trust > 0)
    return replace(
        borders,
        share=np.where(told, share, borders.share),
        near_light=np.where(told[..., None], near_light, borders.near_light),
        far_light=np.where(told[..., None], far_light, borders.far_light),
    )


def hidden(light, circles, borders):
    """What pixels beside borders hide: where, how surely, its circles and its light."""
    found, certainty = np.zeros(circles.shape, bool), np.zeros(circles.shape, np.float32)
    nearest = np.zeros(circles.shape, np.float32)
    continued = []
    for i, (x, y) in enumerate(DISC):
        goes_on = in_picture(circles.shape, x, y) & shifted(borders.mixed, x, y)
        goes_on &= abs(shifted(borders.near, x, y) - circles) <= JUMP
        goes_on &= shifted(borders.far, x, y) - circles >= JUMP
        goes_on &= ~borders.mixed
        continued.append(goes_on)
        certainty = np.where(goes_on & ~found, 1 - DISTANCE[i] / 3, certainty)
        nearest = np.where(goes_on & ~found, shifted(borders.far, x, y), nearest)
        found |= goes_on
    side, above, means = Side(circles.shape), Side(circles.shape), np.zeros(circles.shape, np.float32)
    contrast = np.zeros(circles.shape, np.float32)
    for i, (x, y) in enumerate(DISC):
        far = shifted(borders.far, x, y)
        alike = continued[i] & (abs(far - nearest) <= np.maximum(JUMP, np.float32(0.2) * abs(nearest)))
        front = np.nan_to_num(shifted(borders.near_light, x, y))
        back = np.nan_to_num(shifted(borders.far_light, x, y))
        side.add(alike, np.full(circles.shape, TRUST[i]), back)
        above.add(alike, np.full(circles.shape, TRUST[i]), front)
        means += np.where(alike, TRUST[i] * far, 0)
        contrast += np.where(alike, TRUST[i] * ((front - back) ** 2).sum(-1), 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = means / side.trust
        certainty = certainty / (1 + 3 * texture(light, circles, side, means) ** 2)
        noise = 1e-3 * (side.power() + 1e-4)
        within = side.spread().sum(-1) + above.spread().sum(-1) + noise
        alike = within / (within + noise + contrast / side.trust)
        behind = side.mean() + alike[..., None] * (light - side.mean())
        return found, certainty + alike * (1 - certainty), means, behind


def texture(light, circles, side, behind):
    """How much the farther side varies: what is known of it, and pixels 4 px around that are as far."""
    far = copy.deepcopy(side)
    for y in (-4, 0, 4):
        for x in (-4, 0, 4):
            alike = abs(shifted(circles, x, y, 4) - behind) < JUMP
            far.add(alike, np.full(circles.shape, np.float32(0.5)), shifted(light, x, y, 4))
    return far.spread().sum(-1) / (far.power() + 1e-4)


def drawn_shapes(random, count, fineness=8):
    """Straight edges, strips and corners at random: what 3×3 pixels show, and the share of the middle one."""
    turn, turned = random.uniform(0, 2 * np.pi, count), random.uniform(0.5, 2.5, count)
    offset, other = random.uniform(-2.2, 2.2, (2, count))
    width = np.exp(random.uniform(np.log(0.3), np.log(4), count))
    kind = random.integers(3, size=count)[:, None]

    def inside(x, y):
        first = x * np.cos(turn)[:, None] + y * np.sin(turn)[:, None] - offset[:, None]
        second = x * np.cos(turn + turned)[:, None] + y * np.sin(turn + turned)[:, None] - other[:, None]
        strip = abs(first) < width[:, None] / 2
        return np.where(kind == 0, first < 0, np.where(kind == 1, strip, (first < 0) & (second < 0)))

    y, x = np.mgrid[-1:2, -1:2].reshape(2, 9)
    part = (np.arange(fineness) + 0.5) / fineness - 0.5
    down, across = np.meshgrid(part, part, indexing="ij")
    return inside(x, y), inside(across.ravel(), down.ravel()).mean(1)
