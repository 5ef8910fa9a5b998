"""What nearfar writes, judged by other programs: pillow-heif, Pillow, heif-info and ExifTool."""

from __future__ import annotations

import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

import nearfar as nf

LOW, HIGH = 0.5, 3.0


@pytest.fixture
def photo() -> nf.Photo:
    x, y = np.meshgrid(np.arange(640), np.arange(480))
    color = np.stack([x // 3, y // 2, (x + y) // 5], axis=2).astype(np.uint8)
    values = np.linspace(LOW, HIGH, 320 * 240, dtype=np.float32).reshape(240, 320)
    matrix = np.array([[500.5, 0, 320.25], [0, 500.5, 239.75], [0, 0, 1]])
    depth = nf.DepthMap(
        values,
        nf.DepthKind.DISPARITY,
        filtered=True,
        calibration=nf.Calibration(matrix, (640, 480), pixel_size=1.4e-6),
    )
    matte = nf.Matte((x[::2, ::2] % 256).astype(np.uint8))
    return nf.Photo(color, depth, [matte], edits=nf.Edits(f_number=2.8, focus=(0.25, 0.5)))


def codes(photo: nf.Photo) -> np.ndarray[Any, Any]:
    assert photo.depth is not None
    return np.rint((photo.depth.values - LOW) / (HIGH - LOW) * 255).astype(int)


def with_holes(photo: nf.Photo) -> nf.Photo:
    assert photo.depth is not None
    values = np.array(photo.depth)
    values[50:80, 60:90] = np.nan
    return photo.with_depth(photo.depth.replace(values=values, filtered=False))


def exiftool(find: Callable[[str], str], path: Path) -> dict[str, Any]:
    """Every tag that ExifTool sees, "group:name" by value; its warnings are under "…:Warning"."""
    ran = subprocess.run(
        [find("exiftool"), "-j", "-G1", "-a", "-ee", "-validate", "-warning", "-all", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(ran.stdout)[0]
    return found


APPLE_TAGS = {
    "XMP-depthData:Accuracy": "relative",
    "XMP-depthData:Quality": "high",
    "XMP-depthData:Filtered": "True",
    "XMP-depthData:IntrinsicMatrixReferenceWidth": 640,
    "XMP-depthData:IntrinsicMatrixReferenceHeight": 480,
    "XMP-apdi:StoredFormat": 1278226488,
    "XMP-apdi:IntMinValue": 0,
    "XMP-apdi:IntMaxValue": 255,
    "XMP-apdi:FloatMinValue": 0.5,
    "XMP-apdi:FloatMaxValue": 3,
    "XMP-depthBlurEffect:SimulatedAperture": 2.8,
}


@pytest.mark.tools
@pytest.mark.parametrize("name", ["made.heic", "made.jpg"])
def test_exiftool_reads_apple_s_tags_without_a_warning(
    name: str, photo: nf.Photo, tool: Callable[[str], str], tmp_path: Path
) -> None:
    path = tmp_path / name
    photo.with_mattes([]).save(path)
    tags = exiftool(tool, path)
    assert not {key: value for key, value in tags.items() if key.endswith((":Warning", ":Error"))}
    for key, value in APPLE_TAGS.items():
        assert str(tags.get(key)) == str(value) or float(tags[key]) == value, key
    matrix = [float(number) for number in tags["XMP-depthData:IntrinsicMatrix"]]
    assert matrix == pytest.approx([500.5, 0, 0, 0, 500.5, 0, 320.25, 239.75, 1])


@pytest.mark.tools
@pytest.mark.parametrize("holes", [False, True], ids=["8-bit", "16-bit"])
def test_heif_info_sees_the_depth_and_its_range(
    holes: bool, photo: nf.Photo, tool: Callable[[str], str], tmp_path: Path
) -> None:
    path = tmp_path / "made.heic"
    (with_holes(photo) if holes else photo).save(path)
    ran = subprocess.run([tool("heif-info"), str(path)], capture_output=True, text=True, check=True)
    assert "image: 640x480" in ran.stdout
    if holes:
        return
    assert "depth channel: yes" in ran.stdout
    assert "(320x240)" in ran.stdout
    found = {key: float(value) for key, value in re.findall(r"(d-min|d-max):\s+([\d.]+)", ran.stdout)}
    assert found == {"d-min": LOW, "d-max": HIGH}
    assert "uniform disparity" in ran.stdout


def test_pillow_heif_sees_the_same_codes_colour_and_matte(photo: nf.Photo) -> None:
    opened = pillow_heif.open_heif(photo.file_data("heic"))
    assert opened.size == (640, 480)
    depth = opened.info["depth_images"][0]
    assert np.abs(np.asarray(depth).astype(int) - codes(photo)).max() <= 1
    assert (depth.info["metadata"]["d_min"], depth.info["metadata"]["d_max"]) == (LOW, HIGH)
    assert list(opened.info["aux"]) == ["urn:com:apple:photo:2018:aux:portraiteffectsmatte"]
    assert np.abs(np.asarray(opened).astype(int) - photo.color).mean() < 4


def test_pillow_sees_the_depth_as_a_frame(photo: nf.Photo) -> None:
    picture = Image.open(io.BytesIO(photo.file_data("jpeg")))
    assert (picture.format, getattr(picture, "n_frames", 1)) == ("MPO", 3)
    assert np.abs(np.asarray(picture).astype(int) - photo.color).mean() < 4
    picture.seek(1)
    assert np.abs(np.asarray(picture).astype(int) - codes(photo)).max() <= 2


def test_a_file_with_16_bit_depth_still_opens_with_its_colour(photo: nf.Photo) -> None:
    holed = with_holes(photo)
    heif = pillow_heif.open_heif(holed.file_data("heic"))
    assert np.abs(np.asarray(heif).astype(int) - photo.color).mean() < 4
    jpeg = Image.open(io.BytesIO(holed.file_data("jpeg")))
    assert np.abs(np.asarray(jpeg).astype(int) - photo.color).mean() < 4


@pytest.mark.tools
@pytest.mark.samples
@pytest.mark.parametrize(
    "name", ["iphone13pro_dualwide.heic", "iphone12mini_depth_gainmap.jpg", "iphonex_depth_matte.jpg"]
)
def test_exiftool_sees_every_tag_of_a_phone_photo_again_after_an_edit(
    name: str, samples: Path, tool: Callable[[str], str], tmp_path: Path
) -> None:
    source = samples / "photos" / "apple" / name
    path = tmp_path / name
    nf.open(source).with_edits(f_number=1.8).save(path)
    before, after = exiftool(tool, source), exiftool(tool, path)
    moving = re.compile(
        r"^(System|File|ExifTool):|Offset|Start|Length|SourceFile|MPImage|MediaData|Validate|Warning"
    )
    lost = {key for key in before if not moving.search(key) and before[key] != after.get(key)}
    assert lost == {"XMP-depthBlurEffect:SimulatedAperture"}
    assert float(after["XMP-depthBlurEffect:SimulatedAperture"]) == 1.8
    new_warnings = {
        key: after[key] for key in after if key.endswith((":Warning", ":Error")) and key not in before
    }
    assert not new_warnings
