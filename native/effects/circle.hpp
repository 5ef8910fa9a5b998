// The circle of confusion of a pixel: its radius in px, negative in front of the focus; and the bins that it is sorted
// by, which grow with it, so that a table of a few hundred entries serves every radius.
//
// Everything here has internal linkage: sources of several SIMD levels include it.
#pragma once

#include <cstdint>

namespace nearfar::effects {

struct Focus {
    float disparity;
    float strength;  // px of radius for one unit of disparity
};

// What lies beyond counts as this: a disc that large is the mean of any picture.
constexpr float largest_circle = 8192.0F;

constexpr int bins_per_octave = 64;            // of 1 + |circle|
constexpr int bins_per_side = 14 * bins_per_octave;  // 1 + 8192 < 2^14

static inline float circle_of(Focus focus, float disparity) noexcept {
    float circle = (focus.disparity - disparity) * focus.strength;
    circle = circle > -largest_circle ? circle : -largest_circle;
    return circle < largest_circle ? circle : largest_circle;
}

// 0 .. 2·bins_per_side − 1, rising with the circle.
static inline std::int32_t bin_of(float circle) noexcept {
    const float size = 1.0F + (circle < 0.0F ? -circle : circle);
    const std::int32_t bin = (__builtin_bit_cast(std::int32_t, size) >> 17) - (127 << 6);
    return circle < 0.0F ? bins_per_side - 1 - bin : bins_per_side + bin;
}

// The middle of a bin, without its sign.
static inline float size_of_bin(std::int32_t bin) noexcept {
    const std::int32_t from_zero = bin < bins_per_side ? bins_per_side - 1 - bin : bin - bins_per_side;
    const std::int32_t bits = ((from_zero + (127 << 6)) << 17) + (1 << 16);
    return __builtin_bit_cast(float, bits) - 1.0F;
}

}  // namespace nearfar::effects
