// A 64×64 tile with a margin: circles of confusion, and light once it is asked for. What is beyond the picture repeats
// its border.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "effects/circle.hpp"
#include "effects/light.hpp"
#include "effects/unmix.hpp"

namespace nearfar::effects {

class Surroundings {
public:
    static constexpr Index tile = 64;
    static constexpr Index margin = 6;
    static constexpr Index side = tile + 2 * margin;
    static constexpr Index area = side * side;

    // Gives the extent of the circles.
    float read_circles(const Picture& picture, const float* disparity, Focus focus, Index x0, Index y0);
    void read_light(const Picture& picture);

    // How much the circles bend at each pixel of a row, the most of four directions: a slope does not bend. False if
    // none bends by `least`.
    bool find_bends(Index y, float least);
    float bend(Index x) const { return bends_[static_cast<std::size_t>(x)]; }

    float circle(Index at) const { return circles_[static_cast<std::size_t>(at)]; }
    Light light(Index at) const {
        const float* const from = light_.data() + at;
        return {from[0], from[area], from[2 * area]};
    }

    // The part of a row, or of all rows, that lies in the picture and in the tile or up to `reach` beside it.
    Index left(Index reach) const { return std::max(margin - reach, left_); }
    Index right(Index reach) const { return std::min(margin + tile + reach, right_); }
    Index top(Index reach) const { return std::max(margin - reach, top_); }
    Index bottom(Index reach) const { return std::min(margin + tile + reach, bottom_); }
    bool within(Index at, Index reach) const {
        const Index x = at % side, y = at / side;
        return x >= left(reach) && x < right(reach) && y >= top(reach) && y < bottom(reach);
    }

    // In the picture.
    Index x_of(Index at) const { return x0_ + at % side; }
    Index y_of(Index at) const { return y0_ + at / side; }

private:
    Index x0_ = 0, y0_ = 0;                              // of the margin, in the picture
    Index left_ = 0, right_ = 0, top_ = 0, bottom_ = 0;  // of the picture, in the margin
    std::vector<float> circles_, light_;
    std::array<float, side> bends_{};
};

}  // namespace nearfar::effects
