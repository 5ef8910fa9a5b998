// Reading a texture over a pixel's footprint; compiled once per SIMD level (texture.cpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::scene {

// The levels of a texture lie one after the other, four bytes a texel (see Texture); sides are powers of two.
struct Picture {
    const std::uint8_t* texels;
    std::int32_t width, height, levels;
};

// How far the texture coordinates move from a pixel to the next one across and down.
struct Footprint {
    float s_across, t_across, s_down, t_down;
};

struct Sampler {
    // Linear red, green, blue and a factor of reflectance: the mean over the footprint, by up to 4 taps along its
    // longer side, each from the two levels that fit its shorter one. Beyond its edges the picture is repeated.
    void (*sample)(const Picture& picture, float s, float t, const Footprint& footprint, float* out) noexcept;
};

namespace base {
extern const Sampler sampler;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const Sampler sampler;
}
namespace v4 {
extern const Sampler sampler;
}
inline const Sampler& sampler() noexcept { return pick(base::sampler, v3::sampler, v4::sampler); }
#else
inline const Sampler& sampler() noexcept { return base::sampler; }
#endif

}  // namespace nearfar::scene
