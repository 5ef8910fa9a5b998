"""The tags of Apple's depth images: what is read from real photos prints back as the same text."""

from __future__ import annotations

import re
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrations import calibrations
from nearfar.depth.apple_tags import (
    NAMESPACES,
    PIXEL_FORMATS,
    Tags,
    calibration_from_tags,
    calibration_tags,
    depth_tags,
    matte_tags,
    parse_depth_tags,
)
from nearfar.depth.calibration import Calibration
from nearfar.depth.depth_map import DepthMap
from nearfar.depth.distortion import BrownConrady, LensTable
from nearfar.depth.kinds import Accuracy, DepthKind, MatteKind, Quality
from nearfar.errors import LossWarning

PHOTOS = {
    "iphone13pro_dualwide.heic": (1.498046875, 4.3828125, 3032.59423828125, (4032, 3024), 1.9e-6),
    "iphone12mini_depth_gainmap.jpg": (0.2296142578125, 4.8359375, 3077.54638671875, (4032, 3024), 1.4e-6),
    "iphonex_depth.jpg": (0.65087890625, 2.509765625, 6112.78125, (3024, 4032), 1e-6),
    "iphonex_depth_matte.jpg": (0.86474609375, 1.3662109375, 6073.92138671875, (3024, 4032), 1e-6),
}
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}


def packets(path: Path) -> list[Tags]:
    """The Apple tags of every XMP packet in a file, found by its first and last element."""
    found = []
    for match in re.finditer(rb"<x:xmpmeta.*?</x:xmpmeta>", path.read_bytes(), re.DOTALL):
        tags: Tags = {}
        for element in ET.fromstring(match[0]).iter():
            uri, _, name = element.tag[1:].partition("}")
            if uri in _PREFIXES:
                items = [item.text or "" for item in element.iter(f"{_RDF}li")]
                tags[f"{_PREFIXES[uri]}:{name}"] = tuple(items) if items else (element.text or "")
        found.append(tags)
    return found


def depth_packet(samples: Path, name: str) -> Tags:
    return next(t for t in packets(samples / "photos/apple" / name) if "depthData:Accuracy" in t)


@pytest.mark.samples
@pytest.mark.parametrize("name", PHOTOS)
def test_real_tags_print_back_as_the_same_text(samples: Path, name: str) -> None:
    tags = depth_packet(samples, name)
    calibration = calibration_from_tags(tags)
    read = parse_depth_tags(tags)
    assert calibration is not None
    assert read.kind is not None
    assert read.float_min is not None
    assert read.float_max is not None
    depth_map = DepthMap(
        np.ones((2, 2), np.float32),
        kind=read.kind,
        accuracy=read.accuracy,
        quality=read.quality,
        filtered=read.filtered,
        calibration=calibration,
    )
    again = depth_tags(
        depth_map,
        stored_format=PIXEL_FORMATS["L008"],
        code_range=(0, 255),
        value_range=(read.float_min, read.float_max),
        simulated_aperture=read.simulated_aperture,
    )
    private = {"depthBlurEffect:RenderingParameters", "portraitLightingEffect:EffectStrength"}
    version = {"depthData:DepthDataVersion"}
    assert {k: v for k, v in tags.items() if k not in private | version} == {
        k: v for k, v in again.items() if k not in version
    }
    if read.version == 65541:
        assert list(again) == [tag for tag in tags if tag not in private]


@pytest.mark.samples
@pytest.mark.parametrize("name", PHOTOS)
def test_real_tags_mean_what_is_known_of_the_photos(samples: Path, name: str) -> None:
    low, high, focal, size, pixel = PHOTOS[name]
    tags = depth_packet(samples, name)
    read = parse_depth_tags(tags)
    calibration = calibration_from_tags(tags)
    assert calibration is not None
    assert (read.kind, read.accuracy, read.quality) == (DepthKind.DISPARITY, Accuracy.RELATIVE, Quality.HIGH)
    assert (read.filtered, read.int_min, read.int_max) == (True, 0, 255)
    # The text has six decimals; the half floats come back exactly.
    assert (read.float_min, read.float_max) == (low, high)
    assert (calibration.fx, calibration.fy, calibration.reference_size) == (focal, focal, size)
    assert calibration.pixel_size == pixel
    lens = calibration.distortion
    assert isinstance(lens, LensTable)
    assert not lens.has_table
    assert lens.forward_coefficients is not None
    assert len(lens.forward_coefficients) == 8


@pytest.mark.samples
def test_a_portrait_export_is_the_sensors_calibration_turned_right(samples: Path) -> None:
    calibration = calibration_from_tags(depth_packet(samples, "iphonex_depth.jpg"))
    assert calibration is not None
    sensor = calibration.oriented(8)
    assert sensor.pose.is_identity
    assert sensor.reference_size == (4032, 3024)
    assert sensor.oriented(6).equals(calibration)


@pytest.mark.samples
def test_a_matte_is_no_depth_though_it_says_so(samples: Path) -> None:
    tags = next(
        t
        for t in packets(samples / "photos/apple/iphonex_depth_matte.jpg")
        if "apdi:AuxiliaryImageSubType" in t
    )
    read = parse_depth_tags(tags)
    assert read.image_type == "depth"
    assert read.kind is None
    assert read.matte_kind is MatteKind.PORTRAIT
    assert tags == matte_tags(MatteKind.PORTRAIT)


@given(calibrations(lens=False))
def test_a_calibration_survives_its_tags(calibration: Calibration) -> None:
    again = calibration_from_tags(calibration_tags(calibration))
    assert again is not None
    assert again.equals(calibration)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8).map(tuple))
