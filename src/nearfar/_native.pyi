"""
Kernels of nearfar. Private: use the functions of the packages, which validate and document.
"""

from collections.abc import Sequence
from typing import Annotated, overload

import numpy
from numpy.typing import NDArray


def simd_levels() -> list[str]:
    """
    Names of the SIMD levels that this build holds and this CPU runs, slowest first.
    """

def simd_level() -> str:
    """Name of the SIMD level in force."""

def set_simd_level(name: str) -> None:
    """Forces a SIMD level, for tests; ValueError if it can't run."""

def thread_count() -> int:
    """Threads that a kernel uses at most, the calling one included."""

def set_leak_warnings(value: bool) -> None:
    """
    Whether to tell, when the process ends, of objects that are still there.
    """

def set_thread_count(count: int) -> None:
    """Sets the number of threads, 1..1024."""

@overload
def decode_codes(codes: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], code_min: float, code_max: float, value_min: float, value_max: float) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]:
    """Codes as float32: code_min..code_max become value_min..value_max."""

@overload
def decode_codes(codes: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], code_min: float, code_max: float, value_min: float, value_max: float) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]: ...

def encode_codes(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], value_min: float, value_max: float) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)]:
    """Float32 values as codes 0..255, rounded half to even; NaN becomes 0."""

def fill_holes(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]:
    """
    A copy with NaN replaced by a weighted median of the nearest values in eight directions.
    """

def resample(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], height: int, width: int, method: int) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]:
    """
    The map at another size; method 0 is linear, 1 nearest. NaN is never blended.
    """

@overload
def frame_body(samples: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.uint8], dict(shape=(None,), order='C', writable=False)]:
    """
    The body of a coded frame: planes of differences, of palette places where the body is longer than the samples.
    """

@overload
def frame_body(samples: Annotated[NDArray[numpy.uint32], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.uint8], dict(shape=(None,), order='C', writable=False)]: ...

def frame_samples16(body: bytes | NDArray[numpy.uint8], height: int, width: int) -> NDArray[numpy.uint16]:
    """
    The 16-bit samples (H, W) of a body; what is longer than they has a palette.
    """

def frame_samples32(body: bytes | NDArray[numpy.uint8], height: int, width: int) -> NDArray[numpy.uint32]:
    """The 32-bit samples (H, W) of a body."""

def deflate(data: bytes | NDArray[numpy.uint8]) -> NDArray[numpy.uint8]:
    """A zlib stream of the data, quickly made."""

def crc32c(data: bytes | bytearray | memoryview | NDArray[numpy.uint8], before: int = 0) -> int:
    """CRC-32C of the data, going on from that of what was before."""

def mixed_pixels(image: Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], focus_disparity: float, strength: float, refinements: int) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]:
    """
    The pixels (N, 10) that lens blur splits in two layers: x, y, the shares of the nearer and the farther sample, and the light of both.
    """

def expected_coverage(near: int) -> float:
    """
    How much of a pixel the nearer surface covers, by which of 3x3 pixels show it: a bit each, row by row.
    """

@overload
def lens_blur(image: Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], focus_disparity: float, strength: float, effort: int, recover: bool = False, dimmed: tuple[Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', device='cpu', writable=False)]] | None = None, blades: int = 0, rotation: float = 0.0, curvature: float = 0.0, cats_eye: float = 0.0, cancel: object | None = None, progress: object | None = None) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', writable=False)]:
    """
    A picture (H, W, 3), sRGB-coded integers or linear floats, blurred by a thin lens: radius in px = strength * abs(disparity - focus_disparity).
    """

