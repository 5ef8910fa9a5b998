#include "effects/align_rows.hpp"

namespace nearfar::effects::NEARFAR_LEVEL {
namespace {

constexpr float infinity = __builtin_inff();

void blend(const float* __restrict upper, const float* __restrict lower, float share, Index count,
           float* __restrict out) noexcept {
    for (Index i = 0; i < count; ++i) out[i] = upper[i] + (lower[i] - upper[i]) * share;
}

void stretch(const float* __restrict row, const std::int32_t* __restrict index, const float* __restrict share,
             Index count, float* __restrict out) noexcept {
    for (Index i = 0; i < count; ++i) {
        const float left = row[index[i]], right = row[index[i] + 1];
        out[i] = left + (right - left) * share[i];
    }
}

// Sums in lanes.
struct Sum {
    float lane[lanes] = {};

    double total() const noexcept {
        double all = 0.0;
        for (Index l = 0; l < lanes; ++l) all += static_cast<double>(lane[l]);
        return all;
    }
};

void weigh(const Tints& tints, const float* __restrict weights, Index count, double* __restrict sums) noexcept {
    Sum weight, red, green, blue;
    for (Index i = 0; i < count; i += lanes) {
        for (Index l = 0; l < lanes; ++l) {
            const float w = weights[i + l];
            weight.lane[l] += w;
            red.lane[l] += w * tints.red[i + l];
            green.lane[l] += w * tints.green[i + l];
            blue.lane[l] += w * tints.blue[i + l];
        }
    }
    sums[0] = weight.total(), sums[1] = red.total(), sums[2] = green.total(), sums[3] = blue.total();
}

void spread(const Tints& tints, Index count, double* __restrict sums) noexcept {
    Sum sum[9];
    for (Index i = 0; i < count; i += lanes) {
        for (Index l = 0; l < lanes; ++l) {
            const float red = tints.red[i + l], green = tints.green[i + l], blue = tints.blue[i + l];
            sum[0].lane[l] += red;
            sum[1].lane[l] += green;
            sum[2].lane[l] += blue;
            sum[3].lane[l] += red * red;
            sum[4].lane[l] += red * green;
            sum[5].lane[l] += red * blue;
            sum[6].lane[l] += green * green;
            sum[7].lane[l] += green * blue;
            sum[8].lane[l] += blue * blue;
        }
    }
    for (Index k = 0; k < 9; ++k) sums[k] = sum[k].total();
}

inline bool is_near(float red, float green, float blue, float base, const Sides& sides) noexcept {
    float t = (base - sides.low) * sides.steepness;
    t = t > 0.0F ? t : 0.0F;
    t = t < 1.0F ? t : 1.0F;
    const float tint = red * sides.tint[0] + green * sides.tint[1] + blue * sides.tint[2];
    return tint + sides.offset + pull * (t - 0.5F) > 0.0F;
}

void part(const Tints& tints, const Sides& sides, Index count, float* __restrict labels) noexcept {
    for (Index i = 0; i < count; ++i) {
        labels[i] = is_near(tints.red[i], tints.green[i], tints.blue[i], tints.base[i], sides) ? 1.0F : 0.0F;
    }
}

void vote(const Tints& tints, const Places& places, const Sides* const* models, Index count, float alike,
          float* __restrict out) noexcept {
    float said[voices][lanes], weight[voices][lanes];
    float half[lanes] = {}, median[lanes], sum[lanes] = {}, share[lanes] = {};
    for (Index k = 0; k < count; ++k) {
        const Sides sides = *models[k];
        for (Index l = 0; l < lanes; ++l) {
            const bool near = is_near(tints.red[l], tints.green[l], tints.blue[l], tints.base[l], sides);
            const float down = places.down[l] - sides.down, across = places.across[l] - sides.across;
            const float falloff = 1.0F / (1.0F + 0.25F * (down * down + across * across));
            said[k][l] = near ? sides.near : sides.far;
            weight[k][l] = falloff * falloff * sides.trust;
            half[l] += 0.5F * weight[k][l];
        }
    }
    for (Index l = 0; l < lanes; ++l) median[l] = infinity;
    for (Index k = 0; k < count; ++k) {
        float below[lanes] = {};
        for (Index j = 0; j < count; ++j) {
            for (Index l = 0; l < lanes; ++l) below[l] += said[j][l] <= said[k][l] ? weight[j][l] : 0.0F;
        }
        for (Index l = 0; l < lanes; ++l) {
            const float candidate = below[l] >= half[l] ? said[k][l] : infinity;
            median[l] = candidate < median[l] ? candidate : median[l];
        }
    }
    for (Index k = 0; k < count; ++k) {
        for (Index l = 0; l < lanes; ++l) {
            const float away = said[k][l] - median[l];
            const float counts = __builtin_fabsf(away) <= alike ? weight[k][l] : 0.0F;
            sum[l] += counts * away;
            share[l] += counts;
        }
    }
    for (Index l = 0; l < lanes; ++l) out[l] = median[l] + sum[l] / share[l];
}

}  // namespace

extern const AlignRows align_rows;
const AlignRows align_rows{blend, stretch, weigh, spread, part, vote};

}  // namespace nearfar::effects::NEARFAR_LEVEL
