// The second look: every shift that a neighbourhood speaks for is tried on each of its pixels, in half pixels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "estimate/pattern/known.hpp"

namespace nearfar::pattern {

// For each pixel the shift at which the windows of picture and reference correlate best, and that correlation
// (zero-mean, normalised, 0..1). `found` is what search() gave. The shifts tried are those that at least one in
// forty of the blocks in and around the pixel's tile found, give or take half a pixel, or more where the peak then
// lies at an end; in steps of half a pixel. A parabola through the best step and its neighbours gives the rest.
//
// Windows are 13 × 13. Where light is weak (the peak is below 0.85) one of 25 × 25 decides the fraction, if it agrees
// and fits about as well; if not, and the peak is below 0.6, the lower of both correlations counts. NaN and 0 where
// there is no peak, or the reference does not reach.
void refine(const std::int16_t* image, const Known& known, const std::uint16_t* found, float* shifts, float* peaks);

}  // namespace nearfar::pattern