def test_lens_coefficients_survive(coefficients: tuple[float, ...]) -> None:
    lens = LensTable(None, None, (10.25, 7.1), coefficients, coefficients[::-1])
    calibration = Calibration.from_field_of_view(1.0, (20, 15)).replace(distortion=lens)
    again = calibration_from_tags(calibration_tags(calibration))
    assert again is not None
    assert again.equals(calibration)


@given(st.floats(width=16, allow_nan=False, allow_infinity=False), st.floats(-1e4, 1e4))
def test_the_ends_of_a_range_survive(half: float, other: float) -> None:
    depth_map = DepthMap(np.ones((1, 1), np.float32), kind=DepthKind.DISPARITY)
    for pair in ((half, half), (other, half)):
        tags = depth_tags(
            depth_map, stored_format=PIXEL_FORMATS["L008"], code_range=(0, 255), value_range=pair
        )
        read = parse_depth_tags(tags)
        assert (read.float_min, read.float_max) == pair


def test_an_edited_map_gets_the_set_that_ios_writes() -> None:
    depth_map = DepthMap(np.ones((1, 1), np.float32), kind=DepthKind.DEPTH, accuracy=Accuracy.ABSOLUTE)
    tags = depth_tags(
        depth_map, stored_format=PIXEL_FORMATS["L008"], code_range=(0, 255), value_range=(0.5, 2.0)
    )
    assert tags == {
        "apdi:IntMaxValue": "255",
        "apdi:StoredFormat": "1278226488",
        "apdi:NativeFormat": "1751410032",
        "apdi:IntMinValue": "0",
        "apdi:FloatMaxValue": "2.000000",
        "apdi:FloatMinValue": "0.500000",
        "apdi:AuxiliaryImageType": "depth",
        "depthData:Quality": "high",
        "depthData:Accuracy": "absolute",
        "depthData:Filtered": "False",
    }


def test_samples_that_are_values_name_their_own_format() -> None:
    depth_map = DepthMap(np.ones((1, 1), np.float16), kind=DepthKind.DISPARITY)
    tags = depth_tags(depth_map, stored_format=PIXEL_FORMATS["hdis"], code_range=None, value_range=None)
    read = parse_depth_tags(tags)
    assert read.native_format == read.stored_format == PIXEL_FORMATS["hdis"]
    assert read.int_min is None
    assert read.float_min is None


def test_a_lens_without_a_place_is_said_aloud() -> None:
    plain = Calibration.from_field_of_view(1.0, (40, 30))
    for lens in (BrownConrady(k1=0.1), LensTable([0.0, 0.1], None, (20.0, 15.0))):
        with pytest.warns(LossWarning, match="no place"):
            calibration_tags(plain.replace(distortion=lens))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        calibration_tags(plain)


def _good() -> Tags:
    lens = LensTable(None, None, (20.0, 15.0), (0.0, 1.0), (0.0, -1.0))
    plain = Calibration.from_field_of_view(1.0, (40, 30)).replace(pixel_size=1e-6, distortion=lens)
    return calibration_tags(plain)


@pytest.mark.parametrize("text", ["nan", "inf", "1e999", "", "0x10", "1_000", "12abc", "1" * 1000, "٣"])
@pytest.mark.parametrize(
    "tag",
    [
        "depthData:IntrinsicMatrix",
        "depthData:ExtrinsicMatrix",
        "depthData:IntrinsicMatrixReferenceWidth",
        "depthData:PixelSize",
        "depthData:LensDistortionCenterOffsetX",
        "depthData:LensDistortionCoefficients",
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_tag(tag: str, text: str) -> None:
    tags = _good()
    value = tags[tag]
    tags[tag] = text if isinstance(value, str) else (*value[:-1], text)
    with pytest.raises(ValueError, match=tag):
        calibration_from_tags(tags)


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("depthData:IntrinsicMatrix", ("1",) * 8),
        ("depthData:IntrinsicMatrix", ("0.0",) * 9),
        ("depthData:IntrinsicMatrix", "1"),
        ("depthData:ExtrinsicMatrix", ("2",) * 12),
        ("depthData:ExtrinsicMatrix", ("-1e308",) * 12),
        ("depthData:LensDistortionCenterOffsetY", "1e11"),
        ("depthData:IntrinsicMatrix", ("1e11",) * 8 + ("1",)),
        ("depthData:IntrinsicMatrixReferenceWidth", "0"),
        ("depthData:IntrinsicMatrixReferenceHeight", "-3"),
        ("depthData:IntrinsicMatrixReferenceHeight", "1.5"),
        ("depthData:IntrinsicMatrixReferenceHeight", ("1", "2")),
        ("depthData:LensDistortionCoefficients", ("1",) * 65),
    ],
)
def test_what_no_camera_has_is_refused(tag: str, value: str | tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=tag):
        calibration_from_tags({**_good(), tag: value})


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("depthData:Accuracy", "perfect"),
        ("depthData:Filtered", "maybe"),
        ("depthData:Quality", ("high", "low")),
        ("apdi:NativeFormat", "hdis"),
        ("apdi:FloatMinValue", "nan"),
    ],
)
def test_depth_tags_without_meaning_are_refused(tag: str, value: str | tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=tag):
        parse_depth_tags({tag: value})


def test_no_intrinsics_is_no_calibration() -> None:
    assert calibration_from_tags({"depthData:Accuracy": "relative"}) is None


def test_the_formats_are_the_known_numbers() -> None:
    assert PIXEL_FORMATS["hdis"] == 1751411059
    assert PIXEL_FORMATS["fdis"] == 1717856627
    assert PIXEL_FORMATS["hdep"] == 1751410032
    assert PIXEL_FORMATS["fdep"] == 1717855600
    assert PIXEL_FORMATS["L008"] == 1278226488
    assert PIXEL_FORMATS["L00f"] == 1278226534
