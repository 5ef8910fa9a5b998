#include "estimate/pattern/windows.hpp"

#include <algorithm>
#include <array>

#include "core/pool.hpp"
#include "estimate/pattern/rows.hpp"

namespace nearfar::pattern {
namespace {

using Tile = std::array<std::int32_t, tile_width * tile_height>;

float inside(std::size_t at, std::size_t size, std::size_t reach) noexcept {
    return static_cast<float>(std::min(at + reach + 1, size) - (at > reach ? at - reach : 0));
}

Windows weigh(const Plane<std::int16_t>& plane, std::size_t height, std::size_t width, std::size_t window,
              bool ends_at_edges) {
    Windows windows{width, std::vector<float>(height * width), std::vector<float>(height * width)};
    const std::size_t reach = window / 2;
    const float area = static_cast<float>(window * window);
    const std::vector<std::int16_t> ones(tile_width + window, 1);
    const Rows& level = rows();
    const std::size_t across = (width + tile_width - 1) / tile_width;
    parallel_for((height + tile_height - 1) / tile_height, 1, [&](std::size_t begin, std::size_t end) {
        Tile sums;
        Tile squares;
        std::array<float, tile_width> counts;
        counts.fill(area);
        for (std::size_t tile = begin * across; tile < end * across; ++tile) {
            const std::size_t left = tile % across * tile_width;
            const std::size_t top = tile / across * tile_height;
            const std::size_t columns = std::min(tile_width, width - left);
            const std::size_t lines = std::min(tile_height, height - top);
            const std::int16_t* corner = plane.at(left, top) - reach * plane.stride - reach;
            level.correlate(corner, plane.stride, ones.data(), 0, columns, lines, window, sums.data());
            level.correlate(corner, plane.stride, corner, plane.stride, columns, lines, window, squares.data());
            for (std::size_t y = 0; y < lines; ++y) {
                if (ends_at_edges) {
                    for (std::size_t x = 0; x < columns; ++x) {
                        counts[x] = inside(left + x, width, reach) * inside(top + y, height, reach);
                    }
                }
                const std::size_t target = (top + y) * width + left;
                level.weigh(sums.data() + y * columns, squares.data() + y * columns, counts.data(),
                            ends_at_edges ? area : 1.0F, area, columns, windows.means.data() + target,
                            windows.scales.data() + target);
            }
        }
    });
    return windows;
}

}  // namespace

Windows weigh_image(const Plane<std::int16_t>& plane, std::size_t height, std::size_t width, std::size_t window) {
    return weigh(plane, height, width, window, true);
}

Windows weigh_reference(const Plane<std::int16_t>& plane, std::size_t height, std::size_t width, std::size_t window) {
    return weigh(plane, height, width, window, false);
}

}  // namespace nearfar::pattern
