"""Depth as the studio's page shows it: in the colours that Python gives it, with distances that are true."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from nearfar.depth import DepthKind, DepthMap, false_colour
from nearfar.depth.colour import palette, ticks

pytestmark = pytest.mark.browser

Bundled = Callable[[str], Path]


def test_its_colours_are_those_of_python(page: Page, bundled: Bundled) -> None:
    page.add_script_tag(path=bundled("studio/depth/palette"))
    assert page.evaluate("[...room.palette()]") == palette().ravel().tolist()


def test_a_map_has_the_colours_that_python_gives_it(page: Page, bundled: Bundled) -> None:
    page.add_script_tag(path=bundled("studio/depth/colouring"))
    metres = np.geomspace(0.2, 40, 64 * 48, dtype=np.float32).reshape(48, 64)
    holed = np.where(metres < 0.3, np.float32(0), metres)
    ours = page.evaluate(
        """([metres, width, height]) => {
          const out = new ImageData(width, height);
          room.colourDepth({ metres: Float32Array.from(metres), width, height, unit: 'metres' },
            { least: 1 / 20, most: 1 / 0.5 }, out);
          return [...out.data];
        }""",
        [holed.ravel().tolist(), 64, 48],
    )
    picture = np.array(ours).reshape(48, 64, 4)
    theirs = false_colour(
        DepthMap(np.where(holed > 0, holed, np.nan), kind=DepthKind.DEPTH), near=0.5, far=20.0
    )
    assert (picture[..., 3] == 255).all()
    apart = np.abs(picture[..., :3].astype(int) - theirs).max(axis=-1)
    assert np.percentile(apart, 99) <= 4, "one code of the palette is the most that rounding explains"
    assert (picture[holed == 0][..., :3] == theirs[holed == 0]).all()


def test_the_range_leaves_out_specks(page: Page, bundled: Bundled) -> None:
    page.add_script_tag(path=bundled("studio/depth/colouring"))
    found = page.evaluate(
        """() => {
          const metres = Float32Array.from({ length: 100000 }, (_, i) => 1 / (0.5 + i / 100000));
          metres[50006] = 0.001; metres[7] = 0;
          return room.rangeOf({ metres, width: 1000, height: 100, unit: 'metres' });
        }"""
    )
    assert found["least"] == pytest.approx(0.505, abs=0.002)
    assert found["most"] == pytest.approx(1.495, abs=0.002)


def test_ticks_are_those_of_python(page: Page, bundled: Bundled) -> None:
    page.add_script_tag(path=bundled("studio/depth/colouring"))
    for least, most in ((0.05, 2.0), (0.3, 0.9), (1.0, 4.0)):
        found = page.evaluate("([least, most]) => room.ticks({ least, most }, 0.09)", [least, most])
        assert [(pytest.approx(mark["share"]), mark["label"]) for mark in found] == ticks(least, most, 0.09)
