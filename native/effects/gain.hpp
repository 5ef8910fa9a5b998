// Pictures whose light is `gain` times what their samples say, as of an HDR gain map, and whose look is that of the
// samples all the same: the light is brightened before the blur, and dimmed after it by 1/gain, blurred like the light.
#pragma once

#include "effects/grids.hpp"

namespace nearfar::effects {

// Two maps of width × height: 1/gain, above 0, and the same blurred. One channel for all three, or red, green and blue
// together.
struct Dimming {
    const float* before;
    const float* after;
    Index width, height, channels;
};

// Divides three planes of `count` pixels of row y of a picture of that size, from column x on, by `before`, which
// is stretched over the picture with bilinear weights.
void undim(const Dimming& dimming, Index width, Index height, Index x, Index y, Index count, Index plane, float* light);

// Multiplies them by `after`.
void dim(const Dimming& dimming, Index width, Index height, Index x, Index y, Index count, Index plane, float* light);

}  // namespace nearfar::effects
