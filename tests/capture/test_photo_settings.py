"""Photo settings: what contradicts itself is refused in the words of the rule."""

from __future__ import annotations

from typing import Any

import pytest

import nearfar as nf
from nearfar.capture import PhotoSettings


def test_the_defaults_are_those_of_the_phone() -> None:
    settings = PhotoSettings()
    assert (settings.codec, settings.depth_delivery_enabled) == ("hevc", False)
    assert settings.depth_filtered
    assert settings.embeds_depth
    assert settings.embeds_mattes
    assert settings.mattes == frozenset()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"codec": "raw"}, "'hevc' or 'jpeg'"),
        ({"quality": 0}, "quality lies between 1 and 100"),
        ({"mattes": [nf.MatteKind.HAIR]}, "with depth only"),
        ({"calibration_delivery_enabled": True}, "with constituent photos only"),
    ],
)
def test_what_contradicts_itself_is_refused(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(nf.InvalidConfiguration, match=words):
        PhotoSettings(**asked)


def test_mattes_are_a_set_of_kinds() -> None:
    settings = PhotoSettings(depth_delivery_enabled=True, mattes=[nf.MatteKind.SKIN, nf.MatteKind.SKIN])
    assert settings.mattes == frozenset({nf.MatteKind.SKIN})
