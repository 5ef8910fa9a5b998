// An edge-preserving average along rows and columns, with librealsense's exact rules.
//
// Each pass goes there and back along every row, then down and up every column: result = alpha·value +
// (1 − alpha)·result before, as long as neighbours have values that differ by less than delta.
#pragma once

#include <cstddef>
#include <cstdint>

#include "estimate/filters/passes.hpp"

namespace nearfar::filters {

struct Spatial {
    int passes;     // >= 1
    Average average;
    int radius;     // holes in a row are filled from their ends, up to radius − 1 pixels; 0: none
};

// `zero`: 0 is a hole as well as NaN, and the end of a row is filled from the next one's first pixel when it has
// nothing else, as librealsense does. `values` and `out` don't overlap.
void smooth_map(const float* values, std::size_t height, std::size_t width, const Spatial& options, bool zero,
                float* out);
void smooth_map(const std::uint16_t* values, std::size_t height, std::size_t width, const Spatial& options,
                std::uint16_t* out);

}  // namespace nearfar::filters
