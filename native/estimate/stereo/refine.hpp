// Edges of a dense map of shifts drawn to the edges of the picture, and its last grains removed.
#pragma once

#include "estimate/stereo/aggregate.hpp"
#include "estimate/stereo/pictures.hpp"

namespace nearfar::estimate {

void align_edges(const ColourPlanes& colour, PictureSize size, std::int16_t* shift);

void median_of_25(PictureSize size, std::int16_t* shift);

}  // namespace nearfar::estimate
