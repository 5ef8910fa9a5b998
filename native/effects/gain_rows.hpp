// Factors that are stretched over a picture, row by row: compiled once per SIMD level (gain_rows.cpp).
#pragma once

#include <cstddef>

#include "core/simd.hpp"

namespace nearfar::effects {

// Two neighbouring rows of a map of `width` samples of `channels` values each, of which `below` counts `share`.
struct GainLines {
    const float *above, *below;
    float share;
    std::ptrdiff_t width, channels;
};

struct GainRows {
    // factors[i] = channel 0 of the map at pixel x + i of `total`, with bilinear weights, centre over centre.
    void (*stretch)(const GainLines& lines, std::ptrdiff_t total, std::ptrdiff_t x, std::ptrdiff_t count,
                    float* factors) noexcept;

    void (*multiply)(const float* factors, std::ptrdiff_t count, float* light) noexcept;
    void (*divide)(const float* factors, std::ptrdiff_t count, float* light) noexcept;
};

namespace base {
extern const GainRows gain_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const GainRows gain_rows;
}
namespace v4 {
extern const GainRows gain_rows;
}
inline const GainRows& gain_rows() noexcept { return pick(base::gain_rows, v3::gain_rows, v4::gain_rows); }
#else
inline const GainRows& gain_rows() noexcept { return base::gain_rows; }
#endif

}  // namespace nearfar::effects
