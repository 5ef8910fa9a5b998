#include "effects/grids.hpp"

#include <algorithm>

namespace nearfar::effects {
namespace {

// With the allocator's header it fills one huge page.
constexpr Index block_floats = ((Index{1} << 21) - 64) / static_cast<Index>(sizeof(float));

}  // namespace

float* TileStore::take(Index floats) {
    float* tile = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (blocks_.empty() || used_ + floats > block_floats) {
            blocks_.push_back(large_block<float>(static_cast<std::size_t>(block_floats)));
            used_ = 0;
        }
        tile = blocks_.back().get() + used_;
        used_ += floats;
    }
    std::fill_n(tile, floats, 0.0F);
    return tile;
}

TileGrid::TileGrid(Index width_, Index height_, Index side_, Index planes_)
    : width(width_),
      height(height_),
      side(side_),
      planes(planes_),
      across((width_ + side_ - 1) / side_),
      down((height_ + side_ - 1) / side_),
      tiles(static_cast<std::size_t>(across * down), nullptr) {}

TileGrid::Count TileGrid::count(Index x0, Index y0, Index size) const {
    const Index left = std::max<Index>(x0, 0) / side, right = std::min(x0 + size, width) - 1;
    const Index top = std::max<Index>(y0, 0) / side, bottom = std::min(y0 + size, height) - 1;
    Count count{0, 0};
    for (Index y = top; y * side <= bottom; ++y) {
        for (Index x = left; x * side <= right; ++x) {
            count.held += tile(x, y) != nullptr ? 1 : 0;
            ++count.possible;
        }
    }
    return count;
}

void gather(const TileGrid& grid, const Window& window, float* out) {
    const Index left = std::max<Index>(window.x0, 0), right = std::min(window.x0 + window.size, grid.width);
    const Index top = std::max<Index>(window.y0, 0), bottom = std::min(window.y0 + window.size, grid.height);
    const Index side = grid.side;
    for (Index row = top / side; row * side < bottom; ++row) {
        for (Index column = left / side; column * side < right; ++column) {
            const float* const tile = grid.tile(column, row);
            if (tile == nullptr) continue;
            const Index first = std::max(left, column * side), end = std::min(right, (column + 1) * side);
            for (Index p = 0; p < grid.planes; ++p) {
                for (Index y = std::max(top, row * side); y < std::min(bottom, (row + 1) * side); ++y) {
                    const float* const from = tile + (p * side + y - row * side) * side + first - column * side;
                    float* const to = out + p * window.plane + (y - window.y0) * window.stride + first - window.x0;
                    std::copy(from, from + (end - first), to);
                }
            }
        }
    }
}

void extend(const Window& window, Index width, Index height, Index planes, float* values) {
    const Index left = std::max<Index>(-window.x0, 0), right = std::min(window.size, width - window.x0);
    const Index top = std::max<Index>(-window.y0, 0), bottom = std::min(window.size, height - window.y0);
    if (left == 0 && top == 0 && right == window.size && bottom == window.size) return;
    for (Index p = 0; p < planes; ++p) {
        float* const plane = values + p * window.plane;
        for (Index y = top; y < bottom; ++y) {
            float* const line = plane + y * window.stride;
            const float first = line[left], last = line[right - 1];
            for (Index x = 0; x < left; ++x) line[x] = beyond(first, line[std::min(2 * left - 1 - x, right - 1)]);
            for (Index x = right; x < window.size; ++x) line[x] = beyond(last, line[std::max(2 * right - 1 - x, left)]);
        }
        const auto guess_line = [&](Index to, Index border, Index mirrored) {
            const float *const from = plane + border * window.stride, *const other = plane + mirrored * window.stride;
            std::transform(from, from + window.size, other, plane + to * window.stride, beyond);
        };
        for (Index y = 0; y < top; ++y) guess_line(y, top, std::min(2 * top - 1 - y, bottom - 1));
        for (Index y = bottom; y < window.size; ++y) guess_line(y, bottom - 1, std::max(2 * bottom - 1 - y, top));
    }
}

}  // namespace nearfar::effects
