"""`few_heaps`: threads share what they have freed."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

_THREADS = """
import ctypes, sys, threading
from nearfar.cli.heaps import few_heaps
if sys.argv[1:]:
    few_heaps()
together = threading.Barrier(12)
def work():
    together.wait()
    made = bytes(100_000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
for each in threads: each.start()
for each in threads: each.join()
ctypes.CDLL(None).malloc_stats()
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_stats"), reason="asks glibc"
)
@pytest.mark.parametrize("few", [False, True])
def test_threads_share_few_heaps(few: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _THREADS, *["few"] * few], check=True, capture_output=True, text=True
    )
    heaps = done.stderr.count("Arena ")
    assert heaps == 2 if few else heaps > 2
