"""Pictures decoded in strips have the samples of pictures decoded whole."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nearfar.photo import jpeg
from nearfar.photo.jpeg import segments, strips
from photo.jpeg import made


def coded(width: int, height: int, mode: str = "RGB", **options: object) -> bytes:
    color = made.picture(height, width)
    out = io.BytesIO()
    Image.fromarray(color if mode == "RGB" else color[:, :, 0]).save(out, "JPEG", **options)
    return out.getvalue()


def cut(data: bytes) -> list[strips.Strip]:
    header = segments.read_header(data)
    return strips.cut(data, header, segments.find_end(data, header.scan), header.segments)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2"])
@pytest.mark.parametrize("size", [(1600, 800), (1601, 803), (1999, 520)])
@pytest.mark.parametrize("rows", [1, 2, 5])
def test_strips_give_the_samples_of_the_whole(
    mode: str, subsampling: str, size: tuple[int, int], rows: int
) -> None:
    data = coded(*size, mode, subsampling=subsampling, restart_marker_rows=rows)
    parts = cut(data)
    assert parts[0].top == 0
    assert sum(part.height for part in parts) == size[1]
    whole = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    np.testing.assert_array_equal(jpeg.open_document(data).decode_color(), whole)


@pytest.mark.parametrize(
    ("size", "options"),
    [
        ((1600, 800), {"subsampling": "4:2:0", "restart_marker_rows": 1}),
        ((1600, 800), {"restart_marker_blocks": 7}),
        ((1600, 800), {"progressive": True, "restart_marker_rows": 1}),
        ((1600, 800), {}),
        ((100, 80), {"subsampling": "4:4:4", "restart_marker_rows": 1}),
    ],
    ids=["4:2:0", "no whole rows", "progressive", "no markers", "small"],
)
def test_what_cannot_be_cut_is_decoded_whole(size: tuple[int, int], options: dict[str, object]) -> None:
    data = coded(*size, **options)
    assert cut(data) == []
    np.testing.assert_array_equal(
        jpeg.open_document(data).decode_color(), np.asarray(Image.open(io.BytesIO(data)))
    )


@pytest.mark.parametrize("fault", ["lost", "renumbered"])
def test_damaged_markers_are_left_to_the_decoder(fault: str) -> None:
    data = coded(1600, 800, subsampling="4:4:4", restart_marker_rows=1)
    assert cut(data)
    place = data.rindex(b"\xff\xd3")
    damaged = data[:place] + (b"" if fault == "lost" else b"\xff\xd5") + data[place + 2 :]
    assert cut(damaged) == []


@pytest.mark.samples
def test_a_camera_photo_is_cut(samples: Path) -> None:
    data = (samples / "photos/apple/iphone12mini_depth_gainmap.jpg").read_bytes()
    assert cut(data)
    np.testing.assert_array_equal(
        jpeg.open_document(data).decode_color(), np.asarray(Image.open(io.BytesIO(data)))
    )


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system cannot fork")
def test_a_forked_child_decodes_too(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(coded(1600, 800, subsampling="4:4:4", restart_marker_rows=1))
    script = (
        "import os, sys; from nearfar.photo import jpeg\n"
        f"document = jpeg.open_document(open({str(path)!r}, 'rb').read())\n"
        "first = document.decode_color()\n"
        "child = os.fork()\n"
        "if not child: os._exit(0 if (document.decode_color() == first).all() else 3)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, timeout=60)
