// Holes filled from their neighbours, and a smaller map of the middles of blocks: librealsense's rules.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::filters {

enum class Fill { left, largest, smallest };

// In place, pixel by pixel from the top left, so that a filled hole fills the next.
//
// left: the value to the left. largest, smallest: of the values above, above left, left, below left and below; the
// first column and the first and last rows stay as they are. `zero`: 0 is a hole as well as NaN, and smallest fills
// only where there is a value above, as librealsense does.
void fill_map(float* image, std::size_t height, std::size_t width, Fill how, bool zero);
void fill_map(std::uint16_t* image, std::size_t height, std::size_t width, Fill how);

struct Blocks {
    std::size_t height, width;  // of the source, in pixels
    std::size_t scale;          // 1..8
};

// Each scale × scale block of the source as one pixel: for scales up to 3 the median of its values (of two middles
// the lower), beyond their mean, cut to a whole number in integers; a hole where it has none. Rows of `out` are
// `out_width` >= width / scale long; what lies beyond the blocks, down to `out_height`, becomes holes (`hole`).
void decimate_map(const float* image, const Blocks& blocks, bool zero, float hole, float* out, std::size_t out_height,
                  std::size_t out_width);
void decimate_map(const std::uint16_t* image, const Blocks& blocks, std::uint16_t* out, std::size_t out_height,
                  std::size_t out_width);

}  // namespace nearfar::filters
