"""How lens blur is made elsewhere: layers by OpenCV, one blur mixed by depth, and scatter without order.

All take a picture in linear light, its disparity, the disparity in focus and the strength, as `lens_blur`
does. Layers are cut in even steps of signed radius, each blurred with its own coverage and laid over what is
farther. A disc weighs each pixel by the area they share; a Gaussian has half the disc's radius for sigma.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Picture = NDArray[np.float32]
_SHARP = 0.3
"""Px: a smaller radius blurs nothing."""


def disc_layers(image: Picture, disparity: Picture, focus: float, strength: float) -> Picture:
    """48 layers, each under cv2.filter2D with a disc."""
    return _layers(image, strength * (disparity - np.float32(focus)), 48, _by_disc)


def gaussian_layers(image: Picture, disparity: Picture, focus: float, strength: float) -> Picture:
    """16 layers, each under cv2.GaussianBlur."""
    return _layers(image, strength * (disparity - np.float32(focus)), 16, _by_gaussian)


def one_gaussian(image: Picture, disparity: Picture, focus: float, strength: float) -> Picture:
    """The whole picture blurred once, as the largest radius asks, mixed in by how far each pixel is off."""
    radius = np.abs(strength * (disparity - np.float32(focus)))
    largest = max(float(radius.max()), 1e-6)
    share = (radius / largest)[..., None]
    return image + share * (_by_gaussian(image, largest) - image)


def scatter(image: Picture, disparity: Picture, focus: float, strength: float) -> Picture:
    """Every pixel onto its disc with a soft edge, in no order of depth; for small pictures.

    Source: the classical renderer of Peng et al., BokehMe, CVPR 2022.
    """
    return _scattered(image, np.abs(strength * (disparity - np.float32(focus))))


def _layers(
    image: Picture, radius: Picture, count: int, blurred: Callable[[Picture, float], Picture]
) -> Picture:
    low, high = float(radius.min()), float(radius.max())
    step = max(high - low, 1e-6) / count
    layer = np.minimum((radius - low) / step, count - 1).astype(np.uint8)
    light, cover = np.zeros_like(image), np.zeros((*image.shape[:2], 1), np.float32)
    for index in range(count):
        here = (layer == index)[..., None]
        if not here.any():
            continue
        size = abs(low + (index + 0.5) * step)
        own = np.concatenate([image * here, here], axis=2, dtype=np.float32)
        if size >= _SHARP:
            own = blurred(own, size)
        hidden = np.clip(own[..., 3:], 0, 1)
        light = own[..., :3] + light * (1 - hidden)
        cover = hidden + cover * (1 - hidden)
    return light / np.maximum(cover, 1e-6)


def _by_disc(picture: Picture, radius: float) -> Picture:
    return cv2.filter2D(picture, -1, _disc(radius), borderType=cv2.BORDER_REFLECT)


def _by_gaussian(picture: Picture, radius: float) -> Picture:
    return cv2.GaussianBlur(picture, (0, 0), radius / 2, borderType=cv2.BORDER_REFLECT)


def _disc(radius: float) -> Picture:
    """Weights of a disc, each pixel by the share of its 16×16 points that lie inside."""
    reach = math.ceil(radius + 0.5)
    points = (np.arange((2 * reach + 1) * 16) + 0.5) / 16 - reach - 0.5
    inside = np.hypot(points[:, None], points[None]) <= radius
    weights = inside.reshape(2 * reach + 1, 16, 2 * reach + 1, 16).mean((1, 3))
    return (weights / weights.sum()).astype(np.float32)


@njit(parallel=True, fastmath=True)
def _scattered(image, radius):
    height, width, _ = image.shape
    reach = math.ceil(radius.max()) + 1
    out = np.empty_like(image)
    for row in prange(height):
        for column in range(width):
            red = green = blue = total = 0.0
            for y in range(max(0, row - reach), min(height, row + reach + 1)):
                for x in range(max(0, column - reach), min(width, column + reach + 1)):
                    away = math.sqrt((x - column) ** 2 + (y - row) ** 2)
                    own = radius[y, x]
                    if away < own + 1:
                        weight = (0.5 + 0.5 * math.tanh(4 * (own - away))) / (own * own + 0.2)
                        red += weight * image[y, x, 0]
                        green += weight * image[y, x, 1]
                        blue += weight * image[y, x, 2]
                        total += weight
            out[row, column, 0] = red / total
            out[row, column, 1] = green / total
            out[row, column, 2] = blue / total
    return out
