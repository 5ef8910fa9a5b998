"""Depth out of a phone photo, and an edit saved back, beside pillow-heif and Pillow.

Needs the sample photos ($NEARFAR_SAMPLES).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

import nearfar as nf
from benchmarks.measure import Row, compared, take_turns

GROWTH = """
import os, sys
{warm}
def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
before = resident()
{work}
print((resident() - before) / 1e6)
"""


def growth(warm: str, work: str) -> float:
    """Give the MB of resident memory that some work adds in a fresh process, imports not counted."""
    code = GROWTH.format(warm=warm, work=work)
    return float(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    )


def rows() -> list[Row]:
    folder = os.environ.get("NEARFAR_SAMPLES")
    if not folder:
        return [Row("photos", "-", "-", "-", "set NEARFAR_SAMPLES")]
    apple = Path(folder) / "photos" / "apple"
    heic, jpeg = apple / "iphone13pro_dualwide.heic", apple / "iphone12mini_depth_gainmap.jpg"

    def depth(path: Path) -> object:
        found = nf.open(path).depth
        assert found is not None
        return found.values

    def heif_codes() -> object:
        return np.asarray(pillow_heif.open_heif(heic).info["depth_images"][0])

    def mpo_codes() -> object:
        with Image.open(jpeg) as picture:
            picture.seek(2)
            return np.asarray(picture)

    table = [
        compared(
            "depth floats out of a 12 Mpx HEIC / pillow-heif, 8-bit codes",
            *take_turns(lambda: depth(heic), heif_codes, 41),
            "≤ 1.0×, aim 0.5×",
        ),
        compared(
            "depth floats out of a 12 Mpx JPEG / Pillow, 8-bit codes",
            *take_turns(lambda: depth(jpeg), mpo_codes, 41),
            "≤ 1.0×",
        ),
    ]
    ours = growth(
        "import nearfar as nf, nearfar._native, pillow_heif; nf.Photo, nf.DepthMap",
        f"kept = nf.open({str(heic)!r}).depth.values",
    )
    peer = growth(
        "import numpy as np, pillow_heif",
        f"kept = np.asarray(pillow_heif.open_heif({str(heic)!r}).info['depth_images'][0])",
    )
    table.append(
        Row(
            "memory growth of the same",
            f"{ours:.1f} MB",
            f"{peer:.1f} MB",
            f"{ours - peer:+.1f} MB",
            "≤ +4 MB",
        )
    )
    with tempfile.TemporaryDirectory() as room:
        edited, resaved = Path(room) / "edited.heic", Path(room) / "resaved.heic"
        times = take_turns(
            lambda: nf.open(heic).with_edits(f_number=1.4).save(edited),
            lambda: pillow_heif.open_heif(heic).save(resaved),
            3,
        )
        table.append(
            compared(
                "change the aperture of a 12 Mpx HEIC, save / pillow-heif open + save, which loses the depth",
                *times,
                "≤ 0.05×",
            )
        )
    return table
