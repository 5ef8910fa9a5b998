"""Bending inputs without coverage: cheap, seeded, and good at lengths and offsets."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence

INTERESTING = (0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutate(seeds: Sequence[bytes], rng: random.Random) -> bytes:
    """Give one bent input: a seed after one to eight random changes."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        rng.choice(CHANGES)(data, seeds, rng)
    return bytes(data)


def _place(data: bytearray, rng: random.Random) -> int:
    """A place in the data, more often near its beginning, where headers lie."""
    limit = len(data) if rng.random() < 0.3 else min(len(data), 4096)
    return rng.randrange(limit) if limit else 0


def _flip(data: bytearray, seeds: Sequence[bytes], rng: random.Random) -> None:
    if data:
        data[_place(data, rng)] ^= 1 << rng.randrange(8)


def _byte(data: bytearray, seeds: Sequence[bytes], rng: random.Random) -> None:
    if data:
        data[_place(data, rng)] = rng.randrange(256)


def _number(data: bytearray, seeds: Sequence[bytes], rng: random.Random) -> None:
    form = rng.choice((">H", ">I", "<H", "<I", ">Q"))
    size = struct.calcsize(form)
    if len(data) >= size:
        at = min(_place(data, rng), len(data) - size)
        data[at : at + size] = struct.pack(form, rng.choice(INTERESTING) & (256**size - 1))


def _cut(data: bytearray, seeds: Sequence[bytes], rng: random.Random) -> None:
    del data[_place(data, rng) :]


def _drop(data: bytearray, seeds: Sequence[bytes], rng: random.Random) -> None:
    at = _place(data, rng)
    del data[at : at + rng.randrange(1, 64)]


def _repeat(data: bytearray, seeds: Sequence[bytes], rng: random.Random) -> None:
    at = _place(data, rng)
    data[at:at] = data[at : at + rng.randrange(1, 256)]


def _splice(data: bytearray, seeds: Sequence[bytes], rng: random.Random) -> None:
    other = rng.choice(seeds)
    start = rng.randrange(len(other)) if other else 0
    at = _place(data, rng)
    data[at : at + rng.randrange(64)] = other[start : start + rng.randrange(1, 512)]


CHANGES = (_flip, _byte, _number, _number, _cut, _drop, _repeat, _splice)
