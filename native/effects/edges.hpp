// Pixels on the border of two surfaces, which hold a mix of both, split into a nearer and a farther sample; and pixels
// beside them, which hide some of the farther surface.
//
//     N N m m F F .     A mixed pixel (m) is taken apart by what its neighbours show: first the pure ones, then the
//     N h m m F F .     samples that the mixed ones have been split into. The farther surface goes on behind the nearer
//     N h m m F F .     one: wholly within mixed pixels, and as a guess under near ones beside them (h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "effects/layers.hpp"
#include "effects/light.hpp"
#include "effects/surroundings.hpp"
#include "effects/unmix.hpp"

namespace nearfar::effects {

struct MixedPixel {
    Index x, y;  // in the picture
    std::int32_t near_layer, far_layer;
    std::int32_t middle_layer;  // halfway
    float near_share;           // of the pixel
    float far_share;            // the same, with what the nearer sample hides: both are more than 1 together
    Light near_light, far_light;

    // Which share of the pixel tells whether a layer is there: what shows it or something behind it. What is hidden
    // tells only of layers nearer to it than to what hides it: on a slope the nearer surface may go on there.
    float known_from(std::int32_t id) const {
        const float farther = id > far_layer ? 0.0F : id > middle_layer ? far_share : 1.0F - near_share;
        return std::min(1.0F, (id > near_layer ? 0.0F : near_share) + farther);
    }
};

constexpr float least_jump = 0.5F;  // px of radius: where all around a tile differs by less, there is nothing to split

// What the splitting of one tile works in, kept for the next.
struct EdgeScratch {
    struct Border {  // a mixed pixel
        Index at;
        bool is_near;       // what its middle shows
        float least, most;  // circles in 3×3
        float near, far;    // circles of both sides
        float drawn;        // share of the nearer side by the circles alone
        Mix mix;
    };
    Surroundings surroundings;
    std::vector<std::int32_t> index;  // of a pixel's border; negative: none
    std::vector<Border> borders;
    std::vector<Mix> mixes;
    std::vector<Index> hiding;
};

// Appends the mixed pixels of the tile at (x0, y0), and those that hide something, each in two layers of which one is
// blurred. `refinements` are steps, up to 2, in which mixed pixels learn from the samples of their neighbours.
void split_mixed_pixels(const Picture& picture, const float* disparity, const Layers& layers, Index x0, Index y0,
                        int refinements, EdgeScratch& scratch, std::vector<MixedPixel>& mixed);

}  // namespace nearfar::effects