@overload
def lens_blur(image: Annotated[NDArray[numpy.uint16], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], focus_disparity: float, strength: float, effort: int, recover: bool = False, dimmed: tuple[Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', device='cpu', writable=False)]] | None = None, blades: int = 0, rotation: float = 0.0, curvature: float = 0.0, cats_eye: float = 0.0, cancel: object | None = None, progress: object | None = None) -> Annotated[NDArray[numpy.uint16], dict(shape=(None, None, None), order='C', writable=False)]: ...

@overload
def lens_blur(image: Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], focus_disparity: float, strength: float, effort: int, recover: bool = False, dimmed: tuple[Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', device='cpu', writable=False)]] | None = None, blades: int = 0, rotation: float = 0.0, curvature: float = 0.0, cats_eye: float = 0.0, cancel: object | None = None, progress: object | None = None) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', writable=False)]: ...

def any_hole(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> bool:
    """Whether a value is NaN."""

@overload
def align_disparity(image: Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], threshold: float, cancel: object | None = None) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C')]:
    """
    A smaller map of disparity at the size of a picture (H, W, 3), its edges where the picture's are.
    """

@overload
def align_disparity(image: Annotated[NDArray[numpy.uint16], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], threshold: float, cancel: object | None = None) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C')]: ...

@overload
def align_disparity(image: Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], threshold: float, cancel: object | None = None) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C')]: ...

@overload
def shrink_picture(picture: Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], height: int, width: int) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', writable=False)]:
    """
    A smaller picture (height, width, 3) in 8 bits: means of the whole pixels that lie mostly under each.
    """

@overload
def shrink_picture(picture: Annotated[NDArray[numpy.uint16], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], height: int, width: int) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', writable=False)]: ...

def settle_edges(disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], picture: Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]:
    """
    A measured map of disparity with its edges where a picture (H, W, 3) of its size has them.
    """

def widen_rims(aligned: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu')], small: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], focus_disparity: float, jump: float) -> None:
    """
    Gives a map at photo scale, in place, wider rims of what is nearer than the focus.
    """

def sample_guide(guide: Annotated[NDArray[numpy.uint8], dict(shape=(None, None, 3), order='C', device='cpu', writable=False)], height: int, width: int, down: tuple[float, float], across: tuple[float, float], radius: float) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', writable=False)]:
    """
    Mean colours (height, width, 3) around samples at first + i*step pixels, by a tent.
    """

def upsample(guide: Annotated[NDArray[numpy.uint8], dict(shape=(None, None, 3), order='C', device='cpu', writable=False)], values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], confidence: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)] | None, colours: Annotated[NDArray[numpy.float32], dict(shape=(None, None, 3), order='C', device='cpu', writable=False)], down: tuple[float, float], across: tuple[float, float], depth: bool, threshold: float) -> tuple[Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)] | None]:
    """
    The map and its confidence at the guide's size; samples are picked, not averaged.
    """

def complete(colours: Annotated[NDArray[numpy.float32], dict(shape=(None, None, 3), order='C', device='cpu', writable=False)], x: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], y: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], values: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], threshold: float) -> tuple[Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]]:
    """
    Points at the size of a picture (float colours in 0..255), and how sure each pixel is, 0..1.
    """

@overload
def filter_spatial(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], passes: int, alpha: float, delta: float, radius: int, zero: bool) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]: ...

@overload
def filter_spatial(values: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], passes: int, alpha: float, delta: float, radius: int, zero: bool) -> Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', writable=False)]:
    """
    librealsense's spatial filter. In float maps NaN is a hole, and where `zero` says so 0 as well.
    """

@overload
def filter_temporal(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], last: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu')], history: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu')], alpha: float, delta: float, persistence: int, zero: bool) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]: ...

@overload
def filter_temporal(values: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], last: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu')], history: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu')], alpha: float, delta: float, persistence: int, zero: bool) -> Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', writable=False)]:
    """
    librealsense's temporal filter for one frame; `last` and `history` are brought up to date.
    """

@overload
def filter_fill(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], mode: int, zero: bool) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]: ...

@overload
def filter_fill(values: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], mode: int, zero: bool) -> Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', writable=False)]:
    """
    librealsense's hole filling: 0 from the left, 1 the largest, 2 the smallest value around.
    """

@overload
def filter_speckles(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], max_size: int, max_step: float, zero: bool) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]: ...

@overload
def filter_speckles(values: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], max_size: int, max_step: float, zero: bool) -> Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', writable=False)]:
    """
    A copy in which pieces of up to max_size pixels are holes; max_step holds neighbours together.
    """

@overload
def filter_decimate(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], scale: int, height: int, width: int, zero: bool, hole: float) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]: ...

@overload
def filter_decimate(values: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], scale: int, height: int, width: int, zero: bool, hole: float) -> Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', writable=False)]:
    """
    Blocks of scale × scale pixels as one: their median up to 3, their mean beyond.
    """

