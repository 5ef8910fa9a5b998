#include "effects/unmix.hpp"

#include <algorithm>

namespace nearfar::effects {
namespace {

constexpr float certainty = 100.0F;      // 1 / variance of the drawn share
constexpr float least_own_share = 0.2F;  // of the side that the middle of the pixel shows
constexpr float least_variance = 1e-5F;  // of light: noise
constexpr float relative_variance = 1e-3F;

// The variance of a side's light within a pixel, from its spread around, half of it common to all colours; a side
// that is known from mixed pixels alone may be as far off as the other side is away.
Light variance_of(const Side& side, const Light& mean, float contrast) {
    const Light spread = side.spread();
    const float common = (spread[0] + spread[1] + spread[2]) / 3.0F;
    const float doubt = 0.5F * contrast / (1.0F + 200.0F * side.trust * side.trust);
    Light variance{};
    for (std::size_t p = 0; p < 3; ++p) {
        variance[p] = 0.25F * (spread[p] + common) + relative_variance * mean[p] * mean[p] + least_variance + doubt;
    }
    return variance;
}

// A thin wire may be brighter than any pixel that shows it; noise may not make it a lamp.
float held(float light, float own, float mean) { return std::max(0.0F, std::min(light, 2.0F * std::max(own, mean))); }

// A pixel brighter than white is so by a lamp: one behind its nearer side, if none of the pixels around shows one there.
float held_in_front(float light, float own, float mean) {
    return own > 1.0F ? std::max(0.0F, std::min(light, mean)) : held(light, own, mean);
}

}  // namespace

Light Side::spread() const {
    const Light middle = mean();
    Light spread{};
    for (std::size_t p = 0; p < 3; ++p) spread[p] = std::max(0.0F, squares[p] / weight - middle[p] * middle[p]);
    return spread;
}

float Side::variance() const {
    const Light each = spread();
    return each[0] + each[1] + each[2];
}

Mix unmix(const Light& own, const Side& near, const Side& far, float drawn, bool is_near) {
    const Light front = near.mean(), back = far.mean();
    float contrast = 0.0F;
    for (std::size_t p = 0; p < 3; ++p) contrast += (front[p] - back[p]) * (front[p] - back[p]) / 3.0F;
    const Light front_variance = variance_of(near, front, contrast), back_variance = variance_of(far, back, contrast);
    const auto variance_at = [&](float share, std::size_t p) {
        return share * share * front_variance[p] + (1.0F - share) * (1.0F - share) * back_variance[p];
    };

    float share = drawn;
    for (int step = 0; step < 2; ++step) {  // least squares, weighed by the variance at the last share
        float pull = certainty * drawn, weight = certainty;
        for (std::size_t p = 0; p < 3; ++p) {
            const float difference = front[p] - back[p], precise = difference / variance_at(share, p);
            pull += (own[p] - back[p]) * precise;
            weight += difference * precise;
        }
        share = is_near ? std::clamp(pull / weight, least_own_share, 1.0F)
                        : std::clamp(pull / weight, 0.0F, 1.0F - least_own_share);
    }
    Mix mix;
    mix.share = share;
    for (std::size_t p = 0; p < 3; ++p) {  // what the means leave over goes to the sides by their part in the variance
        const float rest = (own[p] - share * front[p] - (1.0F - share) * back[p]) / variance_at(share, p);
        mix.near[p] = held_in_front(front[p] + share * front_variance[p] * rest, own[p], front[p]);
        mix.far[p] = held(back[p] + (1.0F - share) * back_variance[p] * rest, own[p], back[p]);
    }
    return mix;
}

}  // namespace nearfar::effects
