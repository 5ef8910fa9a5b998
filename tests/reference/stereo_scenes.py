"""Made maps of shifts for the tests of stereo."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from reference.stereo import UNIT, picture
from reference.stereo_maps import whole

HEIGHTS = st.integers(1, 36)
WIDTHS = st.one_of(st.integers(1, 34), st.sampled_from([63, 64, 65, 127, 128, 129]))


class Scene:
    """A picture of patches and a map of slopes and steps, here and there wrong, with what was found of it."""

    def __init__(self, seed: int, height: int, width: int, channels: int) -> None:
        generator = np.random.default_rng(seed)
        size = height, width
        patch = generator.choice([2, 5, 9])

        def patched(low, high, depth):
            small = generator.integers(low, high, (height // patch + 1, width // patch + 1, depth))
            return np.kron(small, np.ones((patch, patch, 1), np.int64))[:height, :width]

        levels = patched(0, 256, channels) // generator.choice([1, 6])
        levels += generator.integers(-9, 10, (*size, channels))
        self.samples = np.clip(levels, 0, 255).astype(np.uint8).reshape(height, -1)
        self.channels = channels
        shift = np.arange(width) * generator.integers(-20, 21) + generator.integers(-6, 7, size)
        shift += np.arange(height)[:, None] * generator.integers(-9, 9)
        shift += patched(0, 30, 1)[..., 0] * generator.choice([0, 20, 64, 90])
        wrong = generator.random(size) < generator.choice([0, 0.05, 0.5])
        self.shift = np.clip(np.where(wrong, generator.integers(0, 40 * UNIT, size), shift), 0, 511 * UNIT)
        self.shift = self.shift.astype(np.int16)
        self.margin = np.where(wrong, 0, generator.integers(0, 256, size)).astype(np.uint8)
        self.state = generator.choice([0, 2, 4, 6, 8], size, p=[0.6, 0.1, 0.1, 0.1, 0.1]).astype(np.uint8)
        self.state[patched(0, generator.choice([1, 3]), 1)[..., 0] > 0] = 2
        # The right view: what the left shift says, where it says it, and errors.
        near = np.clip(whole(self.shift.astype(np.int64)) + generator.integers(-2, 3, size), 0, 511)
        columns = np.clip(np.arange(width) + generator.integers(0, 4, size), 0, width - 1)
        self.right = np.take_along_axis(near, columns, axis=1).astype(np.int16)

    @property
    def colours(self):
        return picture(self.samples, self.channels)[1]


@st.composite
def scenes(draw, heights=HEIGHTS, widths=WIDTHS):
    return Scene(draw(st.integers(0, 2**32)), draw(heights), draw(widths), draw(st.sampled_from([1, 3])))
