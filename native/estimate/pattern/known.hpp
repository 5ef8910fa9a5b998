// All that is known of a reference beforehand: made once, it serves every picture.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "estimate/pattern/planes.hpp"
#include "estimate/pattern/windows.hpp"

namespace nearfar::pattern {

constexpr std::size_t ends = 2;  // pixels beyond either end of the range, so that its ends have neighbours
constexpr std::size_t block_step = 4;
constexpr std::uint8_t nothing = 128;  // the mean, in 8 bits

inline std::uint8_t in_8_bits(std::int16_t level) noexcept {
    return static_cast<std::uint8_t>(std::min((level + 1024) >> 3, 255));
}

struct Known {
    // The reference is normalised.
    Known(const std::int16_t* reference, const Range& range);

    Range range;  // as asked for
    Range room;   // longer by `ends` at both ends
    Plane<std::uint8_t> bytes;                  // of the range
    std::array<Samples, 2> planes;              // of the room: as it is, and half a pixel to the left
    std::array<Windows, 2> usual, wide;  // of those
};

}  // namespace nearfar::pattern
