// Reading textures over the footprints of pixels; compiled once per SIMD level (texture.cpp).
#pragma once

#include "core/simd.hpp"
#include "scene/facet.hpp"

namespace nearfar::scene {

struct Sampler {
    // Fills the block's texels: linear red, green, blue and a factor of reflectance, the mean over the footprint, by
    // up to 4 taps along its longer side, each from the two levels that fit its shorter one. Beyond its edges a
    // picture is repeated. Where there is none, all are 1.
    void (*sample)(Block& block) noexcept;
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
