"""JPEGs made for tests: small photos with auxiliary images, and broken ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import ImageCms

from nearfar.photo import jpeg, xmp
from nearfar.photo.auxiliary import DEPTH_URN, NewImage
from nearfar.photo.jpeg import segments

MATTE_URN = "urn:com:apple:photo:2018:aux:portraiteffectsmatte"
EXIF = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x01\0\0\0\0\0\0"
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = xmp.build({"dc:format": "image/jpeg"})


def exif(orientation: int) -> bytes:
    """An Exif block that says an orientation and nothing else."""
    return EXIF[:19] + bytes((orientation,)) + EXIF[20:]


def picture(height: int = 48, width: int = 64, seed: int = 0) -> NDArray[np.uint8]:
    """A smooth colour picture."""
    y, x = np.mgrid[:height, :width]
    waves = [127 + 120 * np.sin((x * (c + 1) + seed * 9) / 17) * np.cos(y / (9 + c)) for c in range(3)]
    return np.stack(waves, axis=-1).astype(np.uint8)


def noise(height: int = 24, width: int = 32, seed: int = 0) -> NDArray[np.uint8]:
    """Codes that compress worst."""
    return np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)


def depth_image(seed: int = 0, height: int = 24, width: int = 32) -> NewImage:
    """A depth image with 8-bit codes."""
    packet = xmp.build(
        {
            "apdi:AuxiliaryImageType": "disparity",
            "apdi:NativeFormat": "1751411059",
            "apdi:StoredFormat": "1278226488",
            "apdi:FloatMinValue": f"{seed}.5",
        }
    )
    return NewImage(DEPTH_URN, noise(height, width, seed), packet)


def matte_image(seed: int = 1) -> NewImage:
    """A portrait matte, which calls itself "depth" as Apple's do."""
    packet = xmp.build(
        {
            "apdi:AuxiliaryImageType": "depth",
            "apdi:NativeFormat": "1278226488",
            "apdi:AuxiliaryImageSubType": "portraiteffectsmatte",
        }
    )
    return NewImage(MATTE_URN, noise(seed=seed), packet)


def photo(*images: NewImage) -> bytes:
    """A photo with every kind of metadata."""
    return jpeg.compose(picture(), images, exif=EXIF, xmp=XMP, icc=ICC)


def scans(data: bytes) -> list[bytes]:
    """The coded data of each image of a file: from its first scan to its EOI."""
    document = jpeg.open_document(data)
    headers = [document.primary, *(part.header for part in document.secondaries)]
    return [data[header.scan : segments.find_end(data, header.scan).end] for header in headers]
