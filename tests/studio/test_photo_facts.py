"""What the studio says of a photo: true, and in words that need no manual."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import nearfar as nf
from nearfar.studio.photo_facts import photo_facts

PHOTOS = (
    "apple/iphone13pro_dualwide.heic",
    "apple/iphone12mini_depth_gainmap.jpg",
    "apple/iphonex_depth.jpg",
    "apple/iphonex_depth_matte.jpg",
    "android/lensblur_gdepth_1.jpg",
    "no-depth/samsung_gainmap.heic",
    "spatial/visionpro_spatial.heic",
)


def facts(samples: Path, name: str, *, edited: bool = False) -> dict[str, str]:
    summary = nf.open(samples / "photos" / name).summary()
    return {line.label: line.text for line in photo_facts(summary, edited=edited)}


@pytest.mark.parametrize("name", PHOTOS)
def test_no_words_of_programs_are_in_it(samples: Path, name: str) -> None:
    said = " ".join(facts(samples, name).values())
    assert not re.search(r"\d×|disparity|float|1/m|\bc \(|@|lens-table|None", said), said


def test_a_phones_portrait(samples: Path) -> None:
    assert facts(samples, "apple/iphone13pro_dualwide.heic") == {
        "Camera": "Apple iPhone 13 Pro",
        "Picture": "4032 × 3024 pixels, HEIC",
        "Depth": "768 × 576 pixels, from 0.23 m to 0.67 m (nominal: right only relative to one another), "
        "smoothed, without holes",
        "Lens": "26 mm in 35 mm terms, its distortion is known",
        "HDR": "yes: highlights are brighter on screens that can show it",
        "Portrait": "f/2.8, portrait light at 50 %, as it was taken",
    }


def test_focal_lengths_are_those_that_the_phones_are_sold_with(samples: Path) -> None:
    assert facts(samples, "apple/iphone13pro_dualwide.heic")["Lens"].startswith("26 mm")
    assert facts(samples, "apple/iphonex_depth.jpg")["Lens"].startswith("52 mm")


def test_what_is_not_there_is_not_made_up(samples: Path) -> None:
    assert "how far" in facts(samples, "android/lensblur_gdepth_1.jpg")["Depth"]
    assert facts(samples, "no-depth/samsung_gainmap.heic")["Depth"] == "none"
    assert "Lens" not in facts(samples, "no-depth/samsung_gainmap.heic")
    assert facts(samples, "apple/iphonex_depth_matte.jpg")["Mattes"] == "person"
    assert "Spatial" in facts(samples, "spatial/visionpro_spatial.heic")


def test_a_saved_edit_is_told_from_how_it_was_taken(samples: Path) -> None:
    assert facts(samples, "apple/iphonex_depth.jpg")["Portrait"].endswith("as it was taken")
    assert facts(samples, "apple/iphonex_depth.jpg", edited=True)["Portrait"].endswith("as it was edited")
