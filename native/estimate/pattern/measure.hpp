// From shifts to depth, and what is uncertain to holes.
#pragma once

#include <cstddef>

namespace nearfar::pattern {

struct Measure {
    float low, high;  // shifts of the ends of the range; what lies beyond by up to half a pixel is taken for its end
    float least;      // the peak below which a pixel is a hole
    float pull;       // focal length times baseline
    float inverse;    // 1/depth of the reference
};

// depth = 1/(shift/pull + inverse), +inf at and behind infinity, NaN in holes; confidence = the peak, 0 in holes.
void measure(const float* shifts, const float* peaks, std::size_t height, std::size_t width, const Measure& how,
             float* depth, float* confidence);

}  // namespace nearfar::pattern
