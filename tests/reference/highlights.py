"""The twin of the recovery of clipped highlights: pixel by pixel, blob by blob."""

from __future__ import annotations

import itertools
import math

import numpy as np

BRIGHTEST = 16.0
AROUND = [(dx, dy) for dy, dx in itertools.product((-1, 0, 1), repeat=2) if (dx, dy) != (0, 0)]
SIDES = ((0, -1), (0, 1), (-1, 0), (1, 0))


def decoded(image):
    code = np.arange(np.iinfo(image.dtype).max + 1) / np.iinfo(image.dtype).max
    light = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)[image].astype(float)


def blobs_of(mask):
    """Sets of (x, y) that hang together by their eight neighbours."""
    left = {(x, y) for y, x in np.argwhere(mask).tolist()}
    while left:
        found, todo = set(), [left.pop()]
        while todo:
            x, y = todo.pop()
            found.add((x, y))
            more = {(x + dx, y + dy) for dx, dy in AROUND} & left
            left -= more
            todo.extend(more)
        yield found


class Picture:
    def __init__(self, image):
        self.height, self.width = image.shape[:2]
        self.light = decoded(image)
        limit = 250 * (257 if image.dtype == np.uint16 else 1)
        self.clipped = image >= limit
        self.any = self.clipped.any(axis=2)

    def inside(self, x, y):
        return 0 <= x < self.width and 0 <= y < self.height

    def has(self, x, y, c):
        return bool(self.inside(x, y) and self.clipped[y, x, c])

    def clear(self, x, y):
        near = [(x, y), *((x + dx, y + dy) for dx, dy in AROUND)]
        return self.inside(x, y) and not any(self.inside(i, j) and self.any[j, i] for i, j in near)

    def behind(self, x, y):
        """What lies behind a pixel of a rim, or None."""
        window = itertools.product(range(x - 2, x + 3), range(y - 2, y + 3))
        found = [self.light[j, i] for i, j in window if self.clear(i, j)]
        return np.mean(found, axis=0) if found else None


def perimeter(mask):
    """Marching squares, within the picture."""
    corners = np.stack([mask[:-1, :-1], mask[:-1, 1:], mask[1:, :-1], mask[1:, 1:]]).astype(int)
    count = corners.sum(axis=0)
    crossed = (count == 2) & (corners[0] == corners[3])
    return ((count % 2) * math.sqrt(0.5) + (count == 2) + crossed * (math.sqrt(2) - 1)).sum()


def telling_sides(picture, blob, c):
    """How many sides the outline has, and how many of them tell something."""
    sides = telling = 0
    for (x, y), (dx, dy) in itertools.product(blob, SIDES):
        ax, ay = abs(dy), abs(dx)

        def has(step, out, x=x, y=y, dx=dx, dy=dy, ax=ax, ay=ay):
            return picture.has(x + ax * step + dx * out, y + ay * step + dy * out, c)

        if not has(0, 0) or has(0, 1) or not picture.inside(x + dx, y + dy):
            continue
        sides += 1
        if has(-1, 0) and not has(-1, 1):
            continue
        length = 1
        while has(length, 0) and not has(length, 1):
            length += 1

        def is_stair(rise, has=has):
            far, near, here, after = (has(i, i * rise) and not has(i, i * rise + 1) for i in (-2, -1, 1, 2))
            return (near and here) or (far and near) or (here and after)

        if length == 1 and (is_stair(1) or is_stair(-1)):
            continue
        goes_on = any((has(i, 1) and not has(i, 2)) or (not has(i, 0) and has(i, -1)) for i in (-1, length))
        telling += min(length, 4) if goes_on else length * (length <= 2)
    return sides, telling


