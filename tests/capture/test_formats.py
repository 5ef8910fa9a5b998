"""Formats: what goes together, and what a choice changes."""

from __future__ import annotations

import pytest

import nearfar as nf
from nearfar.capture import DepthFormat, Format
from nearfar.capture.source import chosen_among

DISPARITY = DepthFormat(nf.DepthKind.DISPARITY, "float16", 320, 240)
METRES = DepthFormat(nf.DepthKind.DEPTH, "float32", 320, 240)
VGA = Format(640, 480, 5.0, 30.0, (DISPARITY, METRES), photo_size=(4032, 3024))


def test_a_listed_format_stands_at_its_defaults() -> None:
    assert VGA.depth == DISPARITY
    assert VGA.rate == 30.0
    assert VGA.still_size == (4032, 3024)
    assert Format(640, 480).depth is None
    assert Format(640, 480).still_size == (640, 480)


def test_a_choice_changes_only_what_was_chosen() -> None:
    chosen = VGA.chosen(depth_format=METRES, frame_rate=10.0)
    assert (chosen.depth, chosen.rate, chosen.size) == (METRES, 10.0, VGA.size)
    assert VGA.chosen(depth_format=None).depth is None
    chosen_among((VGA,), chosen, "test:")
    with pytest.raises(nf.InvalidConfiguration, match="not one of its formats"):
        chosen_among((Format(320, 240),), chosen, "test:")


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (
            {"depth_format": DepthFormat(nf.DepthKind.DEPTH, "float16", 640, 480)},
            "not one of the format's depth formats",
        ),
        ({"depth_format": None, "frame_rate": 60.0}, r"frame_rate must lie in 5\.\.30"),
        ({"depth_format": None, "frame_rate": float("nan")}, "frame_rate must lie"),
    ],
)
def test_a_choice_that_is_not_there_is_refused(choice: dict[str, object], words: str) -> None:
    with pytest.raises(nf.InvalidConfiguration, match=words):
        VGA.chosen(**choice)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"width": 0}, "1 to 100 million pixels"),
        ({"max_frame_rate": 0.5}, "frame rates"),
        (
            {"supported_depth_formats": (DepthFormat(nf.DepthKind.DEPTH, "float32", 256, 256),)},
            "aspect ratio",
        ),
        ({"depth_zoom_ranges": ((2.0, 5.0),)}, "depth zoom range"),
    ],
)
def test_what_does_not_go_together_is_refused(parts: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Format(**{"width": 640, "height": 480, **parts})  # type: ignore[arg-type]


def test_a_frame_rate_can_be_chosen_alone() -> None:
    chosen = VGA.chosen(frame_rate=10.0)
    assert (chosen.rate, chosen.depth) == (10.0, VGA.depth)


def test_integers_are_no_depth_format() -> None:
    with pytest.raises(ValueError, match="float16 or float32"):
        DepthFormat(nf.DepthKind.DEPTH, "uint16", 8, 8)
