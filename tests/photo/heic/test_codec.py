"""The HEVC codec: what must hold between pictures that are encoded at once."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from nearfar.photo.heic import codec
from nearfar.photo.heic.boxes import Source
from nearfar.photo.limits import Limits

PROGRAM = """
import threading, numpy as np, pillow_heif
from nearfar.photo.heic import codec

begun, ended, together, encode = [], [], [], pillow_heif.encode
all_there = threading.Barrier(4)

def watched(*words, **options):
    begun.append(1)
    together.append((len(begun), len(ended)))
    encode(*words, **options)
    ended.append(1)

pillow_heif.encode = watched

def one():
    all_there.wait()
    codec.encode_hevc(np.full((64, 64), 99, np.uint8), quality=80, preset="ultrafast", threads=False)

threads = [threading.Thread(target=one) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(ended), together[1][1])
"""


def test_the_first_picture_of_a_process_is_encoded_alone() -> None:
    """Another one beside it would call functions that x265 has not got yet."""
    for _ in range(3):
        command = [sys.executable, "-c", PROGRAM]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        encoded, ended_before_the_second = done.stdout.split()
        assert encoded == "4"
        assert int(ended_before_the_second) >= 1


@pytest.mark.parametrize("side", [64, 512, 2048])
def test_blocks_are_of_a_size_that_the_level_allows(side: int) -> None:
    """Levels from 5 on have coding tree blocks of 32 and more (H.265, A.4.1)."""
    picture = np.random.default_rng(1).integers(0, 255, (side, side, 3), np.uint8)
    coded = codec.encode_hevc(picture, quality=50, preset="ultrafast")
    level = coded.configuration[8 + 12] / 30
    small = codec.wrap(coded.configuration, coded.payload, coded.size)
    decoded = codec.prepare_file(small, Source(b"", file=None, limits=Limits()), 0)()
    assert decoded.shape[:2] == (side, side)
    assert level < 5 or side * side > 2_228_224


def test_quick_pictures_are_close_to_what_was_seen() -> None:
    y, x = np.mgrid[:512, :512]
    waves = 128 + 60 * np.sin(x / 3) + 50 * np.sin(y / 40 + x / 90)
    noise = np.random.default_rng(2).normal(0, 3, (512, 512, 3))
    picture = np.clip(waves[..., np.newaxis] + noise, 0, 255).astype(np.uint8)
    coded = codec.encode_hevc(picture, quality=85, preset="ultrafast", threads=False)
    small = codec.wrap(coded.configuration, coded.payload, coded.size)
    decoded = codec.prepare_file(small, Source(b"", file=None, limits=Limits()), 0)()
    assert np.sqrt(np.mean((decoded.astype(float) - picture) ** 2)) < 2.5
