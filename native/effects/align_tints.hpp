// Tints: the colours of a picture, 0..1 and about even to the eye, in three planes.
#pragma once

#include "effects/light.hpp"

namespace nearfar::effects {

struct TintsOut {
    float *red, *green, *blue;
};

// `count` pixels of a row, every `step`-th, from the `pixel`-th of the picture: codes as shares of the largest code,
// the root of light, which is held to 0..1. NaN is dark.
void read_tints(const Picture& picture, Index pixel, Index step, Index count, const TintsOut& out);

}  // namespace nearfar::effects
