#include "effects/surroundings.hpp"

#include "effects/tile_rows.hpp"

namespace nearfar::effects {

float Surroundings::read_circles(const Picture& picture, const float* disparity, Focus focus, Index x0, Index y0) {
    x0_ = x0 - margin;
    y0_ = y0 - margin;
    left_ = std::max<Index>(0, -x0_);
    right_ = std::min(side, picture.width - x0_);
    top_ = std::max<Index>(0, -y0_);
    bottom_ = std::min(side, picture.height - y0_);
    circles_.resize(static_cast<std::size_t>(area));
    for (Index y = 0; y < side; ++y) {
        const float* const row = disparity + (y0_ + std::clamp(y, top_, bottom_ - 1)) * picture.width;
        float* const out = circles_.data() + y * side;
        tile_rows().circles(row + x0_ + left_, right_ - left_, focus, out + left_);
        std::fill(out, out + left_, out[left_]);
        std::fill(out + right_, out + side, out[right_ - 1]);
    }
    float least = 0.0F, most = 0.0F;
    tile_rows().extremes(circles_.data(), 1, area, area, &least, &most);
    return most - least;
}

void Surroundings::read_light(const Picture& picture) {
    light_.resize(static_cast<std::size_t>(3 * area));
    effects::read_light(picture, {x0_, y0_, side, side, area}, light_.data());
    for (Index p = 0; p < 3; ++p) {
        float* const plane = light_.data() + p * area;
        for (Index y = top_; y < bottom_; ++y) {
            float* const row = plane + y * side;
            std::fill(row, row + left_, row[left_]);
            std::fill(row + right_, row + side, row[right_ - 1]);
        }
        for (Index y = 0; y < top_; ++y) std::copy_n(plane + top_ * side, side, plane + y * side);
        for (Index y = bottom_; y < side; ++y) std::copy_n(plane + (bottom_ - 1) * side, side, plane + y * side);
    }
}

bool Surroundings::find_bends(Index y, float least) {
    return tile_rows().bends(circles_.data() + y * side + 1, side, side - 2, least, bends_.data() + 1);
}

}  // namespace nearfar::effects
