// What a correlation needs to know of the windows around all pixels of a part of a plane.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/large_block.hpp"
#include "estimate/pattern/candidates.hpp"
#include "estimate/pattern/planes.hpp"

namespace nearfar::pattern {

using Samples = Plane<std::int16_t>;

constexpr std::size_t margin = 16;  // of planes: half of the wide window, and half of the filter's taps

struct Windows {
    std::size_t stride;
    LargeBlock<float> sums;    // of the picture's windows divided by their area, of the reference's as they are
    LargeBlock<float> scales;  // 1/√(the variation), 0 where there is none

    Windows(std::size_t height, std::size_t width)
        : stride(width), sums(large_block<float>(height * width)), scales(large_block<float>(height * width)) {}
};

// The top-left corner of the window around (x, y).
inline const std::int16_t* corner(const Samples& plane, std::size_t x, std::size_t y, std::size_t window) noexcept {
    return plane.at(x, y) - (window / 2) * plane.stride - window / 2;
}

// Fills the part of windows from `at` on with the tile's. Windows of a picture end at its edges: what lies beyond counts
// for nothing. Those of the reference do not, since what lies beyond its edges was never seen.
void weigh_windows(const Samples& plane, const Tile& tile, std::size_t window, bool is_image, Windows& windows,
                   std::size_t at);

}  // namespace nearfar::pattern
