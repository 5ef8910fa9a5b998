#include "effects/background.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/pool.hpp"
#include "effects/tile_rows.hpp"

namespace nearfar::effects {
namespace {

constexpr Index tile = 64;
constexpr Index band = 32;          // rows at a time
constexpr float least_blur = 1.5F;  // px: less hides nothing

// A lamp is brighter than so many times its surroundings, which reach as far as so many radii of what hides most.
constexpr float most_contrast = 4.0F, surroundings = 2.0F;

constexpr float least_weight = 1e-6F;

float squared(float value) { return value * value; }

}  // namespace

Background::Background(Index width, Index height, const Layers& layers) : weights_(256, 0.0F) {
    if (layers.first_far == 0 || layers[0].radius <= least_blur) return;
    for (std::int32_t id = 0; id < layers.count(); ++id) {
        if (layers[id].level > 0) continue;  // comes in blurred, or is what hides
        const float size = id < layers.first_far ? std::max(1.0F, layers[id].radius / 1.5F) : 1.0F;
        weights_[static_cast<std::size_t>(id)] = 1.0F / (size * size * size * size);
    }
    filling_.shape(width, height);
    while (std::ldexp(2.0F, static_cast<int>(calm_)) < surroundings * layers[0].radius) ++calm_;
}

// A tile that lies in the picture and shows nothing but what hides, or comes in blurred.
void Background::collect_hidden(Index x0, Index y0) {
    const PushPull::Level& finest = filling_.levels.front();
    for (Index p = 0; p < 4; ++p) {
        for (Index y = y0 / 2; y < (y0 + tile) / 2; ++y) {
            std::fill_n(finest.plane(p) + y * finest.width + x0 / 2, tile / 2, 0.0F);
        }
    }
}

void Background::collect(const TilePixels& pixels) {
    if (!needed()) return;
    if (pixels.only && weights_[static_cast<std::size_t>(*pixels.only)] <= 0.0F) {
        collect_hidden(pixels.x0, pixels.y0);
        return;
    }
    const PushPull::Level& finest = filling_.levels.front();
    const Index area = tile * tile, x_half = pixels.x0 / 2, y_half = pixels.y0 / 2;
    std::array<float, tile * tile> weights;
    std::array<float, tile * tile / 4> shrunk;
    for (Index i = 0; i < area; ++i) weights[static_cast<std::size_t>(i)] = weights_[static_cast<std::size_t>(pixels.ids[i])];
    const Index columns = std::min(tile / 2, finest.width - x_half), rows = std::min(tile / 2, finest.height - y_half);
    for (Index p = 0; p < 4; ++p) {
        tile_rows().shrink(p < 3 ? pixels.light + p * area : weights.data(), p < 3 ? weights.data() : nullptr, 2, shrunk.data(), tile / 2);
        for (Index y = 0; y < rows; ++y) {
            std::copy_n(shrunk.data() + y * (tile / 2), columns, finest.plane(p) + (y_half + y) * finest.width + x_half);
        }
    }
    for (const MixedPixel& pixel : pixels.mixed) {
        const Index at = pixel.y / 2 * finest.width + pixel.x / 2;
        const float near = 0.25F * pixel.near_share * weights_[static_cast<std::size_t>(pixel.near_layer)];
        const float far = 0.25F * pixel.far_share * weights_[static_cast<std::size_t>(pixel.far_layer)];
        for (std::size_t p = 0; p < 3; ++p) {
            finest.plane(static_cast<Index>(p))[at] += near * pixel.near_light[p] + far * pixel.far_light[p];
        }
        finest.plane(3)[at] += near + far;
    }
}

void Background::finish(const CoarseLayers& far) {
    if (!needed()) return;
    if (far.any()) {
        const PushPull::Level& finest = filling_.levels.front();
        const Index across = (finest.width + tile / 2 - 1) / (tile / 2), down = (finest.height + tile / 2 - 1) / (tile / 2);
        parallel_for(static_cast<std::size_t>(across * down), 16, [&](std::size_t begin, std::size_t end) {
            for (auto i = static_cast<Index>(begin); i < static_cast<Index>(end); ++i) {
                take_far(far, i % across * (tile / 2), i / across * (tile / 2));
            }
        });
    }
    if (calm_ < filling_.levels.size()) calm_lamps();
    filling_.push(1);
    filling_.pull(0);
}

// Means of fourth roots tell what is usual around a place, whatever lamps are there.
void Background::find_usual() const {
    const PushPull::Level &from = filling_.levels[0], &to = filling_.levels[1];
    parallel_for(static_cast<std::size_t>(to.height), band, [&](std::size_t begin, std::size_t end) {
        for (auto y = static_cast<Index>(begin); y < static_cast<Index>(end); ++y) {
            const Index first = 2 * y * from.width, below = 2 * y + 1 < from.height ? from.width : 0;
            for (Index x = 0; x < to.width; ++x) {
                const Index right = 2 * x + 1 < from.width ? 1 : 0, at = first + 2 * x;
                const auto sum = [&](Index p) {
                    const float* const cell = from.plane(p) + at;
                    return 0.25F * (cell[0] + cell[right] + cell[below] + cell[below + right]);
                };
                const float weight = sum(3), most = std::max(weight, least_weight);
                for (Index p = 0; p < 3; ++p) {
                    to.plane(p)[y * to.width + x] = weight * std::sqrt(std::sqrt(std::max(0.0F, sum(p)) / most));
                }
                to.plane(3)[y * to.width + x] = weight;
            }
        }
    });
    filling_.push(2);
    filling_.pull(calm_);
}

// A lamp beside what hides the background tells nothing of what is behind it: more of the same is unlikely, and would
// shine through it as no mistake of a darker background could.
void Background::calm_lamps() const {
    find_usual();
    const PushPull::Level &finest = filling_.levels[0], &usual = filling_.levels[calm_];
    parallel_for(static_cast<std::size_t>(finest.height), band, [&](std::size_t begin, std::size_t end) {
        for (auto y = static_cast<Index>(begin); y < static_cast<Index>(end); ++y) {
            const float* const weights = finest.plane(3) + y * finest.width;
            for (Index p = 0; p < 3; ++p) {
                const float* const around = usual.plane(p) + (y >> calm_) * usual.width;
                float* const light = finest.plane(p) + y * finest.width;
                for (Index cell = 0; cell < usual.width; ++cell) {
                    const float most = most_contrast * squared(squared(around[cell]));
                    const Index last = std::min((cell + 1) << calm_, finest.width);
                    for (Index x = cell << calm_; x < last; ++x) light[x] = std::min(light[x], most * weights[x]);
                }
            }
        }
    });
}

void Background::take_far(const CoarseLayers& far, Index x0, Index y0) const {
    constexpr Index side = tile / 2;
    const PushPull::Level& finest = filling_.levels.front();
    std::array<float, 4 * side * side> blurred;
    if (!far.read(x0, y0, side, blurred.data())) return;
    const Index columns = std::min(side, finest.width - x0), rows = std::min(side, finest.height - y0);
    for (Index y = 0; y < rows; ++y) {
        const Index at = (y0 + y) * finest.width + x0;
        std::array<float, side> room;
        for (Index x = 0; x < columns; ++x) {
            room[static_cast<std::size_t>(x)] = 1.0F - std::min(1.0F, finest.plane(3)[at + x]);
        }
        for (Index p = 0; p < 4; ++p) {
            float* const out = finest.plane(p) + at;
            const float* const from = blurred.data() + (p * side + y) * side;
            for (Index x = 0; x < columns; ++x) out[x] += room[static_cast<std::size_t>(x)] * from[x];
        }
    }
}

void Background::read(Index x0, Index y0, float* light) const {
    const PushPull::Level& finest = filling_.levels.front();
    for (Index p = 0; p < 3; ++p) {
        enlarge_plane(finest.plane(p), finest.width, finest.height, x0, y0, light + p * tile * tile);
    }
}

}  // namespace nearfar::effects
