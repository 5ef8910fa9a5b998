"""Holes punched into real depth maps: what `fill` puts there, beside OpenCV and the nearest value."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import nearfar as nf
from nearfar.depth import DepthMap, fill, resample

PHOTOS = ("iphone13pro_dualwide.heic", "iphonex_depth.jpg", "iphone12mini_depth_gainmap.jpg")


def disparity(samples: Path, name: str) -> NDArray[np.float32]:
    depth = nf.open(samples / "photos" / "apple" / name).depth
    assert depth is not None
    return depth.to(nf.DepthKind.DISPARITY, dtype=np.float32).values


def discs(shape: tuple[int, int]) -> NDArray[np.bool_]:
    generator = np.random.default_rng(4)
    mask = np.zeros(shape, np.uint8)
    for _ in range(60):
        centre = (int(generator.integers(shape[1])), int(generator.integers(shape[0])))
        cv2.circle(mask, centre, int(generator.integers(4, 32)), 1, -1)
    mask[generator.random(shape) < 0.05] = 1
    return mask.astype(bool)


def nearest(holed: NDArray[np.float32], holes: NDArray[np.bool_]) -> NDArray[np.float32]:
    labels = cv2.distanceTransformWithLabels(
        holes.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )[1]
    table = np.zeros(labels.max() + 1, np.float32)
    table[labels[~holes]] = holed[~holes]
    return table[labels]


@pytest.mark.samples
@pytest.mark.parametrize("name", PHOTOS)
def test_filled_holes_are_nearer_to_the_truth_than_peers(samples: Path, name: str) -> None:
    whole = disparity(samples, name)
    holes = discs(whole.shape)
    holed = np.where(holes, np.float32("nan"), whole)
    inpainted = cv2.inpaint(np.nan_to_num(holed), holes.astype(np.uint8), 3, cv2.INPAINT_NS)

    def error(filled: NDArray[np.floating]) -> float:
        return float(np.abs(filled - whole)[holes].mean())

    ours = error(fill(DepthMap(holed, kind=nf.DepthKind.DISPARITY)).values)
    assert ours < error(nearest(holed, holes))
    assert ours < error(inpainted)


@pytest.mark.samples
@pytest.mark.parametrize("name", PHOTOS)
def test_a_map_without_holes_shrinks_as_opencv_shrinks_it(samples: Path, name: str) -> None:
    whole = disparity(samples, name)
    size = (whole.shape[1] // 3, whole.shape[0] // 3)
    found = resample(DepthMap(whole, kind=nf.DepthKind.DISPARITY), size).values
    assert np.allclose(found, cv2.resize(whole, size, interpolation=cv2.INTER_AREA), rtol=1e-4)
