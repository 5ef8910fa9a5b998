"""A depth buffer of a sensor beside the view, as the view sees it: what ``match_depth_view`` asks for.

    sensor's buffer ── A, b ──▶ places in the view's buffer ── patches, nearest on top ──▶ view's buffer

The browser runtime does the same, and both are equal bit by bit. So this is the definition: IEEE double
precision, every sum and product in the order that is written here, brackets first, then from left to right,
nothing fused.

**The motion.** ``w`` and ``h`` are the buffer's size; ``m`` is the matrix of
``norm_depth_buffer_from_norm_view``, which holds for the sensor's picture as for the view's; ``p`` is the
sensor's projection, ``q`` the view's, all 16 float32, column by column; of projections only the entries 0,
5, 8 and 9 count. With ``s`` = viewer_from_sensor and ``v`` = viewer_from_view, both 16 float32,
view_from_sensor is::

    R[i][j] = (v[4i]·s[4j] + v[4i+1]·s[4j+1]) + v[4i+2]·s[4j+2]                     i, j = 0..2
    o[k]    = s[12+k] - v[12+k]
    t[i]    = (v[4i]·o[0] + v[4i+1]·o[1]) + v[4i+2]·o[2]

A sensor without a place stands where the view does: R = 1, t = 0 exactly. With 3 x 3 matrices, row by row,
and ``(X·Y)[i][j] = (X[i][0]·Y[0][j] + X[i][1]·Y[1][j]) + X[i][2]·Y[2][j]``::

    T1 = [1/w 0 0; 0 1/h 0; 0 0 1]                                        pixel -> buffer, 0..1
    T2 = [m0 m1 -(m0·m12 + m1·m13); m4 m5 -(m4·m12 + m5·m13); 0 0 1]      -> sensor's picture, 0..1
    T3 = [2/p0 0 (p8 - 1)/p0; 0 -2/p5 (p9 + 1)/p5; 0 0 -1]                -> ray to 1 metre along the axis
    T4 = [q0/2 0 (q8 - 1)/2; 0 -q5/2 -(q9 + 1)/2; 0 0 -1]                 point -> view's picture · depth
    T5 = [m0 m4 m12; m1 m5 m13; 0 0 1]                                    -> buffer, 0..1
    T6 = [w 0 0; 0 h 0; 0 0 1]                                            -> pixels
    L = T6·(T5·T4);  A = L·(R·(T3·(T2·T1)));  b[i] = (L[i][0]·t[0] + L[i][1]·t[1]) + L[i][2]·t[2]

Where p0 or p5 is 0, or an entry of A or b is not finite, nothing is seen: all is 0.

**Samples.** The sample in column c, row r, has ``d = raw · raw_value_to_meters`` metres; it counts where
``1e-9 <= d <= 1e9``. ``move(u, v, d)`` is a place in the view's buffer and the inverse of the metres
there::

    D = ((A[2][0]·u + A[2][1]·v) + A[2][2])·d + b[2];  i = 1/D
    x = (((A[0][0]·u + A[0][1]·v) + A[0][2])·d + b[0])·i;  y = the same with row 1

It is unseen unless ``D >= 0.001``, ``|x| <= 1e6`` and ``|y| <= 1e6``. A sample is at ``P = move(c + 0.5, r
+ 0.5, d)``; an unseen one is not drawn.

**Links.** With ``e = 1/d``, neighbours a, b of a row or column that both count, ``jump = e_b - e_a`` and
``least = min(e_a, e_b)``, are linked where ``|jump| <= 0.05·least``; or where ``|jump| <= least`` and the
slope goes on beside them: ``|jump - (e_a - e_before)| <= 0.05·least`` with the sample before a, or
``|(e_after - e_b) - jump| <= 0.05·least`` with the one after b, if that one counts.

**Patches.** ``half(Q) = ((Q.x - P.x)·0.5, (Q.y - P.y)·0.5, (Q.i - P.i)·0.5)``, or 0, 0, 0 where Q is
unseen. Along the row a sample has the steps ``forth = half(next sample)`` and ``back = half(previous)``
where it is linked to them; if to one only, the other step is its negative; if to none, ``forth =
half(move(c + 0.5 + 1, r + 0.5, d))`` and ``back = half(move(c + 0.5 - 1, r + 0.5, d))``. Along the column
the same. With ``low(part) = min(forth, back, 0)`` of the row plus that of the column, and ``high(part)``
the same with max, its patch is the pixels whose column is from and to::

    ceil(((P.x + max(low(x), -16)) - 1/64) - 0.5)  ...  floor(((P.x + min(high(x), 16)) + 1/64) - 0.5)

and whose row is the same in y. With ``H = forth - back`` of the row, V of the column, and ``area = H.x·V.y
- H.y·V.x``, its slopes are ``gx = (H.i·V.y - V.i·H.y)/area`` and ``gy = (V.i·H.x - H.i·V.x)/area``; both
are 0 unless ``|area| >= 1e-6``. In a pixel of its patch it has::

    i = (P.i + gx·((column + 0.5) - P.x)) + gy·((row + 0.5) - P.y)

raised to ``max(P.i + low(i), P.i·0.5)`` and then lowered to ``P.i + high(i)``. Of all samples the largest i
is kept: the nearest. The order of samples does not matter.

**Raw values.** ``n = (1/i) / raw_value_to_meters``. 16 bits: ``floor(n + 0.5)``, or 0 where that is above
65535. float32: n rounded to nearest, or 0 where n is above 3.4028234663852886e38. 0 where no sample is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar import _native

__all__ = ["motion_between", "reprojected"]

Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
Numbers = Sequence[float]
"""16 of a matrix, column by column, as Python floats."""

_LARGEST_FLOAT = float(np.finfo(np.float32).max)


def reprojected(
    raw: NDArray[Any], raw_value_to_meters: float, motion: NDArray[np.float64] | None
) -> NDArray[Any]:
    """The buffer as the view sees it: shape, type, orientation and scale stay; 0 where it sees nothing.

    Args:
        raw: (H, W) uint16 or float32; 0 is a hole.
        raw_value_to_meters: a float32.
        motion: from `motion_between`.
    """
    if motion is None:
        return np.zeros_like(raw)
    scale = float(raw_value_to_meters)
    inverse = _native.reproject_metres(raw.astype(np.float64) * scale, motion)
    with np.errstate(divide="ignore"):
        values = (1.0 / inverse) / scale
    if raw.dtype == np.float32:
        values[~(values <= _LARGEST_FLOAT)] = 0.0
    else:
        values += 0.5
        np.floor(values, out=values)
        values[~(values <= 65535.0)] = 0.0
    return values.astype(raw.dtype)


def motion_between(
    size: tuple[int, int],
    norm_depth_buffer_from_norm_view: NDArray[np.float32],
    sensor_projection: NDArray[np.float32],
    view_projection: NDArray[np.float32],
    viewer_from_sensor: NDArray[np.float32] | None = None,
    viewer_from_view: NDArray[np.float32] | None = None,
) -> NDArray[np.float64] | None:
    """A and b side by side, (3, 4): sample (u, v) at d metres is seen at d·A·(u, v, 1) + b = D·(x, y, 1).

    Args:
        size: (width, height) of the buffer.
        norm_depth_buffer_from_norm_view: (16,), as the projections and poses, column by column.
        sensor_projection: what the sensor sees.
        view_projection: what the view sees.
        viewer_from_sensor: where the sensor is; None is where the view is.
        viewer_from_view: where the view is; None is the viewer itself.

    Returns None where nothing can be seen: a projection without width or height.
    """
    width, height = size
    m = [float(value) for value in norm_depth_buffer_from_norm_view]
    p = [float(value) for value in sensor_projection]
    q = [float(value) for value in view_projection]
    if p[0] == 0.0 or p[5] == 0.0:
        return None
    pixel = ((1.0 / width, 0.0, 0.0), (0.0, 1.0 / height, 0.0), (0.0, 0.0, 1.0))
    picture = (
        (m[0], m[1], -(m[0] * m[12] + m[1] * m[13])),
        (m[4], m[5], -(m[4] * m[12] + m[5] * m[13])),
        (0.0, 0.0, 1.0),
    )
    ray = (
        (2.0 / p[0], 0.0, (p[8] - 1.0) / p[0]),
        (0.0, -2.0 / p[5], (p[9] + 1.0) / p[5]),
        (0.0, 0.0, -1.0),
    )
    seen = (
        (q[0] / 2.0, 0.0, (q[8] - 1.0) / 2.0),
        (0.0, -q[5] / 2.0, -(q[9] + 1.0) / 2.0),
        (0.0, 0.0, -1.0),
    )
    buffer = ((m[0], m[4], m[12]), (m[1], m[5], m[13]), (0.0, 0.0, 1.0))
    pixels = ((float(width), 0.0, 0.0), (0.0, float(height), 0.0), (0.0, 0.0, 1.0))
    to_pixels = _product(pixels, _product(buffer, seen))
    turn, shift = _view_from_sensor(viewer_from_sensor, viewer_from_view)
    a = _product(to_pixels, _product(turn, _product(ray, _product(picture, pixel))))
    motion = np.array([(*row, _dot(line, shift)) for row, line in zip(a, to_pixels, strict=True)])
    return motion if np.isfinite(motion).all() else None


def _view_from_sensor(
    viewer_from_sensor: NDArray[np.float32] | None, viewer_from_view: NDArray[np.float32] | None
) -> tuple[Matrix, tuple[float, float, float]]:
    if viewer_from_sensor is None:
        return ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.0, 0.0, 0.0)
    s = [float(value) for value in viewer_from_sensor]
    v = [float(value) for value in (np.eye(4).ravel() if viewer_from_view is None else viewer_from_view)]
    away = (s[12] - v[12], s[13] - v[13], s[14] - v[14])
    axes = [(v[4 * i], v[4 * i + 1], v[4 * i + 2]) for i in range(3)]
    turned = [tuple(_dot(axis, (s[4 * j], s[4 * j + 1], s[4 * j + 2])) for j in range(3)) for axis in axes]
    return tuple(turned), tuple(_dot(axis, away) for axis in axes)  # type: ignore[return-value]


def _dot(a: tuple[float, float, float], b: tuple[float, float, float]) -> float:
    return (a[0] * b[0] + a[1] * b[1]) + a[2] * b[2]


def _product(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return tuple(tuple(_dot(row, column) for column in columns) for row in a)  # type: ignore[return-value]
