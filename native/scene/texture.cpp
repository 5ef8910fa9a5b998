#include "scene/texture.hpp"

namespace nearfar::scene::NEARFAR_LEVEL {
namespace {

constexpr int most_taps = 4;

using Four = float __attribute__((vector_size(16)));
using Codes = std::uint8_t __attribute__((vector_size(4)));

float square(float x, float y) noexcept { return x * x + y * y; }
float larger(float a, float b) noexcept { return a > b ? a : b; }
std::int32_t half(std::int32_t side) noexcept { return side > 1 ? side / 2 : 1; }

// log2 with the mantissa taken as linear: continuous, and the same on every machine.
float rough_log2(float value) noexcept {
    std::uint32_t bits = 0;
    __builtin_memcpy(&bits, &value, sizeof bits);
    const std::uint32_t mantissa_bits = (bits & 0x7FFFFFU) | 0x3F800000U;
    float mantissa = 0.0F;
    __builtin_memcpy(&mantissa, &mantissa_bits, sizeof mantissa);
    return static_cast<float>(static_cast<std::int32_t>(bits >> 23U) - 127) + (mantissa - 1.0F);
}

Four light_of(const std::uint8_t* texel) noexcept {
    Codes codes;
    __builtin_memcpy(&codes, texel, sizeof codes);
    const Four value = __builtin_convertvector(codes, Four);
    return value * value;
}

Four bilinear(const std::uint8_t* texels, std::int32_t width, std::int32_t height, float s, float t) noexcept {
    const float x = s * static_cast<float>(width) - 0.5F;
    const float y = t * static_cast<float>(height) - 0.5F;
    const float left = __builtin_floorf(x);
    const float upper = __builtin_floorf(y);
    const float right_share = x - left;
    const float lower_share = y - upper;
    const auto x0 = static_cast<std::size_t>(static_cast<std::int32_t>(left) & (width - 1));
    const auto y0 = static_cast<std::size_t>(static_cast<std::int32_t>(upper) & (height - 1));
    const std::size_t x1 = (x0 + 1) & static_cast<std::size_t>(width - 1);
    const std::size_t y1 = (y0 + 1) & static_cast<std::size_t>(height - 1);
    const std::uint8_t* row0 = texels + 4 * y0 * static_cast<std::size_t>(width);
    const std::uint8_t* row1 = texels + 4 * y1 * static_cast<std::size_t>(width);
    const Four top = light_of(row0 + 4 * x0) * (1.0F - right_share) + light_of(row0 + 4 * x1) * right_share;
    const Four below = light_of(row1 + 4 * x0) * (1.0F - right_share) + light_of(row1 + 4 * x1) * right_share;
    return top * (1.0F - lower_share) + below * lower_share;
}

void sample(const Picture& picture, float s, float t, const Footprint& footprint, float* out) noexcept {
    const auto width = static_cast<float>(picture.width);
    const auto height = static_cast<float>(picture.height);
    float along_s = footprint.s_across;
    float along_t = footprint.t_across;
    // Squares of lengths, in texels.
    float longer = square(along_s * width, along_t * height);
    float shorter = square(footprint.s_down * width, footprint.t_down * height);
    if (shorter > longer) {
        const float swapped = longer;
        longer = shorter;
        shorter = swapped;
        along_s = footprint.s_down;
        along_t = footprint.t_down;
    }
    if (!(longer < 1e12F && shorter >= 0.0F)) longer = shorter = 1e12F;  // a face seen edge-on: its mean, by a single tap
    shorter = larger(larger(shorter, longer / static_cast<float>(most_taps * most_taps)), 1.0F);
    int taps = 1;
    if (longer > 1.02F * shorter) {
        taps = static_cast<int>(__builtin_ceilf(__builtin_sqrtf(longer / shorter) - 0.01F));
        taps = taps < 1 ? 1 : taps > most_taps ? most_taps : taps;
    }
    const auto coarsest = static_cast<float>(picture.levels - 1);
    float level = 0.5F * rough_log2(shorter);
    level = level < coarsest ? level : coarsest;
    const auto fine = static_cast<std::int32_t>(level);
    const float coarse_share = level - static_cast<float>(fine);

    const std::uint8_t* texels = picture.texels;
    std::int32_t level_width = picture.width;
    std::int32_t level_height = picture.height;
    for (std::int32_t k = 0; k < fine; ++k) {
        texels += 4 * static_cast<std::size_t>(level_width) * static_cast<std::size_t>(level_height);
        level_width = half(level_width);
        level_height = half(level_height);
    }
    const std::uint8_t* coarse = texels + 4 * static_cast<std::size_t>(level_width) * static_cast<std::size_t>(level_height);
    // Whole repeats are taken off first: far from 0 the coordinates would have no bits left for the texels.
    s -= __builtin_floorf(s);
    t -= __builtin_floorf(t);
    if (!(s <= 1.0F && t <= 1.0F)) s = t = 0.0F;
    const float share = 1.0F / static_cast<float>(taps);
    Four sum{};
    for (int tap = 0; tap < taps; ++tap) {
        const float step = (static_cast<float>(tap) + 0.5F) * share - 0.5F;
        const float at_s = taps > 1 ? s + along_s * step : s;
        const float at_t = taps > 1 ? t + along_t * step : t;
        sum += bilinear(texels, level_width, level_height, at_s, at_t) * ((1.0F - coarse_share) * share);
        if (coarse_share > 0.0F) {
            sum += bilinear(coarse, half(level_width), half(level_height), at_s, at_t) * (coarse_share * share);
        }
    }
    sum *= 1.0F / (255.0F * 255.0F);
    __builtin_memcpy(out, &sum, sizeof sum);
}

}  // namespace

extern const Sampler sampler;
const Sampler sampler{sample};

}  // namespace nearfar::scene::NEARFAR_LEVEL
