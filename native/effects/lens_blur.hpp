// Lens blur: a picture that is sharp everywhere, and its disparity, as a lens with a wide aperture would have seen it.
//
// The circle of confusion has a radius of strength · |disparity − focus| px. Everything is done in linear light, back to
// front, in layers of about the same radius; what is hidden behind nearer things has no vote in a layer's coverage.
#pragma once

#include "effects/layers.hpp"
#include "effects/light.hpp"
#include "effects/progress.hpp"

namespace nearfar::effects {

enum class Effort { fast, standard, best };

// `disparity` has the picture's size and no NaN; `samples`, too, and the picture's coding.
void lens_blur(const Picture& picture, const float* disparity, Focus focus, const Aperture& aperture, Effort effort,
               const Progress& progress, void* samples);

}  // namespace nearfar::effects
