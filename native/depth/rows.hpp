// The hot loops of the depth kernels, compiled once per SIMD level (rows.cpp). All work on one row or run of samples.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::depth {

struct Rows {
    // out = low·(1 − t) + high·t, t = (code − code_min)/(code_max − code_min) held to 0..1, in double.
    void (*decode)(const std::uint16_t* codes, std::size_t count, double code_min, double code_max, double low,
                   double high, float* out) noexcept;

    // out = (value − low)·scale held to 0..255 and rounded half to even; NaN gives 0.
    void (*encode)(const float* values, std::size_t count, double low, double scale, std::uint8_t* out) noexcept;

    // Adds one source row times `weight` to three sums: of finite values, of their weights, of the weights of +inf.
    void (*add_row)(const float* values, std::size_t count, double weight, double* sums, double* finite,
                    double* infinite) noexcept;

    // after = 0 where values are not NaN, else before + 1: the steps back to a value, row by row.
    void (*count_steps)(const float* values, std::size_t count, const std::uint32_t* before,
                        std::uint32_t* after) noexcept;
};

namespace base {
extern const Rows rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const Rows rows;
}
namespace v4 {
extern const Rows rows;
}
inline const Rows& rows() noexcept { return pick(base::rows, v3::rows, v4::rows); }
#else
inline const Rows& rows() noexcept { return base::rows; }
#endif

}  // namespace nearfar::depth
