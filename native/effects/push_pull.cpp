#include "effects/push_pull.hpp"

#include <algorithm>
#include <array>

#include "core/pool.hpp"
#include "effects/tile_rows.hpp"

namespace nearfar::effects {
namespace {

constexpr Index tile = 64;
constexpr Index band = 32;        // rows at a time
constexpr Index smallest = 4;     // cells: the coarsest level
constexpr float nearness = 1.5F;  // gain of weights from level to level: what is near outweighs what is not

Index half(Index size) { return (size + 1) / 2; }

void over_bands(Index rows, const auto& body) {
    parallel_for(static_cast<std::size_t>(rows), band, [&](std::size_t begin, std::size_t end) {
        for (auto y = static_cast<Index>(begin); y < static_cast<Index>(end); ++y) body(y);
    });
}

}  // namespace

void PushPull::shape(Index width, Index height) {
    do {
        width = half(width);
        height = half(height);
        levels.push_back({width, height, large_block<float>(static_cast<std::size_t>(4 * width * height))});
    } while (std::max(width, height) > smallest);
}

void PushPull::push(std::size_t first) const {
    for (std::size_t l = first; l < levels.size(); ++l) {
        const Level &from = levels[l - 1], &to = levels[l];
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

void PushPull::pull(std::size_t last) const {
    const Level& coarsest = levels.back();
    for (Index i = 0; i < coarsest.width * coarsest.height; ++i) {
        for (Index p = 0; p < 3; ++p) coarsest.plane(p)[i] /= std::max(1e-6F, coarsest.plane(3)[i]);
    }
    for (std::size_t l = levels.size() - 1; l-- > last;) {
        const Level &from = levels[l + 1], &to = levels[l];
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

}  // namespace nearfar::effects
