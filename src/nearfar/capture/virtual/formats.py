"""The formats of the virtual cameras: which sizes of colour and depth go together."""

from __future__ import annotations

from nearfar.capture.formats import DepthFormat, Format
from nearfar.capture.virtual.options import Options
from nearfar.depth import DepthKind

__all__ = ["formats_of"]

_SIZES = ((640, 480), (1280, 720), (320, 240))
_WIDEST_DEPTH = 640
_NARROWEST_DEPTH = 160


def formats_of(
    options: Options,
    *,
    kinds: tuple[DepthKind, ...],
    photo: tuple[int, int],
    depth_width: int | None = None,
    max_zoom: float = 1.0,
    depth_zoom_ranges: tuple[tuple[float, float], ...] = ((1.0, 1.0),),
) -> tuple[Format, ...]:
    """A stream of the size asked for, the usual ones, and one for photos, with depth of these kinds.

    Args:
        options: size and frame rate.
        kinds: of depth, the default one first; () for a camera without depth.
        photo: (width, height) px of the last format's photos.
        depth_width: px of all depth maps; None for those of the picture and of a half of it.
        max_zoom: the largest zoom factor.
        depth_zoom_ranges: the zoom factors at which there is depth.
    """

    def of(size: tuple[int, int], photo_size: tuple[int, int] | None = None) -> Format:
        return Format(
            *size,
            min_frame_rate=1.0,
            max_frame_rate=options.fps,
            supported_depth_formats=tuple(
                DepthFormat(kind, dtype, *depth)
                for depth in _depth_sizes(size, depth_width)
                for kind in kinds
                for dtype in ("float16", "float32")
            ),
            photo_size=photo_size,
            max_zoom=max_zoom,
            depth_zoom_ranges=depth_zoom_ranges if kinds else (),
        )

    sizes = list(_SIZES)
    if options.size is not None:
        sizes = [options.size, *(size for size in sizes if size != options.size)]
    return (*(of(size) for size in sizes), of((640, 480), photo))


def _depth_sizes(size: tuple[int, int], depth_width: int | None) -> tuple[tuple[int, int], ...]:
    """At most two: as large as the picture or as depth gets, and half of that."""
    width, height = size
    if depth_width is not None:
        across = min(depth_width, width)
        return ((across, max(1, round(across * height / width))),)
    across = min(width, _WIDEST_DEPTH)
    largest = (across, max(1, round(across * height / width)))
    half = (largest[0] // 2, largest[1] // 2)
    if half[0] < _NARROWEST_DEPTH or any(side % 2 for side in largest):
        return (largest,)
    return largest, half
