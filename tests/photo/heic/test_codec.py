"""The HEVC codec: what must hold between pictures that are encoded at once."""

from __future__ import annotations

import subprocess
import sys

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
