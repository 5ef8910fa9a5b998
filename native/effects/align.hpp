// A small map of disparity at the size of its picture, with the picture's edges: fit for lens blur.
//
//      ┌───┬───┬───┐     around a cell on an edge, 3×3 cells hold two sides, and a cell holds some of each: the mean
//      │ n │n/f│ f │     that averaging left. Tints part the pixels in two, and then the two disparities are those
//      ├───┼───┼───┤     that, mixed as the pixels are, give the nine cells: even a hair that fills no cell
//      │ n │n/f│ f │     gets its own. The up to nine neighbours on an edge that know a pixel vote on it.
//      └───┴───┴───┘
//
// Elsewhere the map is interpolated linearly.
#pragma once

#include "effects/light.hpp"

namespace nearfar::effects {

// Finite values below 1e30 either way.
struct SmallMap {
    const float* values;
    Index width, height;  // at least 1, at most the picture's
};

// `threshold`, above 0: the least difference within 3×3 cells that is an edge, unless a plane explains it.
// out: the picture's size.
void align(const Picture& picture, const SmallMap& map, float threshold, float* out);

}  // namespace nearfar::effects
