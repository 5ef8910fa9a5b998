#include "effects/edges.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace nearfar::effects {
namespace {

constexpr Index tile = 64;
constexpr Index margin = 4;
constexpr Index side = tile + 2 * margin;
constexpr float jump = 0.7F;  // px of radius within 3×3: less is one surface

// A tile with its margin; what is beyond the picture repeats its border.
struct Surroundings {
    const float* circles;
    const float* light;  // three planes

    float circle(Index x, Index y) const { return circles[y * side + x]; }
    const float* plane(int p) const { return light + p * side * side; }
};

// Sums over the pixels of one side.
struct Side {
    float weight = 0.0F;
    std::array<float, 3> light{};
    float square = 0.0F;
    float circle = 0.0F, circle_weight = 0.0F;

    std::array<float, 3> mean() const { return {light[0] / weight, light[1] / weight, light[2] / weight}; }
    float variance() const {
        const auto [r, g, b] = mean();
        return std::max(0.0F, square / weight - (r * r + g * g + b * b));
    }
};

struct Extent {
    float least, most;
    float middle() const { return 0.5F * (least + most); }
};

// Which pixels of the 7×7 around one are nearer than the middle: a bit each.
std::array<unsigned, 7> near_pixels(const Surroundings& around, Index x, Index y, float middle) {
    std::array<unsigned, 7> rows{};
    for (Index j = 0; j < 7; ++j) {
        for (Index i = 0; i < 7; ++i) {
            if (around.circle(x + i - 3, y + j - 3) < middle) rows[static_cast<std::size_t>(j)] |= 1U << i;
        }
    }
    return rows;
}

int near_of_nine(const std::array<unsigned, 7>& near, Index i, Index j) {
    int count = 0;
    for (Index row = 0; row < 3; ++row) count += std::popcount(near[static_cast<std::size_t>(j + row)] >> i & 7U);
    return count;
}

// Both sides of an edge, averaged over 5×5: a pixel counts by how many of its own neighbours are on its side, and less
// if it is bright, else a lamp would drown its surroundings.
std::array<Side, 2> sides_of(const Surroundings& around, Index x, Index y, Extent extent,
                             const std::array<unsigned, 7>& near) {
    std::array<Side, 2> sides;
    for (Index j = -2; j <= 2; ++j) {
        for (Index i = -2; i <= 2; ++i) {
            const float circle = around.circle(x + i, y + j);
            if (circle < extent.least - jump || circle > extent.most + jump) continue;
            const bool far = !(circle < extent.middle());
            const int alike = near_of_nine(near, i + 2, j + 2);
            const float pure = static_cast<float>((far ? 9 - alike : alike) - 1) / 8.0F;
            const float purity = pure * pure * pure * pure / (1.0F + 0.3F * static_cast<float>(i * i + j * j));
            const float trust = std::max(1e-4F, purity);
            const Index at = (y + j) * side + x + i;
            const std::array<float, 3> light{around.plane(0)[at], around.plane(1)[at], around.plane(2)[at]};
            const float weight = trust / (1.0F + 4.0F / 3.0F * std::max(0.0F, light[0] + light[1] + light[2]));
            Side& own = sides[far ? 1 : 0];
            own.weight += weight;
            for (std::size_t p = 0; p < 3; ++p) own.light[p] += weight * light[p];
            own.square += weight * (light[0] * light[0] + light[1] * light[1] + light[2] * light[2]);
            own.circle += trust * circle;
            own.circle_weight += trust;
        }
    }
    return sides;
}

// The share of the nearer side by the circles alone: a 3×3 tent.
float drawn_share(const std::array<unsigned, 7>& near) {
    float share = 0.0F;
    for (Index j = -1; j <= 1; ++j) {
        for (Index i = -1; i <= 1; ++i) {
            const bool is_near = (near[static_cast<std::size_t>(j + 3)] >> (i + 3) & 1U) != 0U;
            if (is_near) share += static_cast<float>((2 - std::abs(i)) * (2 - std::abs(j))) / 16.0F;
        }
    }
    return share;
}

// Splits the pixel, if there are two sides to it.
bool split(const Surroundings& around, const Layers& layers, Index x, Index y, Extent extent, MixedPixel& pixel) {
    const std::array<unsigned, 7> near = near_pixels(around, x, y, extent.middle());
    const std::array<Side, 2> sides = sides_of(around, x, y, extent, near);
    if (sides[0].weight <= 0.0F || sides[1].weight <= 0.0F) return false;
    const float circle = around.circle(x, y);
    const bool is_near = circle < extent.middle();
    pixel.near_layer = layers.of(is_near ? circle : sides[0].circle / sides[0].circle_weight);
    pixel.far_layer = layers.of(is_near ? sides[1].circle / sides[1].circle_weight : circle);
    if (pixel.near_layer >= pixel.far_layer) return false;
    if (layers[pixel.near_layer].shape.identity && layers[pixel.far_layer].shape.identity) return false;

    const std::array<float, 3> front = sides[0].mean(), back = sides[1].mean();
    std::array<float, 3> own{};
    float contrast = 0.0F, projection = 0.0F;
    for (std::size_t p = 0; p < 3; ++p) {
        own[p] = around.plane(static_cast<int>(p))[y * side + x];
        const float difference = front[p] - back[p];
        contrast += difference * difference;
        projection += (own[p] - back[p]) * difference;
    }
    const float spread_front = sides[0].variance(), spread_back = sides[1].variance();
    const float pull = 0.01F + 0.2F * (spread_front + spread_back);
    const float explained = (projection + pull * drawn_share(near)) / (contrast + pull);
    const float share = is_near ? std::clamp(explained, 0.35F, 1.0F) : std::clamp(explained, 0.0F, 0.65F);
    // What the mix leaves over goes to the side that varies more.
    const float give_front = share * (spread_front + 0.001F), give_back = (1.0F - share) * (spread_back + 0.001F);
    const float scale = 1.0F / (share * give_front + (1.0F - share) * give_back + 1e-9F);
    pixel.near_share = share;
    for (std::size_t p = 0; p < 3; ++p) {
        const float rest = (own[p] - share * front[p] - (1.0F - share) * back[p]) * scale;
        pixel.near_light[p] = std::max(0.0F, front[p] + give_front * rest);
        pixel.far_light[p] = std::max(0.0F, back[p] + give_back * rest);
    }
    return true;
}

// The circles of the tile and its margin; false if they lie too close together for any edge.
bool read_circles(const Picture& picture, const float* disparity, Focus focus, Index x0, Index y0, float* circles) {
    float least = largest_circle, most = -largest_circle;
    for (Index y = 0; y < side; ++y) {
        const float* const row = disparity + std::clamp<Index>(y0 + y - margin, 0, picture.height - 1) * picture.width;
        float* const out = circles + y * side;
        const bool whole = x0 >= margin && x0 + tile + margin <= picture.width;
        for (Index x = 0; x < side; ++x) {
            const Index from = x0 + x - margin;
            out[x] = circle_of(focus, row[whole ? from : std::clamp<Index>(from, 0, picture.width - 1)]);
        }
        for (Index x = 0; x < side; ++x) {
            least = out[x] < least ? out[x] : least;
            most = out[x] > most ? out[x] : most;
        }
    }
    return most - least >= jump;
}

void read_surroundings(const Picture& picture, Index x0, Index y0, float* light) {
    read_light(picture, {x0 - margin, y0 - margin, side, side, side * side}, light);
    const Index left = std::max<Index>(margin - x0, 0), right = std::min(side, picture.width - x0 + margin);
    const Index top = std::max<Index>(margin - y0, 0), bottom = std::min(side, picture.height - y0 + margin);
    for (int p = 0; p < 3; ++p) {
        float* const plane = light + p * side * side;
        for (Index y = top; y < bottom; ++y) {
            float* const row = plane + y * side;
            std::fill(row, row + left, row[left]);
            std::fill(row + right, row + side, row[right - 1]);
        }
        for (Index y = 0; y < top; ++y) std::copy_n(plane + top * side, side, plane + y * side);
        for (Index y = bottom; y < side; ++y) std::copy_n(plane + (bottom - 1) * side, side, plane + y * side);
    }
}

// Least and most within 3×3, of one row.
void extents(const float* circles, Index y, float* least, float* most) {
    std::array<float, side> low{}, high{};
    const float* const row = circles + y * side;
    for (Index x = 0; x < side; ++x) {
        const float above = row[x - side], here = row[x], below = row[x + side];
        const float lower = above < here ? above : here, upper = above > here ? above : here;
        low[static_cast<std::size_t>(x)] = lower < below ? lower : below;
        high[static_cast<std::size_t>(x)] = upper > below ? upper : below;
    }
    for (std::size_t x = 1; x + 1 < static_cast<std::size_t>(side); ++x) {
        const float lower = low[x - 1] < low[x] ? low[x - 1] : low[x];
        const float upper = high[x - 1] > high[x] ? high[x - 1] : high[x];
        least[x] = lower < low[x + 1] ? lower : low[x + 1];
        most[x] = upper > high[x + 1] ? upper : high[x + 1];
    }
}

}  // namespace

