"""From the `State` of a photo to the bytes of a file: an edit of the file it came from, or a new file.

same container ──▶ Changes ──▶ document.rewrite     coded pictures are copied byte for byte
other or none  ──▶ compose                          everything is coded anew, upright
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nearfar.depth import Matte, MatteKind, Orientation, orient_array
from nearfar.errors import FileError, LossWarning, PhotoError, PrivacyWarning
from nearfar.photo import depth_images, xmp
from nearfar.photo.auxiliary import CONFIDENCE_URN, KEEP, Changes, DepthRange, NewImage, StoredImage
from nearfar.photo.contents import Contents
from nearfar.photo.depth_images import DepthEncoding
from nearfar.photo.edits import APERTURE_TAG, Edits
from nearfar.photo.google_depth import without_gdepth
from nearfar.photo.metadata import Metadata
from nearfar.photo.state import Given, State

__all__ = ["Container", "MetadataPolicy", "file_pieces"]

Container = Literal["heic", "jpeg"]
MetadataPolicy = Literal["keep", "no-location"]


def file_pieces(
    state: State,
    container: Container,
    *,
    metadata: MetadataPolicy = "keep",
    depth_encoding: DepthEncoding = "auto",
    color_quality: int | None = None,
) -> Sequence[bytes | memoryview]:
    """Give the pieces of the file that holds the photo; see `Photo.save`."""
    if container not in ("heic", "jpeg"):
        raise ValueError(f"container must be 'heic' or 'jpeg', not {container!r}")
    if metadata not in ("keep", "no-location"):
        raise ValueError(f"metadata must be 'keep' or 'no-location', not {metadata!r}")
    if depth_encoding not in ("auto", "8-bit", "16-bit"):
        raise ValueError(f"depth_encoding must be 'auto', '8-bit' or '16-bit', not {depth_encoding!r}")
    about = state.metadata.without_location() if metadata == "no-location" else state.metadata
    source = state.contents
    if source is not None:
        source.hold()
    if source is not None and source.document.container == container:
        if color_quality is not None:
            raise ValueError("color_quality has no effect here: the coded picture is kept as it is")
        changes = _changes(state, source, about, depth_encoding)
        if metadata == "keep":
            return source.document.rewrite(changes)
        _say_private(source.document.opaque_parts)
        return source.document.rewrite(dataclasses.replace(changes, without_location=True))
    clean = metadata == "no-location"
    return [_compose(state, container, about, depth_encoding, color_quality, clean=clean)]


def _changes(state: State, source: Contents, about: Metadata, encoding: DepthEncoding) -> Changes:
    document = source.document
    if state.depth_part is not KEEP and source.gdepth is not None:
        raise PhotoError(
            f"{source.file or 'the photo'}: the GDepth record lies in the picture's XMP and is not replaced "
            "there; save the photo as HEIC"
        )
    remove: set[int] = set()
    add: list[NewImage] = []
    packets: dict[int, bytes] = {}
    if state.depth_part is not KEEP:
        remove.update(
            image.key
            for image in document.images
            if depth_images.is_depth(image) or image.urn == CONFIDENCE_URN
        )
        add.extend(_new_depth(state, document.orientation, encoding))
    elif state.edits_part is not KEEP and state.edits != source.edits():
        stored_depth = source.depth_image
        if stored_depth is None:
            raise PhotoError(
                f"{source.file or 'the photo'}: a GDepth record has no place for edits; "
                "save the photo as HEIC"
            )
        packets[stored_depth.key] = _edited_packet(stored_depth, state.edits, source.file)
    kept, new = _mattes(state, source)
    for image in document.images:
        kind = depth_images.matte_kind(image)
        if kind is not None and kind not in kept:
            remove.add(image.key)
    add.extend(depth_images.matte_image(matte, orientation=document.orientation) for matte in new)
    stored = source.metadata()
    return Changes(
        frozenset(remove),
        tuple(add),
        packets,
        KEEP if about.exif == stored.exif else about.exif,
        KEEP if about.xmp == stored.xmp else about.xmp,
    )


def _edited_packet(image: StoredImage, edits: Edits, file: str | None) -> bytes:
    if image.xmp is None:
        tags = edits.to_tags({})
        return xmp.build({name: text for name, text in tags.items() if text is not None})
    packet = xmp.parse(image.xmp, file=file)
    return packet.set(edits.to_tags(packet.tags))


def _new_depth(state: State, orientation: Orientation, encoding: DepthEncoding) -> list[NewImage]:
    depth = state.depth
    if depth is None:
        return []
    shot = {name: text for name, text in state.shot.to_tags({}).items() if name == APERTURE_TAG}
    tags = shot | state.edits.to_tags(shot)
    image = depth_images.depth_image(depth, orientation=orientation, extra_tags=tags, encoding=encoding)
    confidence = depth_images.confidence_image(depth, orientation=orientation)
    return [image] if confidence is None else [image, confidence]


def _mattes(state: State, source: Contents | None) -> tuple[set[MatteKind], list[Matte]]:
    """Part the photo's mattes into those that stand unchanged in the source, and new ones."""
    stored: Mapping[MatteKind, StoredImage] = {} if source is None else source.matte_images
    given = state.mattes_part
    if given is KEEP:
        return set(stored), []
    kept = {
        kind
        for kind, matte in given.items()
        if source is not None and kind in stored and source.matte(kind) is matte
    }
    return kept, [matte for kind, matte in given.items() if kind not in kept]


