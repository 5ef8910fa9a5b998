"""Plain files of depth: what is no depth map is refused in one line, whatever its bytes are."""

from __future__ import annotations

import contextlib
import io
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fuzz.mutations import mutate
from nearfar.cli.depth_files import read_depth_values
from nearfar.cli.messages import InputFault


def npy_bytes(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


def npy_header(text: bytes) -> bytes:
    text = text.ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    "data",
    [
        npy_header(b"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4, }"),
        npy_header(b"{'descr': '<f4', 'fortran_order': False, 'shape': (3 4)}"),
        npy_header(b"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 9" + b"9" * 40 + b")}"),
        npy_header(b"(" * 9000 + b")" * 900),
        npy_header(b"{'descr': 3, 'fortran_order': False, 'shape': (3, 4)}"),
    ],
)
def test_a_damaged_header_is_an_input_fault(tmp_path: Path, data: bytes):
    path = tmp_path / "depth.npy"
    path.write_bytes(data)
    with pytest.raises(InputFault, match=r"depth\.npy: not a NumPy array"):
        read_depth_values(path, None)


@pytest.mark.parametrize("suffix", [".npy", ".png", ".tiff"])
def test_bent_files_are_read_or_refused(tmp_path: Path, suffix: str):
    ramp = np.linspace(0.5, 4, 12, dtype=np.float32).reshape(3, 4)
    whole = (ramp * 1000).astype(np.uint16)
    seeds = [npy_bytes(ramp), npy_bytes(ramp.astype(np.float64)), npy_bytes(whole)]
    if suffix != ".npy":
        Image.fromarray(whole).save(tmp_path / f"seed{suffix}")
        seeds = [(tmp_path / f"seed{suffix}").read_bytes()]
    path = tmp_path / f"bent{suffix}"
    rng = random.Random(20261122)
    for _ in range(1000):
        path.write_bytes(mutate(seeds, rng))
        with contextlib.suppress(InputFault, OSError):
            values, _ = read_depth_values(path, None)
            assert values.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.int32, np.int16, np.uint8, np.uint32, np.int64])
def test_whole_numbers_without_a_known_unit_are_refused_in_arrays(tmp_path: Path, dtype: type):
    np.save(tmp_path / "depth.npy", np.ones((3, 4), dtype))
    with pytest.raises(InputFault, match="whose unit is unknown"):
        read_depth_values(tmp_path / "depth.npy", None)


def test_and_in_pictures(tmp_path: Path):
    Image.fromarray(np.full((3, 4), 70_000, np.int32)).save(tmp_path / "depth.tiff")
    with pytest.raises(InputFault, match="int32, whose unit is unknown"):
        read_depth_values(tmp_path / "depth.tiff", None)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("largest", "scale"), [(1e39, None), (1e300, 1e9), (1e30, 1e9)])
def test_numbers_beyond_a_depth_map_are_refused_without_a_warning(
    tmp_path: Path, largest: float, scale: float | None
):
    np.save(tmp_path / "depth.npy", np.array([[1.0, largest]]))
    with pytest.raises(InputFault, match="beyond"):
        read_depth_values(tmp_path / "depth.npy", scale)


@pytest.mark.filterwarnings("error")
def test_infinity_is_a_depth(tmp_path: Path):
    np.save(tmp_path / "depth.npy", np.array([[1.0, np.inf, np.nan]]))
    values, whole = read_depth_values(tmp_path / "depth.npy", None)
    assert not whole
    assert np.array_equal(values, np.array([[1, np.inf, np.nan]], np.float32), equal_nan=True)
