"""Rims of what is blurred in front of the focus: with a measured map, better too wide than too narrow.

picture    near near rim  far far      of the rim, hair and soft edges, the map knows nothing
map        near near far  far far      counted as far it stays behind: a sharp line within the near blur
widened    near near near near far     counted as near it goes along, and some of the far side unseen
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nearfar import _native

__all__ = ["widen_rims"]

JUMP = 2.0
"""Pixels of blur by which a rim must differ from what it grows over."""

_Floats = NDArray[np.float32]


def widen_rims(aligned: _Floats, small: _Floats, focus: float, strength: float) -> None:
    """Make the rims of what is nearer than the focus and blurred more one and a half cells wider.

    Args:
        aligned: the map at photo scale, with the picture's edges. It is changed: some pixels get the value of
            what is beside them, nearer ones only. What is thinner than three cells does not grow: hair and
            wires would become ropes.
        small: the measured map that it was made of. Neither has holes.
        focus: disparity of what is sharp.
        strength: pixels of blur for each unit of disparity.
    """
    if strength > 0:
        _native.widen_rims(aligned, np.ascontiguousarray(small, np.float32), focus, JUMP / strength)
