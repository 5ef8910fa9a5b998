// From light to places on the curve of a print; compiled once per SIMD level (develop_rows.cpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::scene {

inline constexpr std::size_t develop_block = 256;  // pixels
inline constexpr std::int32_t curve_steps = 8192;

// A stretch of a row of pixels, at most `develop_block`.
struct Exposed {
    const float* linear;  // 3 a pixel
    std::size_t count;    // of pixels
    double across, down;  // of the first pixel's centre from the picture's
    double exposure, electrons, read_noise;
    double falloff;     // light lost a square pixel from the picture's centre
    std::uint64_t key;  // of the first sample's noise; the next has the next one
};

struct DevelopRows {
    // Where each sample lies on the curve, 0..curve_steps.
    void (*place)(const Exposed& exposed, std::int32_t* steps) noexcept;
};

namespace base {
extern const DevelopRows develop_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const DevelopRows develop_rows;
}
namespace v4 {
extern const DevelopRows develop_rows;
}
inline const DevelopRows& develop_rows() noexcept { return pick(base::develop_rows, v3::develop_rows, v4::develop_rows); }
#else
inline const DevelopRows& develop_rows() noexcept { return base::develop_rows; }
#endif

}  // namespace nearfar::scene
