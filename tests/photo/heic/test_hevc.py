"""Parameter sets: their size is what x265 was asked for, and cut ones are refused."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nearfar.errors import CorruptFile
from nearfar.photo.heic import hevc
from nearfar.photo.heic.boxes import Source
from nearfar.photo.limits import Limits
from photo.heic.forge import coded_picture


def units(configuration: bytes) -> tuple[Source, tuple[bytes, ...]]:
    source = Source(configuration, file=None, limits=Limits())
    return source, hevc.parse_configuration(source, 8, len(configuration)).units


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.booleans())
def test_sizes_are_those_coded(width: int, height: int, colour: bool) -> None:
    shape = (height, width, 3) if colour else (height, width)
    coded = coded_picture(np.zeros(shape, np.uint8).tobytes(), shape)
    source, found = units(coded.configuration)
    (sps,) = (unit for unit in found if hevc.unit_type(unit) == hevc.SPS)
    form = hevc.parse_sps(source, sps, 0)
    assert form.shown == coded.size
    assert (form.chroma, form.bits) == (int(colour), 8)
    assert all(0 <= whole - shown < 64 for whole, shown in zip(form.size, form.shown, strict=True))


def test_a_cut_parameter_set_is_corrupt() -> None:
    coded = coded_picture(bytes(64 * 64), (64, 64))
    source, found = units(coded.configuration)
    (sps,) = (unit for unit in found if hevc.unit_type(unit) == hevc.SPS)
    for length in range(18):
        with pytest.raises(CorruptFile):
            hevc.parse_sps(source, sps[:length], 0)


def test_a_cut_configuration_is_corrupt() -> None:
    configuration = coded_picture(bytes(64 * 64), (64, 64)).configuration
    for length in range(8, len(configuration)):
        source = Source(configuration[:length], file=None, limits=Limits())
        with pytest.raises(CorruptFile):
            hevc.parse_configuration(source, 8, length)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_parameter_set_or_corrupt(data: bytes) -> None:
    source = Source(data, file=None, limits=Limits())
    with contextlib.suppress(CorruptFile):
        assert hevc.parse_sps(source, data, 0).bits >= 8


@given(st.lists(st.binary(max_size=20), max_size=5), st.sampled_from([1, 2, 4]))
def test_nal_units_are_cut_as_they_were_joined(parts: list[bytes], size: int) -> None:
    payload = b"".join(len(part).to_bytes(size, "big") + part for part in parts)
    source = Source(payload, file=None, limits=Limits())
    assert [bytes(unit) for unit in hevc.nal_units(source, payload, size, 0)] == parts
    if payload and parts[-1]:
        with pytest.raises(CorruptFile):
            list(hevc.nal_units(source, payload[:-1], size, 0))
