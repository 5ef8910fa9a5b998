// Reading a texture over a pixel's footprint.
#pragma once

#include "scene/model.hpp"
#include "scene/vector.hpp"

namespace nearfar::scene {

struct Texel {
    Vecf color;        // linear
    float reflection;  // factor of the material's reflectance
};

// How far the texture coordinates move from a pixel to the next one across and down.
struct Footprint {
    float s_across, t_across, s_down, t_down;
};

// The mean over the footprint: up to 4 taps along its longer side, each from the two levels that fit its shorter one.
Texel sample(const Model& model, const Texture& texture, float s, float t, const Footprint& footprint) noexcept;

}  // namespace nearfar::scene
