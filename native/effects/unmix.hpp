// Takes the light of a mixed pixel apart: which share the nearer surface has of it, and the light of both.
//
//     own = share · near + (1 − share) · far        what both sides look like is known from around, as means and
//                                                   variances; the shape that the circles draw tells the share roughly
#pragma once

#include <algorithm>
#include <array>

namespace nearfar::effects {

using Light = std::array<float, 3>;

// What is known of one side: pixels around, each with a trust.
struct Side {
    float trust = 0.0F;
    float weight = 0.0F;
    Light sum{}, squares{};

    // Bright pixels count less, else a lamp would drown its surroundings.
    void add(float pixel_trust, const Light& light) {
        const float tamed = pixel_trust / (1.0F + 4.0F / 3.0F * std::max(0.0F, light[0] + light[1] + light[2]));
        trust += pixel_trust;
        weight += tamed;
        for (std::size_t p = 0; p < 3; ++p) {
            sum[p] += tamed * light[p];
            squares[p] += tamed * light[p] * light[p];
        }
    }
    Light mean() const { return {sum[0] / weight, sum[1] / weight, sum[2] / weight}; }
    Light spread() const;  // the variance of each colour
    float variance() const;
    float power() const { return (squares[0] + squares[1] + squares[2]) / weight; }
};

struct Mix {
    float share = 0.0F;  // of the nearer side
    Light near{}, far{};
};

// The likeliest mix, both sides and the share taken as normally distributed; `drawn` is the expected share. Both sides
// must have a weight above 0.
Mix unmix(const Light& own, const Side& near, const Side& far, float drawn, bool is_near);

}  // namespace nearfar::effects
