// Which of the matched shifts are to be believed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "estimate/stereo/aggregate.hpp"

namespace nearfar::estimate {

// Why a pixel has no shift of its own; 0 is kept.
enum State : std::uint8_t {
    kept = 0,
    occluded = 1,    // the right camera does not see it: something nearer hides it, or it lies outside its picture
    mismatched = 2,  // the right view sees something else there
    ambiguous = 4,   // another shift fits nearly as well
    speckle = 8,     // a small patch that agrees with nothing around it
};

struct Limits {
    int ambiguity = 5;       // least margin, of 255
    int disagreement = 1;    // px between the left and the right view
    std::size_t speckle = 40;  // largest patch that is dropped, px
};

// Sets all but `occluded`.
void check(const MatchedMaps& maps, PictureSize size, const Limits& limits, std::uint8_t* state);

// Sets `occluded` where a filled shift leads out of the right picture or behind what its view sees.
void mark_occluded(const std::int16_t* filled, const std::int16_t* right_shift, PictureSize size,
                   std::uint8_t* state);

}  // namespace nearfar::estimate