def weigh(picture, blob):
    """The evidence of one blob: (area, pixels, spill, behind, seen) of each channel, and its hue."""
    rim = sorted({(x + dx, y + dy) for x, y in blob for dx, dy in AROUND if picture.inside(x + dx, y + dy)})
    seen = {at: picture.behind(*at) for at in rim}
    rows = []
    for c in range(3):
        own = {at for at in blob if picture.clipped[at[1], at[0], c]}
        mask = np.zeros((picture.height, picture.width), bool)
        for x, y in own:
            mask[y, x] = True
        here = [
            (x, y)
            for x, y in rim
            if not picture.clipped[y, x, c] and any((x + dx, y + dy) in own for dx, dy in AROUND)
        ]
        told = [(at, seen[at]) for at in here if seen[at] is not None]
        spill = [np.clip((picture.light[y, x, c] - b[c]) / max(1 - b[c], 0.05), 0, 1) for (x, y), b in told]
        sides, telling = telling_sides(picture, own, c)
        share = telling / sides if sides and told else 0.0
        pixels = perimeter(mask) * share * (len(told) / len(here) if here else 0)
        behind = np.mean([b[c] for _, b in told]) if told else 0.0
        rows.append((len(own), pixels, sum(spill) * share, behind, len(told)))
    clear = [(at, b) for at, b in seen.items() if b is not None and not picture.any[at[1], at[0]]]
    return rows, [hue(picture, blob, clear, c) for c in range(3)]


def hue(picture, blob, clear, c):
    own = [at for at in blob if picture.clipped[at[1], at[0], c]]
    found, least = None, 0.1 + 0.005 * len(clear)
    most = least
    for o in range(3):
        light = [picture.light[y, x, o] for x, y in own if not picture.clipped[y, x, o]]
        if o == c or not clear or len(light) <= 0.3 * len(own):
            continue
        behind = np.mean([b for _, b in clear], axis=0)
        excess = np.sum([picture.light[y, x] - b for (x, y), b in clear], axis=0)
        contrast = np.mean(light) - behind[o]
        if contrast <= 0.15:
            continue
        found = found or 1.0
        if excess[o] > most:
            most = excess[o]
            bound = 1 + 16 * max(1 - np.mean(light), 0)
            told = np.clip(behind[c] + contrast * excess[c] / most, 1.0, bound)
            found = 1 + (told - 1) * min(1.0, (most / least - 1) / 1.5)
    return found


def trusted(gain, low, high):
    t = np.clip((gain - low) / (high - low), 0, 1)
    return 1 + (np.clip(gain, 1, BRIGHTEST) - 1) * t * t * (3 - 2 * t)


def by_rim(count, light, behind, usual):
    return behind + (1 - behind) * (count + 4) / (2 * light + 4 * usual)


def together(rows, usual):
    """What the rims of several channels tell as one."""
    count, light = (sum(row[i] for row in rows) for i in (1, 2))
    behind = sum(row[3] * row[4] for row in rows) / max(sum(row[4] for row in rows), 1)
    return by_rim(count, light, behind, usual)


def gains(image):
    """(H, W, 3) factors by which a picture is brighter than its codes say."""
    picture = Picture(image)
    blobs = list(blobs_of(picture.any))
    evidence = [weigh(picture, blob) for blob in blobs]
    pixels, spill = 6.0, 3.0
    for rows, _ in evidence:
        for _, count, light, _, _ in rows:
            weight = min(1.0, 30 / max(count, 1.0))
            pixels, spill = pixels + count * weight, spill + light * weight
    usual = np.clip(2 * spill / pixels, 1 / BRIGHTEST, 1)
    out = np.ones(image.shape)
    padded = np.pad(picture.clipped, ((1, 1), (1, 1), (0, 0)), mode="edge")
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    for blob, (rows, hues) in zip(blobs, evidence, strict=True):
        whole = together(
            [row for row, colour in zip(rows, hues, strict=True) if row[0] and colour is None], usual
        )
        found = [1.0, 1.0, 1.0]
        for c, ((area, count, light, behind, seen), colour) in enumerate(zip(rows, hues, strict=True)):
            guess = np.clip(by_rim(count, light, behind, usual), whole / 1.4, whole * 1.4)
            if area:
                gain = trusted(guess, 1.5, 3.0) if colour is None else trusted(colour, 1.0, 1.3)
                found[c] = 1 + (gain - 1) * np.clip((0.8 - behind) / 0.3, 0, 1) * (seen > 0)
        for c, row in enumerate(rows):
            if not row[0]:
                continue
            alike = [found[o] for o in range(3) if rows[o][0] > 0.3 * row[0]]
            gain = min([found[c], *(1.96 * other for other in alike)])
            edge = max(1.0, gain * ((1 - 1 / gain**2) / 2 + 1 / gain))
            for x, y in blob:
                if picture.clipped[y, x, c]:
                    out[y, x, c] = gain if inner[y, x, c] else edge
    return out
