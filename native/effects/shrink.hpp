// A smaller picture in 8 bits: each pixel is the mean of the whole pixels that lie mostly under it.
#pragma once

#include <cstdint>

#include "effects/grids.hpp"

namespace nearfar::effects {

struct PictureSize {
    Index width, height;  // at least 1
};

// `codes` are interleaved red, green, blue; of words the upper eight bits count. `to` is at most as large as `from` each
// way. Means are rounded, halves upwards.
void shrink(const std::uint8_t* codes, PictureSize from, PictureSize to, std::uint8_t* out);
void shrink(const std::uint16_t* codes, PictureSize from, PictureSize to, std::uint8_t* out);

}  // namespace nearfar::effects
