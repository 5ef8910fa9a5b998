// Holes (NaN) of a float map filled from the values around them.
//
//        \  |  /        A hole looks along its row, its column and its diagonals to the nearest value each way and
//       ──  ?  ──       takes their weighted median, weight 1/√distance: always a value that stands at its rim, so an
//        /  |  \        edge stays an edge. Medians don't care about units: depth and disparity fill alike.
//
// A hole that sees no value at all is filled in a second pass, from what the first has filled: by then every column
// that holds a value, and the row of every value, is whole.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::depth {

// Values that are not NaN are copied bit by bit; a map of holes alone is copied as it is. With `wanted`, a mask of the
// map's size, only those holes are filled for certain: others may be left or filled.
void fill_holes(const float* values, std::size_t height, std::size_t width, float* out,
                const std::uint8_t* wanted = nullptr);

}  // namespace nearfar::depth
