// Grain, drawn anew: compiled once per SIMD level (grain_rows.cpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::effects {

struct GrainRows {
    // out[x] is a hash of (x, y, plane), about normally distributed: mean 0, variance 1.
    void (*draw)(std::uint32_t y, std::uint32_t plane, std::size_t count, float* out) noexcept;

    // out[x] = (above + below) · tap + here, and the same across; times scale. Rows have one value more at either end.
    void (*smear)(const float* above, const float* here, const float* below, std::size_t count, float tap, float scale,
                  float* down, float* out) noexcept;

    // How much of the grain a blur of radius strength · |disparity − focus| px has removed: √(1 − area/(π radius²)).
    void (*removed)(const float* disparity, std::size_t count, float focus, float strength, float area,
                    float* out) noexcept;
};

namespace base {
extern const GrainRows grain_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const GrainRows grain_rows;
}
namespace v4 {
extern const GrainRows grain_rows;
}
inline const GrainRows& grain_rows() noexcept { return pick(base::grain_rows, v3::grain_rows, v4::grain_rows); }
#else
inline const GrainRows& grain_rows() noexcept { return base::grain_rows; }
#endif

}  // namespace nearfar::effects
