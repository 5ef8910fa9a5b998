// How far a dense map of shifts is to be trusted, pixel by pixel.
#pragma once

#include <cstdint>

#include "estimate/stereo/pictures.hpp"

namespace nearfar::estimate {

// The mean margin of what was kept within 4 px, divided by 1 + half of the range of the shift, in px, within 2 px: near
// edges, and where matches were weak or few, it falls.
void rate(const std::int16_t* shift, const std::uint8_t* margin, const std::uint8_t* state, PictureSize size,
          std::uint8_t* confidence);

}  // namespace nearfar::estimate
