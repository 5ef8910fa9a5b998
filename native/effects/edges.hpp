// Pixels on the border of two surfaces, which hold a mix of both, split into a nearer and a farther sample.
//
//     . . N N m F F . .     The colours of both sides are averaged over pure pixels around (N, F); the coverage is what
//     . . N m F F F . .     explains the mixed pixel (m) best, pulled to the one that the circles of confusion draw.
#pragma once

#include <cstdint>
#include <vector>

#include "effects/layers.hpp"
#include "effects/light.hpp"

namespace nearfar::effects {

struct MixedPixel {
    Index x, y;  // in the picture
    std::int32_t near_layer, far_layer;
    float near_share;  // the farther sample has the rest
    float near_light[3], far_light[3];
};

// What the splitting of one 64×64 tile works in, kept for the next.
struct EdgeScratch {
    std::vector<float> circles, light;
};

// Appends the mixed pixels of the tile at (x0, y0), each in two layers of which one is blurred, row by row.
void split_mixed_pixels(const Picture& picture, const float* disparity, const Layers& layers, Index x0, Index y0,
                        EdgeScratch& scratch, std::vector<MixedPixel>& mixed);

}  // namespace nearfar::effects
