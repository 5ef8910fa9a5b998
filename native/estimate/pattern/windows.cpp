#include "estimate/pattern/windows.hpp"

#include <algorithm>
#include <array>

#include "estimate/pattern/rows.hpp"

namespace nearfar::pattern {
namespace {

using Sums = std::array<std::int32_t, tile_width * tile_height>;

constexpr std::array<std::int16_t, tile_width + wide_window> ones = [] {
    std::array<std::int16_t, tile_width + wide_window> filled{};
    for (std::int16_t& one : filled) one = 1;
    return filled;
}();

float inside(std::size_t at, std::size_t size, std::size_t reach) noexcept {
    return static_cast<float>(std::min(at + reach + 1, size) - (at > reach ? at - reach : 0));
}

}  // namespace

void weigh_windows(const Samples& plane, const Tile& tile, std::size_t window, bool is_image, Windows& windows,
                   std::size_t at) {
    const float area = static_cast<float>(window * window);
    const Rows& level = rows();
    Sums sums;
    Sums squares;
    std::array<float, tile_width> counts;
    counts.fill(area);
    const std::int16_t* from = corner(plane, tile.left, tile.top, window);
    level.correlate(from, plane.stride, ones.data(), 0, tile.width, tile.height, window, sums.data());
    level.correlate(from, plane.stride, from, plane.stride, tile.width, tile.height, window, squares.data());
    for (std::size_t y = 0; y < tile.height; ++y) {
        if (is_image) {
            const float rows_inside = inside(tile.top + y, plane.height, window / 2);
            for (std::size_t x = 0; x < tile.width; ++x) {
                counts[x] = rows_inside * inside(tile.left + x, plane.width, window / 2);
            }
        }
        const std::size_t to = at + y * windows.stride;
        level.weigh(sums.data() + y * tile.width, squares.data() + y * tile.width, counts.data(),
                    is_image ? area : 1.0F, area, tile.width, windows.sums.get() + to, windows.scales.get() + to);
    }
}

}  // namespace nearfar::pattern
