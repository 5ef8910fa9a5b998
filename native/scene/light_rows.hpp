// From what is at a sample to the colour that it sends to the camera; compiled once per SIMD level (light_rows.cpp).
#pragma once

#include "core/simd.hpp"
#include "scene/facet.hpp"

namespace nearfar::scene {

// A moving thing's shadow is that of a ball. Places are seen from the camera, in the world's axes.
struct Shade {
    float center[3], radius;
    std::int32_t part;
};

// What all samples of a view share, in the world's axes.
struct Lighting {
    float world_from_camera[3][3];  // rows
    float mirrored[3][3];           // overhead, at the horizon, below
    float key_color[3], key_place[3];  // the place seen from the camera
    const Shade* shades;
    std::size_t shade_count;
};

struct LightRows {
    // Makes the block's normals as long as 1, and fills its colours.
    void (*light)(Block& block, const Lighting& lighting) noexcept;
    // The block's normals in the camera's axes, three numbers a sample.
    void (*turn_normals)(const Block& block, const Lighting& lighting, float* out) noexcept;
};

namespace base {
extern const LightRows light_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const LightRows light_rows;
}
namespace v4 {
extern const LightRows light_rows;
}
inline const LightRows& light_rows() noexcept { return pick(base::light_rows, v3::light_rows, v4::light_rows); }
#else
inline const LightRows& light_rows() noexcept { return base::light_rows; }
#endif

}  // namespace nearfar::scene
