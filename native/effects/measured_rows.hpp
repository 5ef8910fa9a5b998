// The hot loops of measured maps and their pictures, compiled once per SIMD level (measured_rows.cpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::effects {

using Index = std::ptrdiff_t;

struct MeasuredRows {
    // into = the lesser, or the larger, of both.
    void (*least)(const float* from, Index count, float* into) noexcept;
    void (*largest)(const float* from, Index count, float* into) noexcept;

    // Adds samples, of words the upper eight bits.
    void (*add_bytes)(const std::uint8_t* samples, Index count, std::uint32_t* sums) noexcept;
    void (*add_words)(const std::uint16_t* samples, Index count, std::uint32_t* sums) noexcept;
};

namespace base {
extern const MeasuredRows measured_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const MeasuredRows measured_rows;
}
namespace v4 {
extern const MeasuredRows measured_rows;
}
inline const MeasuredRows& measured_rows() noexcept {
    return pick(base::measured_rows, v3::measured_rows, v4::measured_rows);
}
#else
inline const MeasuredRows& measured_rows() noexcept { return base::measured_rows; }
#endif

}  // namespace nearfar::effects