def filter_to_disparity(depth: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], factor: float) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]:
    """factor / depth; 0 stays 0."""

def filter_to_depth(disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], factor: float) -> Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', writable=False)]:
    """
    factor / disparity, rounded half up to 16 bits; what is no normal number becomes 0.
    """

def filter_between(before: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], now: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], after: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], delta: float) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]:
    """A frame steadied and filled by the ones before and after it."""

def filter_median(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], size: int) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]:
    """The median of the values in a window of 3 or 5 pixels."""

def filter_guided(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], colors: Annotated[NDArray[numpy.uint8], dict(shape=(None, None, 3), order='C', device='cpu', writable=False)], radius: int, smoothness: float) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]:
    """
    The guided filter; holes carry no weight and are filled where a value is in reach.
    """

def filter_joint_bilateral(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], colors: Annotated[NDArray[numpy.uint8], dict(shape=(None, None, 3), order='C', device='cpu', writable=False)], radius: int, sigma_color: float, sigma_space: float) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]:
    """
    The joint bilateral filter; holes carry no weight and are filled where a value is in reach.
    """

def filter_behind(disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], colors: Annotated[NDArray[numpy.uint8], dict(shape=(None, None, 3), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]:
    """A copy whose holes are filled with what lies behind, parted by colour."""

class KnownPattern:
    """A normalised reference, prepared for a range of shifts."""

    def __init__(self, reference: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)], width: int, offset: int, least: int, most: int) -> None: ...

def pattern_normalise(image: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', writable=False)]:
    """
    Local contrast over 11 × 11 pixels: 512 times the deviations from the mean, held to ±1024.
    """

def pattern_search(image: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)], known: KnownPattern) -> Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', writable=False)]:
    """
    The best shift above the least of blocks of 8 × 9, on every fourth row.
    """

def pattern_refine(image: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)], known: KnownPattern, found: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> tuple[Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]]:
    """
    Shifts in pixels, NaN where there is none, and the correlation at each.
    """

def pattern_measure(shifts: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], peaks: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], low: float, high: float, least: float, pull: float, inverse: float) -> tuple[Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]]:
    """
    Depth of shifts in low..high, give or take half a pixel, whose peak is at least `least`; and the peaks.
    """

def pattern_light(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], is_depth: bool, surface: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)] | None, sums: Annotated[NDArray[numpy.uint32], dict(shape=(None, None), order='C', device='cpu', writable=False)], texels: float, pull: float, first: float, falls_off: bool, exposure: float, ambient: float, down: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], across: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], weights: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], before: int) -> tuple[Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.bool_], dict(shape=(None, None), order='C', writable=False)]]:
    """
    Light and shadow of a pattern on a map, as parts of full scale; see light.hpp.
    """

def pattern_expose_8(light: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], read_noise: float, full_well: float, seed: int) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)]:
    """Counts 0..255 of light with noise."""

def pattern_expose_16(light: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], read_noise: float, full_well: float, seed: int) -> Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', writable=False)]:
    """Counts 0..65535 of light with noise."""

@overload
def match_stereo(left: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], right: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], channels: int, shifts: int, effort: int, cancel: object | None = None) -> tuple[Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)]]:
    """
    Interleaved pictures (H, W*channels): dense shift in px, state bits, confidence 0..255.
    """

@overload
def match_stereo(left: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], right: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], channels: int, shifts: int, effort: int, cancel: object | None = None) -> tuple[Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)]]: ...

@overload
def stereo_picture(picture: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], channels: int, halvings: int) -> tuple[Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)]]: ...

@overload
def stereo_picture(picture: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], channels: int, halvings: int) -> tuple[Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)]]:
    """
    A stage of match_stereo, for tests: luminance (H, W) and colours (3*H, W), halved so many times.
    """

