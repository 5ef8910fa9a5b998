#include "effects/background.hpp"

#include <algorithm>
#include <array>

#include "core/pool.hpp"
#include "effects/tile_rows.hpp"

namespace nearfar::effects {
namespace {

constexpr Index tile = 64;
constexpr Index band = 32;            // rows at a time
constexpr float least_blur = 1.5F;    // px: less hides nothing
constexpr Index smallest = 4;         // cells: the coarsest level
constexpr float nearness = 1.5F;      // gain of weights from level to level: what is near outweighs what is not

Index half(Index size) { return (size + 1) / 2; }

void over_bands(Index rows, const auto& body) {
    parallel_for(static_cast<std::size_t>(rows), band, [&](std::size_t begin, std::size_t end) {
        for (auto y = static_cast<Index>(begin); y < static_cast<Index>(end); ++y) body(y);
    });
}

// The square of `side` values at (x0, y0), even, of the enlargement of a plane.
void enlarge_plane(const float* plane, Index width, Index height, Index x0, Index y0, float* out) {
    constexpr Index length = tile / 2 + 2;
    std::array<float, length * length> window;
    for (Index y = 0; y < length; ++y) {
        const float* const row = plane + std::clamp<Index>(y0 / 2 - 1 + y, 0, height - 1) * width;
        for (Index x = 0; x < length; ++x) {
            window[static_cast<std::size_t>(y * length + x)] = row[std::clamp<Index>(x0 / 2 - 1 + x, 0, width - 1)];
        }
    }
    tile_rows().enlarge(window.data(), length, tile, out);
}

}  // namespace

Background::Background(Index width, Index height, const Layers& layers) : weights_(256, 0.0F) {
    if (layers.first_far == 0 || layers[0].radius <= least_blur) return;
    for (std::int32_t id = 0; id < layers.count(); ++id) {
        if (layers[id].level > 0) continue;  // comes in blurred, or is what hides
        const float size = id < layers.first_far ? std::max(1.0F, layers[id].radius / 1.5F) : 1.0F;
        weights_[static_cast<std::size_t>(id)] = 1.0F / (size * size * size * size);
    }
    do {
        width = half(width);
        height = half(height);
        levels_.push_back({width, height, large_block<float>(static_cast<std::size_t>(4 * width * height))});
    } while (std::max(width, height) > smallest);
}

// A tile that lies in the picture and shows nothing but what hides, or comes in blurred.
void Background::collect_hidden(Index x0, Index y0) {
    const Level& finest = levels_.front();
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
    const Level& finest = levels_.front();
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
        const Level& finest = levels_.front();
        const Index across = (finest.width + tile / 2 - 1) / (tile / 2), down = (finest.height + tile / 2 - 1) / (tile / 2);
        parallel_for(static_cast<std::size_t>(across * down), 16, [&](std::size_t begin, std::size_t end) {
            for (auto i = static_cast<Index>(begin); i < static_cast<Index>(end); ++i) {
                take_far(far, i % across * (tile / 2), i / across * (tile / 2));
            }
        });
    }
    shrink_levels();
    fill_levels();
}

void Background::take_far(const CoarseLayers& far, Index x0, Index y0) const {
    constexpr Index side = tile / 2;
    const Level& finest = levels_.front();
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

void Background::shrink_levels() {
    for (std::size_t l = 1; l < levels_.size(); ++l) {
        const Level &from = levels_[l - 1], &to = levels_[l];
        over_bands(to.height, [&](Index y) {
            for (Index p = 0; p < 4; ++p) {
                const float* const upper = from.plane(p) + 2 * y * from.width;
                const float* const lower = 2 * y + 1 < from.height ? upper + from.width : upper;
                float* const out = to.plane(p) + y * to.width;
                for (Index x = 0; x < from.width / 2; ++x) {
                    out[x] = 0.25F * (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
                }
                if (from.width % 2 != 0) out[to.width - 1] = 0.5F * (upper[from.width - 1] + lower[from.width - 1]);
            }
            float* const weights = to.plane(3) + y * to.width;
            for (Index x = 0; x < to.width; ++x) {
                const float gain = std::clamp(1.0F / std::max(weights[x], 0.5F), 1.0F, nearness);
                for (Index p = 0; p < 4; ++p) to.plane(p)[y * to.width + x] *= gain;
            }
        });
    }
}

void Background::fill_levels() {
    const Level& coarsest = levels_.back();
    for (Index i = 0; i < coarsest.width * coarsest.height; ++i) {
        for (Index p = 0; p < 3; ++p) coarsest.plane(p)[i] /= std::max(1e-6F, coarsest.plane(3)[i]);
    }
    for (std::size_t l = levels_.size() - 1; l-- > 0;) {
        const Level &from = levels_[l + 1], &to = levels_[l];
        const Index across = (to.width + tile - 1) / tile, down = (to.height + tile - 1) / tile;
        parallel_for(static_cast<std::size_t>(across * down), 1, [&](std::size_t begin, std::size_t end) {
            std::array<float, tile * tile> larger;
            for (auto i = static_cast<Index>(begin); i < static_cast<Index>(end); ++i) {
                const Index x0 = i % across * tile, y0 = i / across * tile;
                for (Index p = 0; p < 3; ++p) {
                    enlarge_plane(from.plane(p), from.width, from.height, x0, y0, larger.data());
                    for (Index y = 0; y < std::min(tile, to.height - y0); ++y) {
                        const Index at = (y0 + y) * to.width + x0;
                        float* const out = to.plane(p) + at;
                        const float *const known = to.plane(3) + at, *const row = larger.data() + y * tile;
                        for (Index x = 0; x < std::min(tile, to.width - x0); ++x) {
                            out[x] += (1.0F - std::min(1.0F, known[x])) * row[x];
                        }
                    }
                }
            }
        });
    }
}

void Background::read(Index x0, Index y0, float* light) const {
    const Level& finest = levels_.front();
    for (Index p = 0; p < 3; ++p) {
        enlarge_plane(finest.plane(p), finest.width, finest.height, x0, y0, light + p * tile * tile);
    }
}

}  // namespace nearfar::effects
