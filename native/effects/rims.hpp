// Rims of what is blurred in front of the focus: with a measured map, better too wide than too narrow.
//
//      picture    near near rim  far far      of the rim, hair and soft edges, the map knows nothing
//      map        near near far  far far      counted as far it stays behind: a sharp line within the near blur
//      widened    near near near near far     counted as near it goes along, and some of the far side unseen
#pragma once

#include <cstdint>
#include <vector>

#include "effects/within.hpp"

namespace nearfar::effects {

// Where a pixel looks.
struct RimStep {
    Index down, across;
};

// The cells of a small map, `small`, around things nearer than the focus, three cells and more each way, that are
// blurred more than what they border on. `jump`: by so much disparities differ visibly.
class RimCells {
public:
    RimCells(const MapOf& small, float focus, float jump);

    // Gives the map at photo scale values of what is one and a half cells beside, nearer ones only.
    void widen(float* aligned, Index width, Index height) const;

private:
    // A pixel of the map, to be changed once all have looked around.
    struct Change {
        Index pixel;
        float value;
    };
    struct Run;
    void widen_run(const MapOf& aligned, Run run, const std::vector<RimStep>& steps, std::vector<float>& rim,
                   std::vector<Change>& changes) const;

    Index width_, height_;
    float focus_, jump_;
    std::vector<float> reached_;       // the nearest thing around each cell
    std::vector<std::uint8_t> cells_;  // 1 where a rim may grow
};

}  // namespace nearfar::effects
