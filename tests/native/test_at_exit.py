"""Threads that are in a kernel when the program ends: it ends all the same, and well."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

PROGRAM = textwrap.dedent("""
    import threading
    import numpy as np
    import nearfar as nf

    picture = np.random.default_rng(0).integers(0, 255, (600, 800, 3), dtype=np.uint8)
    inside = threading.Event()

    def work():
        while True:
            nf.estimate.match_stereo(picture, picture, max_shift=64, effort=EFFORT)
            inside.set()  # so that it is nearly always in a kernel from now on

    threading.Thread(target=work, daemon=True).start()
    inside.wait()
""")


@pytest.mark.parametrize("effort", ["fast", "standard"])
def test_a_daemon_thread_in_a_kernel_does_not_abort_the_exit(effort: str) -> None:
    program = PROGRAM.replace("EFFORT", repr(effort))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
