#include "scene/texture.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace nearfar::scene {
namespace {

constexpr int most_taps = 4;

// log2 with the mantissa taken as linear: continuous, and the same on every machine.
float rough_log2(float value) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto exponent = static_cast<std::int32_t>(bits >> 23U) - 127;
    const float mantissa = std::bit_cast<float>((bits & 0x7FFFFFU) | 0x3F800000U);
    return static_cast<float>(exponent) + (mantissa - 1.0F);
}

float length(float x, float y) noexcept { return std::sqrt(x * x + y * y); }

struct Sum {
    float channel[4];
};

// All four at once, for the sake of the compiler's vectors.
void add(Sum& sum, const std::uint8_t* texel, float weight) noexcept {
    for (int k = 0; k < 4; ++k) {
        const auto code = static_cast<float>(texel[k]);
        sum.channel[k] += code * code * weight;
    }
}

// Bilinear, repeated beyond the edges.
void add_level(Sum& sum, const std::uint8_t* texels, std::int32_t width, std::int32_t height, float s, float t,
               float weight) noexcept {
    const float x = s * static_cast<float>(width) - 0.5F;
    const float y = t * static_cast<float>(height) - 0.5F;
    const float left = std::floor(x);
    const float upper = std::floor(y);
    const float right_share = x - left;
    const float lower_share = y - upper;
    const auto x0 = static_cast<std::size_t>(static_cast<std::int32_t>(left) & (width - 1));
    const auto y0 = static_cast<std::size_t>(static_cast<std::int32_t>(upper) & (height - 1));
    const std::size_t x1 = (x0 + 1) & static_cast<std::size_t>(width - 1);
    const std::size_t y1 = (y0 + 1) & static_cast<std::size_t>(height - 1);
    const auto row = static_cast<std::size_t>(width);
    add(sum, texels + 4 * (y0 * row + x0), (1.0F - right_share) * (1.0F - lower_share) * weight);
    add(sum, texels + 4 * (y0 * row + x1), right_share * (1.0F - lower_share) * weight);
    add(sum, texels + 4 * (y1 * row + x0), (1.0F - right_share) * lower_share * weight);
    add(sum, texels + 4 * (y1 * row + x1), right_share * lower_share * weight);
}

}  // namespace

Texel sample(const Model& model, const Texture& texture, float s, float t, const Footprint& footprint) noexcept {
    const auto width = static_cast<float>(texture.width);
    const auto height = static_cast<float>(texture.height);
    float along_s = footprint.s_across;
    float along_t = footprint.t_across;
    float longer = length(along_s * width, along_t * height);
    float shorter = length(footprint.s_down * width, footprint.t_down * height);
    if (shorter > longer) {
        std::swap(longer, shorter);
        along_s = footprint.s_down;
        along_t = footprint.t_down;
    }
    if (!(longer < 1e6F)) longer = shorter = 1e6F;  // a face seen edge-on: its mean colour, by a single tap
    shorter = std::max({shorter, longer / static_cast<float>(most_taps), 1.0F});
    const int taps = std::clamp(static_cast<int>(std::ceil(longer / shorter - 0.01F)), 1, most_taps);
    const float level = std::min(rough_log2(shorter), static_cast<float>(texture.levels - 1));
    const auto fine = static_cast<std::int32_t>(level);
    const float coarse_share = level - static_cast<float>(fine);

    const std::uint8_t* texels = model.texels.data() + 4 * texture.offset;
    std::int32_t level_width = texture.width;
    std::int32_t level_height = texture.height;
    const auto next = [&] {
        texels += 4 * static_cast<std::size_t>(level_width) * static_cast<std::size_t>(level_height);
        level_width = std::max(level_width / 2, 1);
        level_height = std::max(level_height / 2, 1);
    };
    for (std::int32_t k = 0; k < fine; ++k) next();
    // Whole repeats are taken off first: far from 0 the coordinates would have no bits left for the texels.
    s -= std::floor(s);
    t -= std::floor(t);
    if (!(std::fabs(s) <= 1.0F && std::fabs(t) <= 1.0F)) s = t = 0.0F;
    const float share = 1.0F / static_cast<float>(taps);
    Sum sum{};
    for (int pass = 0; pass < 2; ++pass) {
        const float weight = (pass == 0 ? 1.0F - coarse_share : coarse_share) * share;
        if (weight > 0.0F) {
            for (int tap = 0; tap < taps; ++tap) {
                const float step = (static_cast<float>(tap) + 0.5F) * share - 0.5F;
                const float ds = taps > 1 ? along_s * step : 0.0F;
                const float dt = taps > 1 ? along_t * step : 0.0F;
                add_level(sum, texels, level_width, level_height, s + ds, t + dt, weight);
            }
        }
        if (pass == 0 && coarse_share > 0.0F) next();
    }
    constexpr float scale = 1.0F / (255.0F * 255.0F);
    return {loadf(sum.channel) * scale, sum.channel[3] * scale};
}

}  // namespace nearfar::scene
