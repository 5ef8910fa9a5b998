#include "estimate/pattern/correlator.hpp"

#include <algorithm>

#include "core/pool.hpp"
#include "estimate/pattern/rows.hpp"

namespace nearfar::pattern {
namespace {

using Sums = std::array<std::int32_t, tile_width * tile_height>;

// The top-left corner of the window around (x, y).
const std::int16_t* corner(const Samples& plane, std::size_t x, std::size_t y, std::size_t window) noexcept {
    return plane.at(x, y) - (window / 2) * plane.stride - window / 2;
}

float inside(std::size_t at, std::size_t size, std::size_t reach) noexcept {
    return static_cast<float>(std::min(at + reach + 1, size) - (at > reach ? at - reach : 0));
}

}  // namespace

Samples between(const Samples& reference) {
    Samples halves(reference.height, reference.width, reference.margin);
    parallel_for(reference.height + 2 * reference.margin, 32, [&](std::size_t first, std::size_t last) {
        for (std::size_t y = first; y < last; ++y) {
            rows().halve(reference.samples.get() + y * reference.stride, reference.stride, halves.row(y));
        }
    });
    return halves;
}

Correlator::Correlator(const Samples& image, const Samples& whole, const Samples& half)
    : image_(image), planes_{&whole, &half}, span_(whole.width - image.width) {}

// Windows of the picture end at its edges: what lies beyond counts for nothing. Those of the reference do not, since
// what lies beyond its edges was never seen.
void Correlator::weigh(const Samples& plane, const Tile& tile, std::size_t window, bool is_image, Windows& windows) {
    static constexpr std::array<std::int16_t, tile_width + wide_window> ones = [] {
        std::array<std::int16_t, tile_width + wide_window> filled{};
        for (std::int16_t& one : filled) one = 1;
        return filled;
    }();
    const float area = static_cast<float>(window * window);
    const Rows& level = rows();
    windows.stride = tile.width;
    windows.sums.resize(tile.width * tile.height);
    windows.scales.resize(tile.width * tile.height);
    Sums sums;
    Sums squares;
    std::array<float, tile_width> counts;
    counts.fill(area);
    for (std::size_t left = 0; left < tile.width; left += tile_width) {
        const std::size_t columns = std::min(tile_width, tile.width - left);
        const std::int16_t* from = corner(plane, tile.left + left, tile.top, window);
        level.correlate(from, plane.stride, ones.data(), 0, columns, tile.height, window, sums.data());
        level.correlate(from, plane.stride, from, plane.stride, columns, tile.height, window, squares.data());
        for (std::size_t y = 0; y < tile.height; ++y) {
            if (is_image) {
                const float rows_inside = inside(tile.top + y, image_.height, window / 2);
                for (std::size_t x = 0; x < columns; ++x) {
                    counts[x] = rows_inside * inside(tile.left + left + x, image_.width, window / 2);
                }
            }
            const std::size_t target = y * windows.stride + left;
            level.weigh(sums.data() + y * columns, squares.data() + y * columns, counts.data(),
                        is_image ? area : 1.0F, area, columns, windows.sums.data() + target,
                        windows.scales.data() + target);
        }
    }
}

void Correlator::climb(const Tile& tile, const Steps& steps, std::size_t window, Best& best) {
    for (Scores* scores : {&best.score, &best.left, &best.right}) scores->fill(absent);
    best.step.fill(-2);
    weigh(image_, tile, window, true, seen_);
    for (std::size_t first = 0; first < steps.size(); ++first) {
        if (steps[first] == 0) continue;
        std::size_t end = first;
        while (end < steps.size() && steps[end] != 0) ++end;
        climb_run(tile, first, end, window, best);
        first = end;
    }
}

void Correlator::climb_run(const Tile& tile, std::size_t first, std::size_t end, std::size_t window, Best& best) {
    const std::size_t leftmost = tile.left + span_ - (end - 1) / 2;
    const std::size_t rightmost = tile.left + span_ - first / 2;
    const Tile under{leftmost, tile.top, tile.width + rightmost - leftmost, tile.height};
    for (std::size_t phase : {0U, 1U}) weigh(*planes_[phase], under, window, false, known_[phase]);
    best.before.fill(absent);
    for (std::size_t step = first; step < end; ++step) attempt(tile, step, leftmost, window, best);
}

void Correlator::attempt(const Tile& tile, std::size_t step, std::size_t leftmost, std::size_t window,
                         Best& best) const {
    const Rows& level = rows();
    const Samples& plane = *planes_[step % 2];
    const Windows& known = known_[step % 2];
    const std::size_t moved = tile.left + span_ - step / 2;
    Sums sums;
    level.correlate(corner(image_, tile.left, tile.top, window), image_.stride,
                    corner(plane, moved, tile.top, window), plane.stride, tile.width, tile.height, window,
                    sums.data());
    for (std::size_t y = 0; y < tile.height; ++y) {
        const std::size_t here = y * tile.width;
        const std::size_t there = y * known.stride + moved - leftmost;
        level.climb(sums.data() + here, seen_.sums.data() + here, seen_.scales.data() + here,
                    known.sums.data() + there, known.scales.data() + there, tile.width,
                    static_cast<std::int32_t>(step),
                    {best.score.data() + here, best.left.data() + here, best.right.data() + here,
                     best.before.data() + here, best.step.data() + here});
    }
}

}  // namespace nearfar::pattern
