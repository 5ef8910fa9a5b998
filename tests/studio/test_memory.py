"""A studio's process gives memory back: what one large thing took is there for whatever comes next."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

_MEGABYTE = 1 << 20
_PAGE_OF_STATM = 4096

# By itself, glibc takes the freed block of 24 MiB for a sign that blocks as large are to be kept from now on.
_SCRIPT = f"""
import ctypes
from pathlib import Path
from nearfar.studio.memory import keep_little

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

def block(size):
    place = libc.malloc(size)
    ctypes.memset(place, 1, size)
    return place

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * {_PAGE_OF_STATM}

keep_little()
libc.free(block(24 * {_MEGABYTE}))
before = resident()
held = []
for _ in range(4):
    large = block(16 * {_MEGABYTE})
    held.append(block(200_000))  # lies behind it, and would keep it from the end of the heap
    libc.free(large)
print(resident() - before)
"""


def _is_glibc() -> bool:
    return sys.platform == "linux" and hasattr(ctypes.CDLL(None), "gnu_get_libc_version")


@pytest.mark.skipif(not _is_glibc(), reason="it is glibc that keeps what is freed")
def test_what_is_freed_goes_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 4 * _MEGABYTE
