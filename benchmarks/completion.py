"""Small and sparse maps made as large as their picture, beside the best selection and interpolation known.

True shifts (px) of the sample pairs are thinned out, to every 4th pixel or to 24×24 points, and made whole
again with the picture's help. Every pixel whose shift is known counts; a hole is an error. The peers are
written here in NumPy and OpenCV, since no library has them: joint bilateral upsampling that takes the best
sample (Kopf et al. 2007, weights of sigma 15 in colour and 3 px), bilinear, the nearest point, and linear
interpolation over Delaunay triangles. They are told where the samples lie; nearfar finds out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import stereo_pairs
from benchmarks.measure import Row, compared, take_turns
from benchmarks.stereo_pairs import Pair, Shifts
from nearfar.depth import DepthKind, DepthMap
from nearfar.estimate import complete, upsample

_STEP = 4
_POINTS = 24
_ROUNDS = 5
Error = Callable[[Shifts, Pair], float]


def rows() -> list[Row]:
    pairs = {pair.name: pair for pair in stereo_pairs.samples()}
    if not pairs:
        return [Row("upsampling and completion", "-", "-", "-", "set NEARFAR_SAMPLES")]
    untuned = stereo_pairs.untuned()
    table = [*_upsampling(pairs), _untuned_upsampling(untuned)]
    table += [*_completion("samples", list(pairs.values())), *_completion("untuned", untuned)]
    return [*table, *_times(pairs["motorcycle"])]


def bad(threshold: float) -> Error:
    def share(found: Shifts, pair: Pair) -> float:
        known = ~np.isnan(pair.truth)
        off = np.nan_to_num(np.abs(found - pair.truth)[known], nan=np.inf)
        return 100 * float((off > threshold).mean())

    return share


def mean_error(found: Shifts, pair: Pair) -> float:
    return float(np.nanmean(np.abs(found - pair.truth)))


def _upsampling(pairs: dict[str, Pair]) -> list[Row]:
    table = []
    for name, start in (("motorcycle", _STEP // 2), ("motorcycle", 0), ("aloe", 0)):
        pair = pairs[name]
        thin = pair.truth[start::_STEP, start::_STEP]
        ours = upsample(DepthMap(thin, DepthKind.DISPARITY), pair.left).values
        best, linear = joint_bilateral(thin, pair.left, start), bilinear(thin, pair.truth.shape, start)
        claim = f"4× upsampling, {name}, every 4th pixel from {start}"
        bar = "≤ 3.0 %" if name == "motorcycle" else "-"
        table += [
            _row(f"{claim}: bad-1 / joint bilateral", ours, best, pair, bad(1), "%", bar),
            _row(f"{claim}: bad-2 / joint bilateral", ours, best, pair, bad(2), "%", "-"),
            _row(f"{claim}: mean error / joint bilateral", ours, best, pair, mean_error, "px", "-"),
            _row(f"{claim}: bad-1 / bilinear", ours, linear, pair, bad(1), "%", "-"),
        ]
    return table


def _untuned_upsampling(pairs: Sequence[Pair]) -> Row:
    errors: dict[str, list[float]] = {"ours": [], "peer": []}
    for pair in pairs:
        thin = np.ascontiguousarray(pair.truth[2::_STEP, 2::_STEP])
        errors["ours"].append(bad(1)(upsample(DepthMap(thin, DepthKind.DISPARITY), pair.left).values, pair))
        errors["peer"].append(bad(1)(joint_bilateral(thin, pair.left, 2), pair))
    mine, theirs = (float(np.mean(found)) for found in errors.values())
    claim = f"4× upsampling, {len(pairs)} untuned: bad-1 / joint bilateral"
    return Row(claim, f"{mine:.3g} %", f"{theirs:.3g} %", f"{mine / theirs:.2g}×", "-")


def _row(claim: str, ours: Shifts, peer: Shifts, pair: Pair, error: Error, unit: str, bar: str) -> Row:
    mine, theirs = error(ours, pair), error(peer, pair)
    return Row(claim, f"{mine:.3g} {unit}", f"{theirs:.3g} {unit}", f"{mine / theirs:.2g}×", bar)


def _completion(name: str, pairs: Sequence[Pair]) -> list[Row]:
    errors: dict[str, list[float]] = {"ours": [], "nearest": [], "linear": []}
    for pair in pairs:
        points = thinned(pair)
        size = pair.truth.shape
        errors["ours"].append(mean_error(completed(pair, points), pair))
        errors["nearest"].append(mean_error(nearest(points, size), pair))
        errors["linear"].append(mean_error(linear_triangles(points, size), pair))
    means = {name: float(np.mean(found)) for name, found in errors.items()}
    peer = min("nearest", "linear", key=lambda name: means[name])
    ratios = [
        mine / min(near, flat)
        for mine, near, flat in zip(errors["ours"], errors["nearest"], errors["linear"], strict=True)
    ]
    on = f"576-point completion, {len(pairs)} {name}"
    return [
        Row(
            f"{on}: mean error / better of nearest, linear ({peer})",
            f"{means['ours']:.3g} px",
            f"{means[peer]:.3g} px",
            f"{means['ours'] / means[peer]:.2g}×",
            "≤ 0.85×",
        ),
        Row(f"{on}: the same, mean of the pairs' ratios", "-", "-", f"{np.mean(ratios):.2g}×", "≤ 0.85×"),
    ]


def _times(pair: Pair) -> list[Row]:
    """A phone's sizes: a picture of 12 Mpx, a map of 768×576, 576 points."""
    picture = cv2.resize(pair.left, (4032, 3024), interpolation=cv2.INTER_CUBIC)
    small = cv2.resize(pair.truth, (768, 576), interpolation=cv2.INTER_NEAREST)
    points = thinned(pair)
    points[:, :2] *= np.array([4032, 3024]) / pair.truth.shape[::-1]
    depths = np.column_stack([points[:, :2], 100 / points[:, 2]])
    low = DepthMap(small, DepthKind.DISPARITY)
    filled = np.nan_to_num(small)
    up = take_turns(lambda: upsample(low, picture), lambda: cv2.resize(filled, (4032, 3024)), rounds=_ROUNDS)
    whole = take_turns(
        lambda: complete(depths, picture), lambda: linear_triangles(points, (3024, 4032)), rounds=2
    )
    return [
        compared("768×576 map to 12 Mpx, time / OpenCV, bilinear", *up, "-"),
        compared("576 points to 12 Mpx, time / Delaunay in OpenCV and NumPy", *whole, "-"),
    ]