@overload
def stereo_aggregate(left: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], right: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], channels: int, shifts: int, both_ways: bool, strip: tuple[int, int], expected: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)] | None, most: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)] | None, charge: tuple[int, int]) -> tuple[Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', writable=False)]]: ...

@overload
def stereo_aggregate(left: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], right: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], channels: int, shifts: int, both_ways: bool, strip: tuple[int, int], expected: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)] | None, most: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)] | None, charge: tuple[int, int]) -> tuple[Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', writable=False)]]:
    """
    A stage of match_stereo, for tests: strip is (rows, overlap), charge (free px, a px beyond); shift in 1/64 px, margin, whole shifts of the right view.
    """

def stereo_check(shift: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)], margin: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], right_shift: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)], ambiguity: int, disagreement: int, speckle: int) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)]:
    """A stage of match_stereo, for tests: the states."""

def stereo_mark_occluded(shift: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)], right_shift: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)], state: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)]:
    """
    A stage of match_stereo, for tests: the states with what is hidden marked.
    """

def stereo_fill(picture: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], channels: int, right_shift: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)], state: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], shift: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', writable=False)]:
    """A stage of match_stereo, for tests: the dense shift."""

def stereo_align_edges(picture: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], channels: int, shift: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', writable=False)]:
    """
    A stage of match_stereo, for tests: the shift with its edges where the picture has them.
    """

def stereo_median(shift: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', writable=False)]:
    """A stage of match_stereo, for tests: the median of 5 x 5."""

def stereo_smooth_planes(picture: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], channels: int, state: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], margin: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], shift: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)], most: int) -> Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', writable=False)]:
    """
    A stage of match_stereo, for tests: the shift with weak pixels drawn to planes, but not above most.
    """

def stereo_rate(shift: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)], margin: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], state: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)]:
    """A stage of match_stereo, for tests: the confidence, 0..255."""

def stereo_coarse_prior(picture: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], channels: int, shift: Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', device='cpu', writable=False)], state: Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', device='cpu', writable=False)], height: int, width: int, factor: int) -> tuple[Annotated[NDArray[numpy.int16], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.uint8], dict(shape=(None, None), order='C', writable=False)]]:
    """
    A stage of match_stereo, for tests: what a coarse match expects at (height, width), and its charges.
    """

@overload
def recover_highlights(image: Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', writable=False)]:
    """
    The linear light of an sRGB-coded picture, with what clipped lamps have lost.
    """

@overload
def recover_highlights(image: Annotated[NDArray[numpy.uint16], dict(shape=(None, None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', writable=False)]: ...

@overload
def add_grain(image: Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], focus_disparity: float, strength: float, levels: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], tap: float, shared: float, cancel: object | None = None) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', writable=False)]:
    """
    A blurred picture with grain where the blur has removed it: its deviation in each channel at 32 levels of brightness, the filter that makes its grain, and how much the channels share.
    """

@overload
def add_grain(image: Annotated[NDArray[numpy.uint16], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], focus_disparity: float, strength: float, levels: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], tap: float, shared: float, cancel: object | None = None) -> Annotated[NDArray[numpy.uint16], dict(shape=(None, None, None), order='C', writable=False)]: ...

@overload
def add_grain(image: Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], disparity: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], focus_disparity: float, strength: float, levels: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], tap: float, shared: float, cancel: object | None = None) -> Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', writable=False)]: ...

def lossless_jpeg_decode(data: bytes | bytearray | memoryview | NDArray[numpy.uint8], max_pixels: int) -> NDArray[numpy.uint8] | NDArray[numpy.uint16]:
    """
    Samples (H, W) of a one-component lossless JPEG (SOF3): uint8 up to 8 bits, else uint16.
    """

def lossless_jpeg_encode(samples: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], predictor: int = 1) -> bytes:
    """
    A 16-bit lossless JPEG (SOF3) of uint16 samples (H, W); predictor 1..7.
    """

class SceneModel:
    """Faces, materials and textures of a scene, kept for rendering."""

    def __init__(self, positions: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], normals: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], coordinates: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], light: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], faces: Annotated[NDArray[numpy.int32], dict(shape=(None, None), order='C', device='cpu', writable=False)], materials: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], textures: Sequence[Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', device='cpu', writable=False)]]) -> None: ...

    def first_faces(self, parts: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], camera: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], height: int, width: int) -> Annotated[NDArray[numpy.int32], dict(shape=(None, None), order='C', writable=False)]:
        """
        The face that each pixel of a straight camera sees first, (H, W); -1 for none.
        """

    def shade(self, rays: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], hits: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], parts: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], balls: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], surroundings: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], step: tuple[float, float], color_alone: bool) -> tuple[Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', writable=False)], Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', writable=False)]]:
        """
        What each ray sees by the face that it hits: linear colour; depth, normal and object as well.
        """

    def picture(self, parts: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], balls: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], surroundings: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], camera: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], columns: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], rows: Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', device='cpu', writable=False)], exposure: float, electrons: float, read_noise: float, vignetting: float, seed: int) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', writable=False)]:
        """
        What a straight camera sees as sRGB codes: first_faces, shade and develop in one go, bit for bit.
        """

