// Weak shifts drawn to the plane of the surface around them.
//
//     cells of 4 × 4 ─▶ moments of (x, y, shift), weighted by margin ─▶ summed over what looks like one surface
//                    ─▶ a plane and its variance for each cell ─▶ each pixel between its own shift and the plane's
//
// The sums run along rows, then along columns, and lose weight with distance, with colour and with steps of shift: the
// recursion of an edge-stopped filter, on moments instead of values, so that slopes stay slopes.
#pragma once

#include <cstdint>

#include "estimate/stereo/pictures.hpp"

namespace nearfar::estimate {

// Nothing moves beyond `most`, in the units of the shift: a plane may lead out of the range that was searched.
void smooth_planes(const ColourPlanes& colour, const std::uint8_t* state, const std::uint8_t* margin, PictureSize size,
                   int most, std::int16_t* shift);

}  // namespace nearfar::estimate
