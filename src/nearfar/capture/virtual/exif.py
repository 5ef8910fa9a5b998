"""What a virtual camera's photo says of itself: make, model and lens, as EXIF."""

from __future__ import annotations

from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.TiffImagePlugin import IFDRational

from nearfar.capture.virtual.lenses import Lens
from nearfar.photo import Metadata

__all__ = ["metadata_of"]


def metadata_of(lens: Lens, model: str) -> Metadata:
    """Metadata of a photo. It holds no time: the same photo has the same bytes."""
    exif = Image.Exif()
    exif[Base.Make] = "nearfar"
    exif[Base.Model] = model
    exif.get_ifd(IFD.Exif).update(
        {
            Base.FNumber: _ratio(lens.f_number),
            Base.FocalLength: _ratio(lens.focal * lens.pixel * 1000.0),
            Base.FocalLengthIn35mmFilm: lens.equivalent,
            Base.LensModel: f"{model}, {lens.title}",
        }
    )
    return Metadata(exif=exif.tobytes())


def _ratio(value: float) -> IFDRational:
    return IFDRational(round(value * 100), 100)
