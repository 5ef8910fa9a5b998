// What a correlation needs to know of the window around every pixel: its sum and how much it varies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "estimate/pattern/planes.hpp"

namespace nearfar::pattern {

// Tiles of this size are worked on at a time: what a tile needs stays in the first cache.
constexpr std::size_t tile_width = 64;
constexpr std::size_t tile_height = 32;

struct Windows {
    std::size_t width;
    std::vector<float> means;   // of the picture: sum/window²; of the reference: the sum itself
    std::vector<float> scales;  // 1/√(the variation), 0 where there is none
};

// For every sample of the plane without its margin. The picture's windows end at its edges: what lies beyond counts
// for nothing. The reference's do not, since what lies beyond its edges was never seen.
Windows weigh_image(const Plane<std::int16_t>& plane, std::size_t height, std::size_t width, std::size_t window);
Windows weigh_reference(const Plane<std::int16_t>& plane, std::size_t height, std::size_t width, std::size_t window);

}  // namespace nearfar::pattern
