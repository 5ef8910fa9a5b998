// The hot loop of raw depth that changes its format, compiled once per SIMD level (format_rows.cpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::xr {

struct FormatRows {
    // The nearest millimetre of value · scale, a product that is rounded to float32; 0 for what is none of 1..65535.
    void (*millimetres)(const float* values, std::size_t count, double scale, std::uint16_t* out) noexcept;
};

namespace base {
extern const FormatRows format_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const FormatRows format_rows;
}
namespace v4 {
extern const FormatRows format_rows;
}
inline const FormatRows& format_rows() noexcept { return pick(base::format_rows, v3::format_rows, v4::format_rows); }
#else
inline const FormatRows& format_rows() noexcept { return base::format_rows; }
#endif

}  // namespace nearfar::xr
