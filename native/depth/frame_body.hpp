// The body of a coded depth frame, before it is compressed, and back.
//
//     samples ──▶ difference to the sample before ──▶ zig-zag ──▶ all low bytes, all next bytes, …
//
// Stereo cameras know few distances: 16-bit samples of few values, far apart, become their places in a palette first,
// and the palette stands behind the planes, as planes of its own. docs/frame-format.md has the layout in full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nearfar::depth {

// The values that occur, in rising order; empty where a palette would not pay: in a sample of every 17th value, more
// than three quarters have the next number beside them; or there is more than one value to 64 samples.
std::vector<std::uint16_t> palette_of(const std::uint16_t* values, std::size_t count);

// Writes 2·count bytes, and behind them 2·palette.size(). With a palette, every value must be in it.
void write_body(const std::uint16_t* values, std::size_t count, const std::vector<std::uint16_t>& palette,
                std::uint8_t* body);

// Writes 4·count bytes.
void write_body(const std::uint32_t* values, std::size_t count, std::uint8_t* body);

// Reads 2·count bytes, and 2·entries behind them; no palette where `entries` is 0. Throws std::invalid_argument for a
// sample that is not in the palette.
void read_body(const std::uint8_t* body, std::size_t count, std::size_t entries, std::uint16_t* out);

// Reads 4·count bytes.
void read_body(const std::uint8_t* body, std::size_t count, std::uint32_t* out);

}  // namespace nearfar::depth
