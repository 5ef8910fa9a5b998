"""Twin of native/photo/lossless_*: lossless JPEG (ITU-T T.81, SOF3) of one component, as plain as can be.

The writer can do what real encoders may do and ours does not: any precision, point transform, restart
intervals, any Huffman code. The reader judges what our encoder writes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FLAT_CODE = ([0, 0, 0, 0, 17] + [0] * 11, list(range(17)))
"""A legal Huffman code with 5 bits for each of the categories 0..16: (counts of length 1..16, symbols)."""

LONG_CODE = ([1] * 15 + [2], list(range(17)))
"""A legal Huffman code with lengths 1..16."""

Code = tuple[Sequence[int], Sequence[int]]


def encode(
    samples: NDArray[np.integer],
    *,
    precision: int = 16,
    predictor: int = 1,
    point_transform: int = 0,
    restart_rows: int = 0,
    code: Code = FLAT_CODE,
) -> bytes:
    height, width = samples.shape
    frame = struct.pack(">BHHB3B", precision, height, width, 1, 7, 0x11, 0)
    table = bytes([0x02, *code[0], *code[1]])
    scan = bytes([1, 7, 0x20, predictor, 0, point_transform])
    pieces = [b"\xff\xd8", segment(0xC3, frame), segment(0xC4, table)]
    if restart_rows:
        pieces.append(segment(0xDD, struct.pack(">H", restart_rows * width)))
    pieces.append(segment(0xDA, scan))
    shifted = samples.astype(np.int64) >> point_transform
    step = restart_rows or height
    for index, top in enumerate(range(0, height, step)):
        if index:
            pieces.append(bytes([0xFF, 0xD0 + (index - 1) % 8]))
        guesses = predictions(shifted[top : top + step], predictor, 1 << (precision - point_transform - 1))
        pieces.append(_entropy_code((shifted[top : top + step] - guesses).ravel().tolist(), code))
    return b"".join([*pieces, b"\xff\xd9"])


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def predictions(samples: NDArray[np.int64], predictor: int, first: int) -> NDArray[np.int64]:
    """What each sample is guessed to be from its neighbours (T.81 H.1.2.1)."""
    guesses = np.empty_like(samples)
    guesses[0, 0] = first
    guesses[0, 1:] = samples[0, :-1]
    guesses[1:, 0] = samples[:-1, 0]
    left, above, corner = samples[1:, :-1], samples[:-1, 1:], samples[:-1, :-1]
    guesses[1:, 1:] = _guess(predictor, left, above, corner)
    return guesses


def _guess(predictor: int, left: NDArray, above: NDArray, corner: NDArray) -> NDArray:
    return [
        left,
        above,
        corner,
        left + above - corner,
        left + ((above - corner) >> 1),
        above + ((left - corner) >> 1),
        (left + above) >> 1,
    ][predictor - 1]


def codewords(code: Code) -> dict[int, str]:
    """The bits of each symbol's code (T.81 annex C)."""
    words: dict[int, str] = {}
    value = 0
    symbols = iter(code[1])
    for length, count in enumerate(code[0], start=1):
        for _ in range(count):
            words[next(symbols)] = format(value, f"0{length}b")
            value += 1
        value <<= 1
    return words


def _entropy_code(differences: list[int], code: Code) -> bytes:
    words = codewords(code)
    bits = []
    for difference in differences:
        signed = (difference + 32767) % 65536 - 32767  # -32767..32768
        category = abs(signed).bit_length()
        bits.append(words[category])
        if 0 < category < 16:
            bits.append(format(signed if signed > 0 else signed + (1 << category) - 1, f"0{category}b"))
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    return bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8)).replace(b"\xff", b"\xff\x00")


def decode(data: bytes) -> NDArray[np.uint16]:
    """Reads what our encoder writes: one table, no restarts, no point transform."""
    position, words, height, width, precision = 2, {}, 0, 0, 0
    while True:
        marker, length = struct.unpack_from(">HH", data, position)
        payload = data[position + 4 : position + 2 + length]
        position += 2 + length
        if marker == 0xFFC3:
            precision, height, width = struct.unpack_from(">BHH", payload)
        elif marker == 0xFFC4:
            words = {word: symbol for symbol, word in codewords((payload[1:17], payload[17:])).items()}
        elif marker == 0xFFDA:
            break
    raw = data[position : data.index(b"\xff\xd9", position)].replace(b"\xff\x00", b"\xff")
    differences = _entropy_decode("".join(format(byte, "08b") for byte in raw), words, height * width)
    return _undo(np.array(differences).reshape(height, width), payload[3], 1 << (precision - 1))


def _entropy_decode(bits: str, words: dict[str, int], count: int) -> list[int]:
    differences = []
    at = 0
    for _ in range(count):
        length = next(n for n in range(1, 17) if bits[at : at + n] in words)
        category = words[bits[at : at + length]]
        at += length
        if category == 16:
            differences.append(32768)
            continue
        extra = int(bits[at : at + category] or "0", 2)
        at += category
        negative = category > 0 and extra < 1 << (category - 1)
        differences.append(extra - (1 << category) + 1 if negative else extra)
    return differences


def _undo(differences: NDArray, predictor: int, first: int) -> NDArray[np.uint16]:
    samples = np.zeros(differences.shape, np.int64)
    for y, x in np.ndindex(samples.shape):
        corner = samples[max(y - 2, 0) : y + 1, max(x - 2, 0) : x + 1]
        if y and x:
            left, above, diagonal = samples[y, x - 1], samples[y - 1, x], samples[y - 1, x - 1]
            guess = _guess(predictor, left, above, diagonal)
        else:
            guess = corner[-2, -1] if y else corner[-1, -2] if x else first
        samples[y, x] = (guess + differences[y, x]) % 65536
    return samples.astype(np.uint16)
