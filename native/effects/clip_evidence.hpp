// What the surroundings of clipped blobs tell about the light that was lost.
//
// Where a lamp e times brighter than white ends, the pixels that it covers in part are seen unclipped only up to a
// coverage of 1/e: the brighter the lamp, the narrower and fainter is its rim. A white paper's rim holds every shade.
#pragma once

#include <array>
#include <vector>

#include "effects/clipped.hpp"

namespace nearfar::effects {

// Of one channel of a blob. The rim is the unclipped pixels that touch clipped ones.
struct Rim {
    double area = 0;       // clipped pixels
    double perimeter = 0;  // their outline's length, px
    double sides = 0;      // sides of clipped pixels on the outline
    double telling = 0;    // of these, those whose coverage differs from their neighbours'
    double pixels = 0;     // of the rim
    double seen = 0;       // of these, those with something unclipped behind
    double behind = 0;     // the sum of what is behind
    double spill = 0;      // the sum of the rim's shares of the way from what is behind to white
};

struct Evidence {
    std::array<Rim, 3> rims;
    // Of the rim's pixels that no channel clips, with something behind: their count, the sum of what is behind in each
    // channel, and of what they are above it: the lamp's hue.
    double clear = 0;
    std::array<double, 3> behind{}, excess{};
    // Of the pixels that are clipped in the first channel but not in the second: count, and light in the second.
    std::array<std::array<double, 3>, 3> open{}, open_light{};

    void add(const Evidence& more);
};

// One for each blob.
std::vector<Evidence> weigh_rims(const Picture& picture, const Clipped& clipped);

}  // namespace nearfar::effects