def develop(linear: Annotated[NDArray[numpy.float32], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], exposure: float, electrons: float, read_noise: float, vignetting: float, seed: int) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', writable=False)]:
    """A linear picture as sRGB codes, with the noise of a sensor."""

def smooth_noise(octaves: Sequence[Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)]], weights: Sequence[float], scale: float, height: int, width: int) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', writable=False)]:
    """
    Octaves of random values spread smoothly and around the edges, summed: (height, width).
    """

def texels(picture: Annotated[NDArray[numpy.float64], dict(shape=(None, None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.uint8], dict(shape=(None, None, None), order='C', writable=False)]:
    """A picture in 0..1 in the code of textures, (H, W, 4)."""

def rays_about(positions: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], normals: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], numbers: Annotated[NDArray[numpy.int32], dict(shape=(None,), order='C', device='cpu', writable=False)], directions: Annotated[NDArray[numpy.float64], dict(shape=(None, None, None), order='C', device='cpu', writable=False)], offset: float) -> tuple[Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)]]:
    """
    Origins and directions of rays about the normals of the vertices of these numbers.
    """

def mean_sent(sent: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], hits: Annotated[NDArray[numpy.int32], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', writable=False)]:
    """For each row of hits the mean of what the faces send."""

def mean_sky(colors: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], ways: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], hits: Annotated[NDArray[numpy.int32], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', writable=False)]:
    """For each row of hits the mean of the sky where there is none."""

def rays_to_spots(positions: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], normals: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], spots: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], offset: float, each: int) -> tuple[Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.int32], dict(shape=(None, None), order='C', writable=False)], Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', writable=False)]]:
    """
    Origins and directions of rays from vertices to the spots that they face; which; and what they weigh.
    """

def light_of_spots(ends: Annotated[NDArray[numpy.int32], dict(shape=(None, None), order='C', device='cpu', writable=False)], weight: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], free: Annotated[NDArray[numpy.bool_], dict(shape=(None,), order='C', device='cpu', writable=False)], spots: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], count: int) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', writable=False)]:
    """
    What vertices get of the spots by rays that are free: three colours and the key light's share.
    """

def evened(values: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], pairs: Annotated[NDArray[numpy.int32], dict(shape=(None, None), order='C', device='cpu', writable=False)], rounds: int) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', writable=False)]:
    """
    Values (V, C), each become the mean of itself and of those that it shares a pair with, in rounds.
    """

def millimetres(values: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], scale: float) -> Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', writable=False)]:
    """
    The nearest millimetre of each value times the scale, 0 for what is none of 1..65535.
    """

def reproject_metres(metres: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], motion: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)]) -> Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', writable=False)]:
    """
    1 / metres as another camera sees a depth buffer, 0 where it sees nothing; motion (3, 4) is A and b.
    """

@overload
def sample_depth(raw: Annotated[NDArray[numpy.uint16], dict(shape=(None, None), order='C', device='cpu', writable=False)], points: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], matrix: Annotated[NDArray[numpy.float32], dict(shape=(16), order='C', device='cpu', writable=False)], scale: float) -> Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', writable=False)]:
    """
    Metres (n,) float32 of the entries of a depth buffer under points (n, 2) of a view, both 0..1.
    """

@overload
def sample_depth(raw: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], points: Annotated[NDArray[numpy.float32], dict(shape=(None, None), order='C', device='cpu', writable=False)], matrix: Annotated[NDArray[numpy.float32], dict(shape=(16), order='C', device='cpu', writable=False)], scale: float) -> Annotated[NDArray[numpy.float32], dict(shape=(None,), order='C', writable=False)]: ...
