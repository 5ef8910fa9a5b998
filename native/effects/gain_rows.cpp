#include "effects/gain_rows.hpp"

#include <cstdint>

namespace nearfar::effects::NEARFAR_LEVEL {
namespace {

using Index = std::ptrdiff_t;

constexpr Index most = 64;   // pixels at a time
constexpr Index room = 128;  // samples under them, where the map is no finer than the picture

// The place of a pixel, in samples.
inline float wanted(std::int32_t x, float scale, float last) noexcept {
    const float exact = (static_cast<float>(x) + 0.5F) * scale - 0.5F;
    const float low = exact > 0.0F ? exact : 0.0F;
    return low < last ? low : last;
}

inline float between(const GainLines& lines, Index sample) noexcept {
    const Index at = sample * lines.channels;
    return lines.above[at] + (lines.below[at] - lines.above[at]) * lines.share;
}

void stretch(const GainLines& lines, Index total, Index x, Index count, float* __restrict factors) noexcept {
    const float scale = static_cast<float>(lines.width) / static_cast<float>(total);
    const float last = static_cast<float>(lines.width - 1);
    float shares[most], mixed[room + 1];
    std::int32_t lows[most];
    for (Index begin = 0; begin < count; begin += most) {
        const Index length = count - begin < most ? count - begin : most;
        const auto start = static_cast<std::int32_t>(x + begin);
        for (std::int32_t i = 0; i < static_cast<std::int32_t>(length); ++i) {
            const float place = wanted(start + i, scale, last);
            lows[i] = static_cast<std::int32_t>(place);
            shares[i] = place - static_cast<float>(lows[i]);
        }
        const std::int32_t first = lows[0], span = lows[length - 1] - first + 1;
        const auto end = static_cast<std::int32_t>(lines.width) - 1;
        if (span > room) {
            for (Index i = 0; i < length; ++i) {
                const float near = between(lines, lows[i]);
                const float far = between(lines, lows[i] < end ? lows[i] + 1 : end);
                factors[begin + i] = near + (far - near) * shares[i];
            }
            continue;
        }
        for (std::int32_t j = 0; j < span; ++j) mixed[j] = between(lines, first + j);
        mixed[span] = between(lines, first + span < end ? first + span : end);
        for (Index i = 0; i < length; ++i) {
            const float near = mixed[lows[i] - first], far = mixed[lows[i] - first + 1];
            factors[begin + i] = near + (far - near) * shares[i];
        }
    }
}

void multiply(const float* __restrict factors, Index count, float* __restrict light) noexcept {
    for (Index i = 0; i < count; ++i) light[i] *= factors[i];
}

void divide(const float* __restrict factors, Index count, float* __restrict light) noexcept {
    for (Index i = 0; i < count; ++i) light[i] /= factors[i];
}

}  // namespace

extern const GainRows gain_rows;
const GainRows gain_rows{stretch, multiply, divide};

}  // namespace nearfar::effects::NEARFAR_LEVEL
