// Pixels without a shift of their own take one from a pixel that has one.
//
//      what is hidden from the right camera lies behind what hides it: of the kept pixels around a hole the one wins
//      that is alike in colour, near, and not in front of what the right view sees
#pragma once

#include <cstddef>
#include <cstdint>

#include "estimate/stereo/aggregate.hpp"

namespace nearfar::estimate {

// Changes `shift` where state is not kept. With nothing kept at all, shift is left as it is.
void fill_shifts(const ColourPlanes& colour, const std::int16_t* right_shift, const std::uint8_t* state,
                 PictureSize size, std::int16_t* shift);

}  // namespace nearfar::estimate
