"""What a file holds is the same in whatever order and process it is asked for."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

import nearfar as nf


def made(container: Literal["heic", "jpeg"]) -> bytes:
    ramp = np.linspace(0.5, 2.0, 60 * 80, dtype=np.float32).reshape(60, 80)
    out = io.BytesIO()
    nf.Photo(np.full((120, 160, 3), 90, np.uint8), nf.DepthMap(ramp)).save(out, container=container)
    return out.getvalue()


@pytest.mark.parametrize("container", ["heic", "jpeg"])
def test_tags_may_be_read_before_the_map_or_with_it(container: Literal["heic", "jpeg"]) -> None:
    data = made(container)
    before, together = nf.open(data), nf.open(data)
    assert before.edits == nf.Edits()
    assert before.depth is not None
    assert before.depth.equals(together.depth)


@pytest.mark.parametrize("container", ["heic", "jpeg"])
def test_broken_tags_are_told_by_the_map_as_by_the_edits(container: Literal["heic", "jpeg"]) -> None:
    data = made(container)
    broken = data.replace(b">relative<", b">relatiwe<")
    assert broken != data
    for ask in ("depth", "edits", "depth"):
        with pytest.raises(nf.CorruptFile, match="Accuracy"):
            getattr(nf.open(broken), ask)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_reads_depth_too(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(made("jpeg"))
    script = (
        "import os, sys, nearfar as nf\n"
        f"read = lambda: nf.open({str(path)!r}).depth\n"
        "first = read()\n"
        "child = os.fork()\n"
        "if not child: os._exit(0 if read().equals(first) else 3)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, timeout=60)
