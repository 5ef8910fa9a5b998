"""What is fuzzed: a parser, and seeds for it grown from files that nearfar writes.

A target may raise `nearfar.NearfarError` and nothing else (calibration and geometry files included). It must
come back within a second.
"""

from __future__ import annotations

import functools
import io
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import nearfar as nf
from nearfar import _native
from nearfar.errors import CorruptFile
from nearfar.photo import exif, heic, icc, jpeg, xmp
from nearfar.photo.limits import Limits

LIMITS = Limits(max_pixels=1_000_000, max_items=200)


@dataclass(frozen=True)
class Target:
    """A parser and its seeds."""

    parse: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]


def _container(opener: Callable[..., object], suffix: str) -> Callable[[bytes], None]:
    def parse(data: bytes) -> None:
        opener(data, file=None, limits=LIMITS)
        photo = nf.open(data, max_pixels=LIMITS.max_pixels, max_items=LIMITS.max_items)
        photo.summary(location=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if photo.edits.f_number is not None:
                photo.with_edits(f_number=2.0).file_data(suffix, metadata="no-location")
            photo.with_mattes([]).file_data(suffix)

    return parse


def _depth(data: bytes) -> None:
    """Decode the auxiliary images too: jpeg and lossless-jpeg ones, whose decoders are ours to guard."""
    document = jpeg.open_document(data, file=None, limits=LIMITS)
    for image in document.images:
        try:
            image.decode()
        except CorruptFile:
            continue
    _ = nf.open(data, max_pixels=LIMITS.max_pixels, max_items=LIMITS.max_items).depth


def _photo() -> nf.Photo:
    rng = np.random.default_rng(1)
    color = rng.integers(0, 256, (24, 32, 3), np.uint8)
    matrix = np.array([[30.0, 0, 16], [0, 30.0, 12], [0, 0, 1]])
    depth = nf.DepthMap(
        rng.uniform(0.5, 2, (12, 16)).astype(np.float32),
        nf.DepthKind.DISPARITY,
        calibration=nf.Calibration(matrix, (32, 24), pixel_size=1e-6),
    )
    matte = nf.Matte(rng.integers(0, 256, (12, 16), np.uint8))
    return nf.Photo(color, depth, [matte], edits=nf.Edits(f_number=2.8, focus=(0.5, 0.5)))


@functools.cache
def _files(container: str) -> list[bytes]:
    photo = _photo()
    assert photo.depth is not None
    holes = np.array(photo.depth)
    holes[3:5] = np.nan
    with_holes = nf.Photo(photo.color, photo.depth.replace(values=holes))
    plain = nf.Photo(photo.color)
    return [made.file_data(container) for made in (photo, with_holes, plain)] + _samples(container)


def _samples(container: str) -> list[bytes]:
    """Beginnings of the sample photos, where they are: all that a parser reads, without the long scans."""
    folder = os.environ.get("NEARFAR_SAMPLES")
    if not folder or container != "heic":
        return []
    return [path.read_bytes()[:60_000] for path in sorted((Path(folder) / "photos").rglob("*.heic"))]


def _packets() -> list[bytes]:
    packets = [image.xmp for data in _files("heic")[:2] for image in _heic(data).images if image.xmp]
    return [*packets, packets[0].decode().encode("utf-16")]


def _heic(data: bytes) -> heic.HeicDocument:
    return heic.open_document(data, file=None, limits=Limits())


def _exif(data: bytes) -> None:
    exif.read(data)
    exif.without_location(data)
    exif.turned_upright(data)


def _lossless(data: bytes) -> None:
    try:
        _native.lossless_jpeg_decode(data, LIMITS.max_pixels)
    except ValueError as error:
        raise CorruptFile(str(error)) from error


def _lossless_seeds() -> list[bytes]:
    rng = np.random.default_rng(2)
    smooth = np.cumsum(rng.integers(0, 9, (8, 11)), axis=1).astype(np.uint16)
    return [
        bytes(_native.lossless_jpeg_encode(image))
        for image in (smooth, rng.integers(0, 65536, (5, 7), np.uint16))
    ]


def _saved(save: Callable[[Path], object], suffix: str) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / f"seed{suffix}"
        save(path)
        return path.read_bytes()


def _cloud_seeds(suffix: str) -> Callable[[], list[bytes]]:
    def seeds() -> list[bytes]:
        photo = _photo()
        assert photo.depth is not None
        cloud, mesh = photo.depth.points(color=photo.color), photo.depth.mesh(color=photo.color)
        return [_saved(cloud.save, suffix), _saved(mesh.save, suffix)]

    return seeds


def _shape(kind: type[nf.PointCloud | nf.Mesh], suffix: str) -> Callable[[bytes], object]:
    def parse(data: bytes) -> object:
        return _loaded(kind.load, data, suffix)

    return parse


def _loaded(load: Callable[[Path], object], data: bytes, suffix: str) -> object:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(data)
        file.flush()
        return load(Path(file.name))


def _calibration_seeds() -> list[bytes]:
    return CALIBRATION_SEEDS


CALIBRATION_SEEDS = [
    text.encode()
    for text in (
        """cam0=[994.978 0 311.193; 0 994.978 254.877; 0 0 1]
cam1=[994.978 0 342.279; 0 994.978 254.877; 0 0 1]
doffs=31.086
baseline=193.001
width=741
height=500
ndisp=80
""",
        """%YAML:1.0
---
image_width: 640
image_height: 480
camera_matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 500., 0., 320., 0., 500., 240., 0., 0., 1. ]
distortion_coefficients: !!opencv-matrix
   rows: 1
   cols: 5
   dt: d
   data: [ 0.1, -0.2, 0., 0., 0. ]
""",
        """image_width: 640
image_height: 480
camera_name: a
camera_matrix:
  rows: 3
  cols: 3
  data: [500, 0, 320, 0, 500, 240, 0, 0, 1]
distortion_model: plumb_bob
distortion_coefficients:
  rows: 1
  cols: 5
  data: [0.1, 0, 0, 0, 0]
""",
        """cam0:
  camera_model: pinhole
  intrinsics: [500, 500, 320, 240]
  distortion_model: radtan
  distortion_coeffs: [0.1, 0, 0, 0]
  resolution: [640, 480]
""",
        """{"intrinsicMatrix": [500, 0, 0, 0, 500, 0, 320, 240, 1],
"intrinsicMatrixReferenceDimensions": [640, 480], "pixelSize": 0.001}
""",
    )
]

TARGETS: dict[str, Target] = {
    "heic": Target(_container(heic.open_document, "heic"), lambda: _files("heic")),
    "jpeg": Target(_container(jpeg.open_document, "jpeg"), lambda: _files("jpeg")),
    "jpeg-images": Target(_depth, lambda: _files("jpeg")),
    "lossless-jpeg": Target(_lossless, _lossless_seeds),
    "xmp": Target(lambda data: xmp.parse(data).set({"depthBlurEffect:SimulatedAperture": "2.0"}), _packets),
    "exif": Target(_exif, lambda: [exif.build()]),
    "icc": Target(icc.read_profile, lambda: [icc.PROFILES["display-p3"]]),
    "ply": Target(_shape(nf.PointCloud, ".ply"), _cloud_seeds(".ply")),
    "glb": Target(_shape(nf.Mesh, ".glb"), _cloud_seeds(".glb")),
    "calibration": Target(lambda data: nf.read_calibration(io.BytesIO(data)), _calibration_seeds),
}