void split_mixed_pixels(const Picture& picture, const float* disparity, const Layers& layers, Index x0, Index y0,
                        EdgeScratch& scratch, std::vector<MixedPixel>& mixed) {
    scratch.circles.resize(static_cast<std::size_t>(side * side));
    if (!read_circles(picture, disparity, layers.focus, x0, y0, scratch.circles.data())) return;
    scratch.light.resize(static_cast<std::size_t>(3 * side * side));
    const Surroundings around{scratch.circles.data(), scratch.light.data()};
    bool lit = false;
    std::array<float, side> least{}, most{};
    const Index right = std::min(tile, picture.width - x0), bottom = std::min(tile, picture.height - y0);
    for (Index y = 0; y < bottom; ++y) {
        extents(around.circles, y + margin, least.data(), most.data());
        for (Index x = 0; x < right; ++x) {
            const auto at = static_cast<std::size_t>(x + margin);
            if (most[at] - least[at] < jump) continue;
            if (!lit) read_surroundings(picture, x0, y0, scratch.light.data());
            lit = true;
            MixedPixel pixel{};
            pixel.x = x0 + x;
            pixel.y = y0 + y;
            if (split(around, layers, x + margin, y + margin, {least[at], most[at]}, pixel)) mixed.push_back(pixel);
        }
    }
}

}  // namespace nearfar::effects