def _compose(
    state: State,
    container: Container,
    about: Metadata,
    encoding: DepthEncoding,
    quality: int | None,
    *,
    clean: bool,
) -> bytes:
    source = state.contents
    color, icc = _color(state)
    kept, new = _mattes(state, source)
    images: list[NewImage] = []
    if source is not None:
        images.extend(_carried(state, source, kept))
    if state.depth_part is not KEEP:
        images[:0] = _new_depth(state, Orientation.UP, encoding)
    images.extend(depth_images.matte_image(matte) for matte in new)
    if clean:
        images = [dataclasses.replace(image, xmp=_without_places(image)) for image in images]
    options: dict[str, Any] = {} if quality is None else {"quality": quality}
    upright = about.for_upright(size=state.picture.size, calibration=state.calibration)
    packet = upright.xmp
    if packet is not None and source is not None and source.gdepth is not None:
        packet = without_gdepth(packet)
    return _composer(container)(color, images, exif=upright.exif, xmp=packet, icc=icc, **options)


def _composer(container: Container) -> Callable[..., bytes]:
    if container == "heic":
        from nearfar.photo import heic

        return heic.compose
    from nearfar.photo import jpeg

    return jpeg.compose


def _color(state: State) -> tuple[NDArray[np.uint8], bytes | None]:
    """Give the upright 8-bit picture to code, and its colour profile (None: sRGB)."""
    picture = state.picture
    if isinstance(picture, Given):
        return picture.color, picture.icc
    color = picture.contents.native_color()
    if color.dtype == np.uint16:
        _say_lost("the picture has more than 8 bits; 8 are kept")
        color = (color >> 8).astype(np.uint8)
    from nearfar.photo.color import convert
    from nearfar.photo.icc import PROFILES

    document = picture.contents.document
    points = getattr(document, "nclx", None)
    if document.icc is None and points is not None:
        converted = convert(color, None, nclx=(points.primaries, points.transfer), space="display-p3")
        if converted is not color:
            return converted, PROFILES["display-p3"]
    return color, document.icc


def _carried(state: State, source: Contents, kept_mattes: set[MatteKind]) -> list[NewImage]:
    """Carry the source's auxiliary images over, codes and tags as they are, turned upright."""
    images: list[NewImage] = []
    for image in source.document.images:
        kind = depth_images.matte_kind(image)
        is_depth = depth_images.is_depth(image)
        if (is_depth or image.urn == CONFIDENCE_URN) and state.depth_part is not KEEP:
            continue
        if kind is not None and kind not in kept_mattes:
            continue
        try:
            samples = orient_array(image.decode(), image.orientation)
        except FileError as error:
            _say_lost(f"the {image.urn or 'unnamed'} image is not kept: {error.reason}")
            continue
        if samples.ndim != 2 or not image.urn:
            _say_lost(f"the {image.urn or 'unnamed'} image of {image.size[0]}×{image.size[1]} is not kept")
            continue
        images.append(_carried_depth(state, source, samples) if is_depth else _carried_other(image, samples))
    if source.gdepth is not None and state.depth_part is KEEP and state.depth is not None:
        images[:0] = _new_depth(state, Orientation.UP, "auto")
        _say_lost("the unblurred original and the focus record beside GDepth are not kept")
    if source.document.stereo is not None:
        _say_lost("the second picture of the stereo pair is not kept")
    return images


def _carried_depth(state: State, source: Contents, samples: NDArray[Any]) -> NewImage:
    header = source.depth_header()
    assert header is not None
    data = _edited_packet(header.image, state.edits, source.file)
    data = xmp.parse(data, file=source.file).set(depth_images.carried_depth_tags(header))
    depth_range = None
    if header.code_range is not None and header.minimum is not None and header.maximum is not None:
        depth_range = DepthRange(header.minimum, header.maximum, 1 if header.kind.value == "disparity" else 2)
    return NewImage(header.image.urn, samples, data, depth_range)


def _without_places(image: NewImage) -> bytes:
    cleaned = Metadata(xmp=image.xmp).without_location().xmp
    return _bare_packet(image.urn) if cleaned is None else cleaned


def _bare_packet(urn: str) -> bytes:
    return xmp.build({"apdi:AuxiliaryImageType": urn})


def _carried_other(image: StoredImage, samples: NDArray[Any]) -> NewImage:
    packet = _bare_packet(image.urn) if image.xmp is None else image.xmp
    return NewImage(image.urn, samples, packet, lossless=image.urn == CONFIDENCE_URN)


def _say_lost(message: str) -> None:
    warnings.warn(message, LossWarning, stacklevel=7)


def _say_private(parts: Sequence[str]) -> None:
    if parts:
        message = f"kept without looking inside, where a place may stand too: {', '.join(parts)}"
        warnings.warn(message, PrivacyWarning, stacklevel=4)
