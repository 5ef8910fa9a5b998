// Grain that a blur has removed, put back.
#pragma once

#include <array>

#include "effects/layers.hpp"
#include "effects/light.hpp"

namespace nearfar::effects {

// How a picture's grain looks. Strengths are standard deviations in the picture's own samples, by brightness: the mean of
// red, green and blue, 0..1, of integers; its square root of floats. Beyond the last level that one goes on.
struct Grain {
    static constexpr std::size_t levels = 32;
    std::array<std::array<float, levels>, 3> strength;
    float tap;     // of the filter (tap, 1, tap) along both axes that makes even grain look like this one
    float shared;  // 0..1: how much of it is the same in red, green and blue
};

// `samples` has the picture's size and coding, and is what the blur made of it.
void add_grain(const Picture& picture, const float* disparity, Focus focus, const Grain& grain, void* samples);

}  // namespace nearfar::effects