def thinned(pair: Pair) -> NDArray[np.float64]:
    """(N, 3): x, y and shift of the pixels at the centres of 24×24 cells, where the shift is known."""
    rows, columns = (((np.arange(_POINTS) + 0.5) * side / _POINTS).astype(int) for side in pair.truth.shape)
    y, x = (grid.ravel() for grid in np.meshgrid(rows, columns, indexing="ij"))
    points = np.column_stack([x + 0.5, y + 0.5, pair.truth[y, x]])
    return points[~np.isnan(points[:, 2])]


def completed(pair: Pair, points: NDArray[np.float64]) -> Shifts:
    sparse = np.full(pair.truth.shape, np.nan, np.float32)
    sparse[points[:, 1].astype(int), points[:, 0].astype(int)] = points[:, 2]
    return complete(DepthMap(sparse, DepthKind.DISPARITY), pair.left).values


def joint_bilateral(thin: Shifts, picture: NDArray[np.uint8], start: int) -> Shifts:
    """Of the 3×3 nearest samples that hold a value, the one with the largest weight."""
    (height, width), colours = picture.shape[:2], picture.astype(np.float32)
    y, x = np.mgrid[:height, :width]
    rows, columns = (np.floor((at - start) / _STEP + 0.5).astype(int) for at in (y, x))
    best, found = np.full((height, width), -1.0), np.full((height, width), np.nan, np.float32)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            row = np.clip(rows + down, 0, thin.shape[0] - 1)
            column = np.clip(columns + across, 0, thin.shape[1] - 1)
            at_y, at_x = row * _STEP + start, column * _STEP + start
            unlike = ((colours - colours[at_y, at_x]) ** 2).sum(axis=-1)
            far = (y - at_y) ** 2 + (x - at_x) ** 2
            weight = np.exp(-unlike / (2 * 15**2) - far / (2 * 3**2))
            better = ~np.isnan(thin[row, column]) & (weight > best)
            best[better], found[better] = weight[better], thin[row, column][better]
    return found


def bilinear(thin: Shifts, size: tuple[int, ...], start: int) -> Shifts:
    """Linear between samples; holes, which OpenCV cannot tell, take the value of the nearest pixel first."""
    y, x = np.nonzero(~np.isnan(thin))
    values = thin[y, x]
    filled = nearest(np.column_stack([x + 0.5, y + 0.5, values]), thin.shape)
    rows, columns = ((np.arange(side, dtype=np.float32) - start) / _STEP for side in size)
    return cv2.remap(filled, *np.meshgrid(columns, rows), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def nearest(points: NDArray[np.float64], size: tuple[int, ...]) -> Shifts:
    """The value of the nearest point, by OpenCV's exact distance transform with labels."""
    away = np.ones(size, np.uint8)
    y, x = points[:, 1].astype(int), points[:, 0].astype(int)
    away[y, x] = 0
    labels = cv2.distanceTransformWithLabels(
        away, cv2.DIST_L2, cv2.DIST_MASK_PRECISE, labelType=cv2.DIST_LABEL_PIXEL
    )[1]
    values = np.zeros(labels.max() + 1, np.float32)
    values[labels[y, x]] = points[:, 2]
    return values[labels]


def linear_triangles(points: NDArray[np.float64], size: tuple[int, ...]) -> Shifts:
    """Linear over Delaunay triangles; outside of them the nearest point."""
    found = nearest(points, size)
    division = cv2.Subdiv2D((0, 0, size[1] + 1, size[0] + 1))
    values = {}
    for x, y, value in points:
        division.insert((float(x), float(y)))
        values[np.float32(x), np.float32(y)] = value
    for triangle in division.getTriangleList():
        corners = triangle.reshape(3, 2)
        if all(tuple(corner) in values for corner in corners):
            _draw(corners.astype(np.float64), [values[tuple(corner)] for corner in corners], found)
    return found


def _draw(corners: NDArray[np.float64], values: Sequence[float], found: Shifts) -> None:
    inverse = np.linalg.inv(np.column_stack([corners, np.ones(3)]).T)
    (left, top), (right, bottom) = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int) + 1
    y, x = np.mgrid[top:bottom, left:right] + 0.5
    shares: Any = np.tensordot(inverse, np.stack([x, y, np.ones_like(x)]), 1)
    inside = (shares >= -1e-9).all(axis=0)
    box = found[top:bottom, left:right]
    inside = inside[: box.shape[0], : box.shape[1]]
    box[inside] = np.tensordot(np.array(values), shares, 1)[: box.shape[0], : box.shape[1]][inside]
