// What the cells around an edge say about it: which tints are on the near side, and what both sides' disparities are.
#pragma once

#include <cstddef>

namespace nearfar::effects {

struct Sides {
    // A pixel is near where red·tint[0] + … + offset + pull·(t − 1/2) > 0, t being the interpolated map's place
    // between `low` and `low + 1/steepness`, held to 0..1.
    float tint[3], offset;
    float low, steepness;
    float near, far;     // disparities
    float trust;         // how well both sides, mixed, explain the cells
    float down, across;  // the cell whose edge this is
};

constexpr float pull = 2.0F;  // of the map against the tints, in nats

}  // namespace nearfar::effects
