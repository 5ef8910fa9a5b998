"""The thread pool and the SIMD levels as Python sees them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from nearfar import _native

LARGE = np.random.default_rng(3).integers(0, 256, (2000, 2000), dtype=np.uint8)  # several chunks


def decoded() -> bytes:
    return _native.decode_codes(LARGE, 0, 255, 0.5, 4.0).tobytes()


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_callers_from_many_threads_all_get_their_result() -> None:
    expected = decoded()
    results: list[bytes] = []
    callers = [threading.Thread(target=lambda: results.append(decoded())) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert results == [expected] * 8


def test_the_number_of_threads_may_change_between_jobs() -> None:
    before = _native.thread_count()
    expected = decoded()
    try:
        for count in (1, 3, 2, 8, 1, 5):
            _native.set_thread_count(count)
            assert _native.thread_count() == count
            assert decoded() == expected
    finally:
        _native.set_thread_count(before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_works_with_threads_of_its_own() -> None:
    code = """
import os, sys, threading, warnings
import numpy as np
from nearfar import _native
warnings.simplefilter("ignore")
codes = np.arange(4_000_000, dtype=np.uint32).astype(np.uint8).reshape(2000, 2000)
_native.set_thread_count(4)
work = lambda: _native.decode_codes(codes, 0, 255, 0.5, 4.0)
expected = work()
busy = True
def keep_busy():
    while busy:
        work()
thread = threading.Thread(target=keep_busy)
thread.start()
for _ in range(20):
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(work(), expected) else 3)
    if os.waitpid(child, 0)[1] != 0:
        busy = False
        sys.exit("a child failed")
busy = False
thread.join()
"""
    result = run_python(code)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("count", [0, -1, 1025])
def test_a_nonsense_number_of_threads_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=str(count)):
        _native.set_thread_count(count)


def test_the_level_in_force_is_one_of_this_machine() -> None:
    levels = _native.simd_levels()
    assert levels[0] == "base"
    assert _native.simd_level() in levels
    with pytest.raises(ValueError, match="'base'"):
        _native.set_simd_level("v9")


def test_the_environment_chooses_level_and_threads() -> None:
    code = "from nearfar import _native as n; print(n.simd_level(), n.thread_count())"
    assert run_python(code, NEARFAR_SIMD="base", NEARFAR_THREADS="3").stdout.split() == ["base", "3"]


@pytest.mark.parametrize(
    ("name", "value"), [("NEARFAR_SIMD", "avx9"), ("NEARFAR_THREADS", "0"), ("NEARFAR_THREADS", "many")]
)
def test_a_nonsense_environment_is_named(name: str, value: str) -> None:
    result = run_python("import nearfar._native", **{name: value})
    assert result.returncode != 0
    assert name in result.stderr
    assert value in result.stderr


class Stopped(Exception):
    pass


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer signal")
def test_a_signal_ends_a_long_kernel() -> None:
    stream = bytearray(_native.lossless_jpeg_encode(np.zeros((8000, 8000), np.uint16)))
    stream[-1000:-998] = (
        b"\xff\xd9"  # the last rows are missing: run to its end, the kernel would refuse this
    )

    def stop(*_: object) -> None:
        raise Stopped

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        with pytest.raises(Stopped) as caught:
            _native.lossless_jpeg_decode(stream, 10**8)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert caught.value.__context__ is None
    assert len(decoded()) == 4 * LARGE.size


def test_a_scene_is_made_while_another_thread_is_in_a_kernel() -> None:
    """The kernel asks Python whether to go on, so the scene must not hold Python while it waits its turn."""
    ended = run_python("""
import threading
import numpy as np
from nearfar import _native

picture = np.ones((1500, 1500, 3), np.float32)
over = threading.Event()

def develop():
    while not over.is_set():
        _native.develop(picture, 1.0, 100.0, 1.0, 0.1, 7)

thread = threading.Thread(target=develop)
thread.start()
corners = np.eye(3, dtype=np.float32)
texture = np.zeros((1024, 1024, 4), np.uint8)
material = np.zeros((1, 9), np.float32)
for _ in range(15):
    _native.SceneModel(
        corners, corners, np.zeros((3, 2), np.float32), np.ones((3, 4), np.float32),
        np.array([[0, 1, 2, 0, 0, 0]], np.int32), material, [texture],
    )
over.set()
thread.join()
print("done")
""")
    assert (ended.stdout, ended.stderr) == ("done\n", "")
