"""From an item to its samples: coded pictures, grids of tiles, and the primary picture in colour.

    item ─┬─ hvc1, hev1 ─▶ codec            auxiliary images: one channel, cropped, not turned
          ├─ jpeg ───────▶ jpeg_item        the picture: RGB, cropped and turned (the codec does it)
          ├─ grid ───────▶ its tiles
          └─ iden ───────▶ what it stands for

Sizes are checked from the outside in — item, grid, tile, parameter set — before the first decoder runs.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nearfar import _native
from nearfar.depth import Orientation, orient_array
from nearfar.errors import CorruptFile
from nearfar.photo.heic import codec
from nearfar.photo.heic.jpeg_item import decode_jpeg, jpeg_bytes, read_jpeg
from nearfar.photo.heic.meta import Meta
from nearfar.photo.heic.properties import Placement, auxiliary_type, color_points, placement
from nearfar.photo.threads import beside

_HEVC = ("hvc1", "hev1")
_ALPHA_URNS = ("urn:mpeg:hevc:2015:auxid:1", "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha")
_TYPE_AT = {2: 16, 3: 18}
"""Where an item's type stands in its ``infe``, by the box's version."""
_NARROW, _WIDE = struct.Struct(">2H"), struct.Struct(">2I")


class Grid(NamedTuple):
    """A picture put together from tiles of one size, row by row."""

    rows: int
    columns: int
    size: tuple[int, int]
    tile: tuple[int, int]
    tiles: tuple[int, ...]


def read_grid(meta: Meta, item: int, size: tuple[int, int]) -> Grid:
    """Read a grid item and check it against its ``ispe`` (`size`) and its tiles."""
    source, offset = meta.source, meta.offset_of(item)
    tiles = meta.targets(item, "dimg")
    payload = meta.payload(item)
    layout = _WIDE if len(payload) > 1 and payload[1] & 1 else _NARROW
    if len(payload) < 4 + layout.size or payload[0]:
        raise source.corrupt(f"the grid {item} is cut off or of an unknown version", offset)
    rows, columns = payload[2] + 1, payload[3] + 1
    width, height = layout.unpack_from(payload, 4)
    source.check_pixels((width, height), offset, "grid")
    if (width, height) != size:
        raise source.corrupt(f"the grid {item} is {width}×{height}, its ispe {size[0]}×{size[1]}", offset)
    if len(tiles) != rows * columns:
        raise source.corrupt(f"the grid {item} of {columns}×{rows} tiles names {len(tiles)}", offset)
    # Tiles share their properties, so one of each kind is looked at.
    kinds = {meta.associations.get(tile): tile for tile in tiles}
    sizes = {placement(meta, tile, "tile").coded for tile in kinds.values()}
    if len(sizes) != 1:
        raise source.corrupt(f"the tiles of grid {item} have {len(sizes)} different sizes", offset)
    tile = sizes.pop()
    for whole, part, count in ((width, tile[0], columns), (height, tile[1], rows)):
        if not part * (count - 1) < whole <= part * count:
            raise source.corrupt(f"{count} tiles of {part} pixels do not make {whole}", offset)
    return Grid(rows, columns, (width, height), tile, tiles)


def coding_of(meta: Meta, item: int) -> str:
    """How an item is coded: "hevc", "jpeg", "lossless-jpeg", or the type that is not handled."""
    kind = _resolved_kind(meta, item)
    if kind in _HEVC:
        return "hevc"
    if kind == "jpeg":
        leaf = next(_leaves(meta, item))
        return "lossless-jpeg" if read_jpeg(meta, leaf, jpeg_bytes(meta, leaf)).frame.lossless else "jpeg"
    return kind


def _resolved_kind(meta: Meta, item: int) -> str:
    entry = meta.items.get(item)
    if entry is None:
        raise meta.source.corrupt(f"item {item} is used but not listed", meta.box.start)
    if entry.kind in ("grid", "iden"):
        inputs = meta.targets(item, "dimg")
        if not inputs:
            raise meta.source.corrupt(f"the {entry.kind} item {item} is made of nothing", meta.box.start)
        return _resolved_kind(meta, inputs[0])
    return entry.kind


def _leaves(meta: Meta, item: int) -> Iterator[int]:
    """The coded items that an item is made of, each once. Nothing but iden may stand above a grid."""
    kind = meta.items[item].kind if item in meta.items else ""
    if kind == "grid":
        for tile in dict.fromkeys(meta.targets(item, "dimg")):
            entry = meta.items.get(tile)
            if entry is None or entry.kind not in (*_HEVC, "jpeg"):
                found = entry.kind if entry else "missing"
                raise meta.source.unsupported(f"tile {tile} of grid {item} is {found!r}", meta.box.start)
            yield tile
    elif kind == "iden":
        inputs = meta.targets(item, "dimg")
        if len(inputs) != 1:
            raise meta.source.corrupt(f"item {item} stands for {len(inputs)} items", meta.box.start)
        yield from _leaves(meta, inputs[0])
    elif kind in (*_HEVC, "jpeg"):
        yield item
    else:
        reason = f"pictures of item type {kind!r} are not handled; hvc1, jpeg and grids of them are"
        raise meta.source.unsupported(reason, meta.box.start)


def decode_samples(meta: Meta, item: int, size: tuple[int, int], *, parts: int = 1) -> NDArray[Any]:
    """Decode an item of (width, height) `size`, neither cropped nor turned; (H, W) or (H, W, 3).

    `parts` says of how many such items the whole picture is made.
    """
    kind = meta.items[item].kind
    if kind == "grid":
        list(_leaves(meta, item))
        return _decode_grid(meta, read_grid(meta, item, size))
    leaf = next(_leaves(meta, item))
    if kind == "iden":
        return decode_samples(meta, meta.targets(item, "dimg")[0], size)
    return (
        decode_jpeg(meta, leaf, size, parts=parts)
        if kind == "jpeg"
        else codec.prepare_hevc(meta, leaf, size)()
    )


def _decode_grid(meta: Meta, grid: Grid) -> NDArray[Any]:
    width, height = grid.size
    decode = partial(decode_samples, meta, size=grid.tile, parts=len(grid.tiles))
    samples = decode(grid.tiles[0])
    canvas = np.empty((height, width, *samples.shape[2:]), samples.dtype)
    for number, tile in enumerate(grid.tiles):
        if number:
            samples = decode(tile)
        if samples.ndim != canvas.ndim or samples.dtype != canvas.dtype:
            raise meta.source.corrupt("the tiles of a grid differ in channels or bits", meta.offset_of(tile))
        y, x = number // grid.columns * grid.tile[1], number % grid.columns * grid.tile[0]
        part = canvas[y : y + grid.tile[1], x : x + grid.tile[0]]
        part[...] = samples[: part.shape[0], : part.shape[1]]
    return canvas


def prepare_auxiliary(meta: Meta, item: int, place: Placement) -> Callable[[], NDArray[Any]]:
    """Give the function that decodes an auxiliary image: (H, W) uint8 or uint16, cropped, not turned.

    One that is coded in colour counts when its colours are grey; else UnsupportedFile.
    """
    if meta.items[item].kind in _HEVC:
        decode = codec.prepare_hevc(meta, item, place.coded)
    else:
        decode = partial(decode_samples, meta, item, place.coded)
    return lambda: _grey(meta, item, place, decode())


def _grey(meta: Meta, item: int, place: Placement, samples: NDArray[Any]) -> NDArray[Any]:
    if samples.ndim == 3:
        if not ((samples[..., 0] == samples[..., 1]).all() and (samples[..., 1] == samples[..., 2]).all()):
            reason = f"the auxiliary image {item} has colours; only grey ones are handled"
            raise meta.source.unsupported(reason, meta.offset_of(item))
        samples = samples[..., 1]
    left, top, width, height = place.crop
    return np.ascontiguousarray(samples[top : top + height, left : left + width])


def decode_picture(meta: Meta, item: int, place: Placement, orientation: Orientation) -> NDArray[Any]:
    """Decode an item as the picture: upright (H, W, 3) in its own colour space.

    8-bit pictures give uint8; deeper ones uint16, their range spread over 0..65535. `orientation` turns a
    picture that has no ``irot`` or ``imir``; the codec has turned one that has.
    """
    leaves = list(_leaves(meta, item))
    if _resolved_kind(meta, item) == "jpeg":
        left, top, width, height = place.crop
        samples = decode_samples(meta, item, place.coded)[top : top + height, left : left + width]
        return orient_array(_as_rgb(samples, 8), orientation)
    if meta.items[item].kind == "grid":
        read_grid(meta, item, place.coded)
    data = _with_primary(meta, item)  # read before it is checked: the codec sees what was checked
    bits = 8
    for leaf in leaves:
        coded = placement(meta, leaf, "tile").coded
        bits = codec.check_coded(meta, leaf, meta.payload(leaf), coded).bits
    _check_alpha(meta, item)
    prepare = partial(codec.prepare_file, source=meta.source, offset=meta.offset_of(leaves[0]))
    try:
        decode = prepare(data)
    except CorruptFile:
        bare = _without_auxiliaries(meta, data)  # the codec refuses a whole file for a broken one
        if bare == data:
            raise
        decode = prepare(bare)
    samples = _as_rgb(decode(), bits)
    return samples if place.turned else orient_array(samples, orientation)


def decode_reduced(
    meta: Meta, item: int, place: Placement, orientation: Orientation, share: int
) -> NDArray[np.uint8] | None:
    """Decode a grid tile by tile at 1/`share` of each side, upright (h, w, 3) in its own colour space.

    Each sample is the mean of those that it stands for. The whole picture is never in memory, and several
    threads decode. None for a picture that is none of HEVC tiles whose sides `share` divides.
    """
    if meta.items[item].kind != "grid" or _resolved_kind(meta, item) not in _HEVC:
        return None
    grid = read_grid(meta, item, place.coded)
    width, height = (side // share for side in grid.tile)
    if (width * share, height * share) != grid.tile:
        return None
    list(_leaves(meta, item))
    points = color_points(meta, item)
    canvas = np.empty((grid.rows * height, grid.columns * width, 3), np.uint8)

    def run(first: int, step: int) -> None:
        for number in range(first, len(grid.tiles), step):
            tile = grid.tiles[number]
            bits = codec.check_coded(meta, tile, meta.payload(tile), grid.tile).bits
            samples = _as_rgb(codec.prepare_hevc(meta, tile, grid.tile, points)(), bits)
            y, x = number // grid.columns * height, number % grid.columns * width
            canvas[y : y + height, x : x + width] = _native.shrink_picture(samples, height, width)

    lots = min(_native.thread_count(), len(grid.tiles))
    jobs = [beside(partial(run, lot, lots)) for lot in range(1, lots)]
    try:
        run(0, lots)
    finally:
        for job in jobs:
            job.exception()  # no tile is decoded any more once this is left
    for job in jobs:
        job.result()
    left, top, wide, high = (side // share for side in place.crop)
    return orient_array(canvas[top : top + max(1, high), left : left + max(1, wide)], orientation)


def _check_alpha(meta: Meta, item: int) -> None:
    """Check the alpha plane of a picture, which the codec decodes along with it."""
    for alpha in meta.sources(item, "auxl"):
        if not _is_alpha(meta, alpha):
            continue
        place = placement(meta, alpha, "alpha plane")
        if meta.items[alpha].kind == "grid":
            read_grid(meta, alpha, place.coded)
        for leaf in _leaves(meta, alpha):
            codec.check_coded(meta, leaf, meta.payload(leaf), placement(meta, leaf, "tile").coded)


def _is_alpha(meta: Meta, item: int) -> bool:
    found = auxiliary_type(meta, item)
    return found is not None and found.urn in _ALPHA_URNS


def _without_auxiliaries(meta: Meta, data: bytes) -> bytes:
    """The file with a type that nobody knows for its auxiliary images, all but alpha planes."""
    bare = bytearray(data)
    for item in {each.source for each in meta.references if each.kind == "auxl"} & meta.items.keys():
        raw, kind = meta.items[item].raw, meta.items[item].kind
        at = data.find(raw, meta.box.start, meta.box.end)
        known = raw[8] in _TYPE_AT and kind in ("grid", "iden", "jpeg", *_HEVC)
        if at >= 0 and known and item != meta.primary and not _is_alpha(meta, item):
            at += _TYPE_AT[raw[8]]
            bare[at : at + 4] = b"none"
    return bytes(bare)


def _as_rgb(samples: NDArray[Any], bits: int) -> NDArray[Any]:
    """Three channels; deeper than 8 bits spread over the range of uint16."""
    if samples.ndim == 2:
        samples = np.repeat(samples[..., None], 3, axis=2)
    samples = samples[..., :3]
    if samples.dtype == np.uint16:
        samples = samples << np.uint16(16 - bits) | samples >> np.uint16(max(2 * bits - 16, 0))
    return np.ascontiguousarray(samples)


def _with_primary(meta: Meta, item: int) -> bytes:
    """The file with `item` as its primary picture: the file itself where it is that already."""
    data = meta.source.data
    if item == meta.primary:
        return data
    box = next(each for each in meta.children if each.kind == "pitm")
    version, _ = meta.source.version_flags(box)
    at, size = box.body + 4, 4 if version else 2
    return data[:at] + item.to_bytes(size, "big") + data[at + size :]
