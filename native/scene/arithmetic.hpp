// Arithmetic for sources that are compiled once per SIMD level: the same numbers at every level, and loops of it
// become vectors.
#pragma once

#include <cstdint>

#if !defined(__GNUC__)
#include <cmath>  // there is one level alone
#endif

namespace nearfar::scene::NEARFAR_LEVEL {

inline float larger(float a, float b) noexcept { return a > b ? a : b; }
inline float smaller(float a, float b) noexcept { return a < b ? a : b; }
inline float between(float value, float least, float most) noexcept { return smaller(larger(value, least), most); }

inline float root(float value) noexcept {
#if defined(__GNUC__)
    return __builtin_sqrtf(value);
#else
    return std::sqrt(value);
#endif
}

// The next whole number below, of numbers that an int32 can hold.
inline std::int32_t whole(float value) noexcept {
    const auto towards_zero = static_cast<std::int32_t>(value);
    return towards_zero - (static_cast<float>(towards_zero) > value ? 1 : 0);
}

// log2 with the mantissa taken as linear: continuous, and the same on every machine. Of numbers from 1 on.
inline float rough_log2(float value) noexcept {
    const auto bits = __builtin_bit_cast(std::int32_t, value);
    const auto mantissa = __builtin_bit_cast(float, (bits & 0x7FFFFF) | 0x3F800000);
    return static_cast<float>((bits >> 23) - 127) + (mantissa - 1.0F);
}

// 2 to the power of −exponent, −126..126.
inline float halved(std::int32_t exponent) noexcept { return __builtin_bit_cast(float, (127 - exponent) << 23); }

}  // namespace nearfar::scene::NEARFAR_LEVEL
