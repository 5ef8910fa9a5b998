"""A camera with a thin lens, by rays.

       lens, z = 0        plane of focus
          │ ╲                  │
          │   ╲╲               │
    ──────┼─────────╲──────────●── every ray of one pixel passes here,
          │   ╱╱               │   whatever point of the lens it comes from
          │ ╱                  │

A pixel is the mean of what such rays meet, so blur, hidden surfaces and lamps behind hair come out right
without any filtering of pictures. x points right, y down, z forward; metres. The lens is a disc of radius
`Camera.lens_m` at the origin; pixel (column, row) has its centre at +0.5; the focal length is that of a 36 mm
wide sensor. What is at depth z becomes a disc of `Camera.strength` · |1/z − 1/focus| pixels.

A scene is a function ``scene(ox, oy, dx, dy, dz) -> (z, red, green, blue)`` under numba's ``@njit``: what the
ray from (ox, oy, 0) in the direction (dx, dy, 1) meets, in linear light; dz is always 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

_STEPS = (math.sqrt(5.0) / 2 - 0.5, math.sqrt(2.0) - 1.0, math.sqrt(3.0) - 1.0)
"""From ray to ray: down the lens, across the pixel, down it, modulo 1; across the lens the steps are equal.

By the golden ratio the points of the lens are a Fibonacci lattice, which fills a square most evenly.
"""


@dataclass(frozen=True, slots=True)
class Camera:
    """A picture's size in pixels, and a lens: focal length for a 36 mm sensor, f-number, focus in metres."""

    size: tuple[int, int]
    focal_mm: float
    f_number: float
    focus_m: float

    @property
    def focal(self) -> float:
        """The focal length in pixels."""
        return self.focal_mm / 36.0 * self.size[0]

    @property
    def lens_m(self) -> float:
        """The radius of the lens."""
        return self.focal_mm / 2000.0 / self.f_number

    @property
    def strength(self) -> float:
        """Blur radius in pixels for a disparity of one per metre from the focus."""
        return self.focal * self.lens_m


class Studio:
    """A scene that is ready to be photographed: compiled once, for any camera."""

    def __init__(self, scene: Callable[..., tuple[float, float, float, float]]) -> None:
        self._photograph, self._distances = _compiled(scene)

    def photograph(self, camera: Camera, rays: int) -> NDArray[np.float32]:
        """(H, W, 3) linear light through the lens, from so many rays a pixel."""
        return self._photograph(*camera.size, camera.focal, camera.lens_m, camera.focus_m, rays)

    def all_in_focus(self, camera: Camera, rays: int) -> NDArray[np.float32]:
        """(H, W, 3) linear light through a pinhole: sharp everywhere."""
        return self._photograph(*camera.size, camera.focal, 0.0, 1.0, rays)

    def depth(self, camera: Camera) -> NDArray[np.float32]:
        """(H, W) metres along the axis, of what the pinhole sees at each pixel's centre."""
        return self._distances(*camera.size, camera.focal)


@njit(fastmath=True)
def _on_disc(a, b):
    """A point of the unit disc from one of the unit square, areas kept (Shirley and Chiu 1997)."""
    a, b = 2.0 * a - 1.0, 2.0 * b - 1.0
    if a == 0.0 and b == 0.0:
        return 0.0, 0.0
    if abs(a) > abs(b):
        angle = math.pi / 4 * b / a
        return a * math.cos(angle), a * math.sin(angle)
    angle = math.pi / 4 * a / b
    return b * math.sin(angle), b * math.cos(angle)


@njit(fastmath=True)
def _chance(column, row, axis):
    bits = (column * 0xD1B54A35 + row * 0x8CB92BA7 + axis * 0xABC98389) & 0xFFFFFFFF
    bits = ((bits ^ (bits >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    bits = ((bits ^ (bits >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return (bits ^ (bits >> 16)) / 4294967296.0


def _compiled(scene: Callable[..., tuple[float, float, float, float]]) -> tuple[Any, Any]:
    step_b, step_u, step_v = _STEPS

    @njit(parallel=True, fastmath=True)
    def photograph(width, height, focal, lens, focus, rays):
        out = np.empty((height, width, 3), np.float32)
        for row in prange(height):
            for column in range(width):
                a, b = _chance(column, row, 0), _chance(column, row, 1)
                u, v = _chance(column, row, 2), _chance(column, row, 3)
                red = green = blue = 0.0
                for _ in range(rays):
                    a = (a + 1.0 / rays) % 1.0
                    b = (b + step_b) % 1.0
                    u = (u + step_u) % 1.0
                    v = (v + step_v) % 1.0
                    x, y = _on_disc(a, b)
                    ox, oy = lens * x, lens * y
                    dx = (column + u - 0.5 * width) / focal - ox / focus
                    dy = (row + v - 0.5 * height) / focal - oy / focus
                    _, r, g, b_ = scene(ox, oy, dx, dy, 1.0)
                    red += r
                    green += g
                    blue += b_
                out[row, column, 0] = red / rays
                out[row, column, 1] = green / rays
                out[row, column, 2] = blue / rays
        return out

    @njit(fastmath=True)
    def distances(width, height, focal):
        out = np.empty((height, width), np.float32)
        for row in range(height):
            for column in range(width):
                dx, dy = (column + 0.5 - 0.5 * width) / focal, (row + 0.5 - 0.5 * height) / focal
                out[row, column] = scene(0.0, 0.0, dx, dy, 1.0)[0]
        return out

    return photograph, distances
