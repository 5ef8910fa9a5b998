#include "effects/extents.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "core/pool.hpp"

namespace nearfar::effects {
namespace {

constexpr Index tile = 64;
constexpr std::size_t part = std::size_t{1} << 18;  // values at a time

}  // namespace

Extents::Extents(const float* disparity, Index width, Index height)
    : across_((width + tile - 1) / tile),
      down_((height + tile - 1) / tile),
      tiles_(static_cast<std::size_t>(across_ * down_)) {
    std::atomic<bool> whole{true};
    parallel_for(static_cast<std::size_t>(down_), 1, [&](std::size_t begin, std::size_t end) {
        for (auto row = static_cast<Index>(begin); row < static_cast<Index>(end); ++row) {
            for (Index column = 0; column < across_; ++column) {
                Extent& one = tiles_[static_cast<std::size_t>(row * across_ + column)];
                const Index x = column * tile, y = row * tile;
                const float* const values = disparity + y * width + x;
                const Index rows = std::min(tile, height - y), columns = std::min(tile, width - x);
                if (!tile_rows().extremes(values, rows, columns, width, &one.least, &one.most)) whole = false;
            }
        }
    });
    if (!whole) throw std::invalid_argument("the disparity must have no holes");
}

Extent Extents::around(Index column, Index row) const {
    return within(std::max<Index>(column - 1, 0), std::max<Index>(row - 1, 0), std::min(column + 1, across_ - 1),
                  std::min(row + 1, down_ - 1));
}

Extent Extents::within(Index left, Index top, Index right, Index bottom) const {
    Extent extent = of(left, top);
    for (Index row = top; row <= bottom; ++row) {
        for (Index column = left; column <= right; ++column) {
            const Extent one = of(column, row);
            extent = {std::min(extent.least, one.least), std::max(extent.most, one.most)};
        }
    }
    return extent;
}

bool any_hole(const float* values, Index count) {
    std::atomic<bool> whole{true};
    parallel_for(static_cast<std::size_t>(count), part, [&](std::size_t begin, std::size_t end) {
        float least = 0.0F, most = 0.0F;
        const auto length = static_cast<Index>(end - begin);
        if (!tile_rows().extremes(values + begin, 1, length, length, &least, &most)) whole = false;
    });
    return !whole;
}

}  // namespace nearfar::effects
