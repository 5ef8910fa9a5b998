// Holes of a disparity map filled with what lies behind.
//
//    4 cells ── the farther ones of them ──▶ 1 cell … until no hole is left      (what is behind, ever coarser)
//    hole ◀── 4 coarser cells, by place and colour, the farther ones of them     (back down, holes alone)
//
// What a camera does not measure is nearly always hidden from one of its eyes, out of its reach or dark: behind, not
// before, what stands at the hole's rim. The nearer side wins only where the picture says so clearly.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::filters {

// `values` are disparities, 0 or more, holes NaN; `colors` three channels a pixel, of the same view. Values are copied
// bit by bit; a map of holes alone is copied as it is.
void fill_behind(const float* values, const std::uint8_t* colors, std::size_t height, std::size_t width, float* out);

}  // namespace nearfar::filters
