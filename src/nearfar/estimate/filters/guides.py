"""A map smoothed by its picture: where the colours have an edge, so may the depth.

picture  dark dark dark | light light       a window that straddles the edge
depth    1.0  1.1  0.9  |  3.1   2.9        averages each side with its own
"""

from __future__ import annotations

from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth import DepthKind, DepthMap
from nearfar.errors import EstimationError
from nearfar.estimate.filters.opening import Frame, Opened, opened, real, whole


def guided(
    frame: Frame,
    guide: NDArray[np.uint8],
    radius: SupportsIndex = 8,
    eps: float = 0.001,
    *,
    fill: bool = False,
) -> Frame:
    """Smooth a map by linear models of its picture's colour: the guided filter.

    In each window the map is fitted as a plane over the colours; what the windows around a pixel say of it is
    averaged. Quick at any radius. Texture of the picture may show in the result: keep `eps` above its
    contrast squared. Holes carry no weight. Where a plane reaches beyond the map's least or largest value, it
    is cut to that.

    Args:
        frame: (H, W) uint16 or float array, or a DepthMap; disparity suits best.
        guide: (H, W, 3) or (H, W) uint8 picture of the same size.
        radius: of the windows, px, 1..1000.
        eps: contrast that is smoothed over, squared, of colours 0..1; 1e-6..1.
        fill: also give values to holes that lie within 2·radius of one.

    Returns the same type, shape and dtype (float arrays give float32, integers are rounded); a DepthMap is
    marked as filtered.

    Raises:
        TypeError: an array that is neither uint16 nor float, a guide that is not uint8.
        EstimationError: a shape that is wrong, sizes that differ, an option outside its range.

    Source: He, Sun and Tang, "Guided Image Filtering", ECCV 2010.
    """
    source = opened(frame)
    colors = _picture(guide, source)
    reach = whole("radius", radius, 1, 1000, " px")
    smoothness = real("eps", eps, 1e-6, 1.0) * 255.0**2
    return source.settled(_native.filter_guided(source.floats, colors, reach, smoothness), fill=fill)


def joint_bilateral(
    frame: Frame,
    guide: NDArray[np.uint8],
    radius: SupportsIndex = 4,
    sigma_color: float = 15.0,
    sigma_space: float = 3.0,
    *,
    fill: bool = False,
) -> Frame:
    """Average each pixel with neighbours of its colour: the joint bilateral filter.

    A neighbour counts by Gaussians of its distance in place and in colour (the latter to within 1 % of its
    peak, and nothing beyond 8 sigma). Holes carry no weight.

    Args:
        frame: (H, W) uint16 or float array, or a DepthMap; disparity suits best.
        guide: (H, W, 3) or (H, W) uint8 picture of the same size.
        radius: of the window, px, 1..50.
        sigma_color: distance of colours that count as alike, in steps of 8 bits, 0.1..1000.
        sigma_space: distance of places that count as near, px, 0.1..1000.
        fill: also give values to holes that have one in the window.

    Returns the same type, shape and dtype (float arrays give float32, integers are rounded); a DepthMap is
    marked as filtered.

    Raises:
        TypeError: an array that is neither uint16 nor float, a guide that is not uint8.
        EstimationError: a shape that is wrong, sizes that differ, an option outside its range.

    Source: Petschnigg et al., "Digital Photography with Flash and No-Flash Image Pairs", SIGGRAPH 2004.
    """
    source = opened(frame)
    colors = _picture(guide, source)
    reach = whole("radius", radius, 1, 50, " px")
    by_color = real("sigma_color", sigma_color, 0.1, 1000.0, " steps of 8 bits")
    by_place = real("sigma_space", sigma_space, 0.1, 1000.0, " px")
    smooth = _native.filter_joint_bilateral(source.floats, colors, reach, by_color, by_place)
    return source.settled(smooth, fill=fill)


def fill_behind(depth_map: DepthMap, guide: NDArray[np.uint8]) -> DepthMap:
    """Fill every hole with what lies behind: the farther side of its rim, parted by its picture.

    What a camera does not measure is nearly always hidden from one of its eyes, out of reach or dark: behind
    what stands in front, and not part of it. The map is halved again and again, each cell the mean of the
    farther ones of four, until no hole is left; on the way back a hole takes the farther ones of the cells
    around it, weighed by place and by likeness of colour. The nearer side wins where its colours outweigh
    the others eightfold. Measured values stay as they are, bit by bit, and so does a map of holes alone.

    Args:
        depth_map: of either kind; it is disparity that is averaged.
        guide: (H, W, 3) or (H, W) uint8 picture of the same size.

    Returns a map of the same kind and dtype, marked as filtered; confidence is 0 in what was a hole.

    Raises:
        TypeError: no DepthMap, a guide that is not uint8.
        EstimationError: a guide of another shape or size.

    Source: the pyramid is that of Gortler et al., "The Lumigraph" (pull-push), SIGGRAPH 1996.
    """
    given: object = depth_map
    if not isinstance(given, DepthMap):
        raise TypeError(f"fill_behind takes a DepthMap; got {type(given).__name__}")
    source = opened(depth_map)
    colors = _picture(guide, source)
    disparity = np.ascontiguousarray(depth_map.to(DepthKind.DISPARITY, dtype=np.float32).values)
    filled = DepthMap(_native.filter_behind(disparity, colors), DepthKind.DISPARITY).to(depth_map.kind).values
    return source.closed(np.where(source.valid, source.values, filled), filtered=True)


def _picture(guide: NDArray[np.uint8], source: Opened[Any]) -> NDArray[np.uint8]:
    """The guide as C-contiguous (H, W, 3), or TypeError or EstimationError."""
    picture = np.asarray(guide)
    if picture.dtype != np.uint8:
        raise TypeError(f"guide must be a uint8 picture (0..255); got {picture.dtype}")
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise EstimationError(f"guide must have shape (H, W, 3) or (H, W); got {picture.shape}")
    if picture.shape[:2] != source.values.shape:
        (height, width), (map_height, map_width) = picture.shape[:2], source.values.shape
        raise EstimationError(
            f"guide and map must have the same size; got {width}×{height} and {map_width}×{map_height}"
        )
    return np.ascontiguousarray(picture)
