#include "estimate/pattern/known.hpp"

#include <utility>
#include <vector>

#include "core/pool.hpp"
#include "estimate/pattern/rows.hpp"

namespace nearfar::pattern {
namespace {

Range longer(Range range) {
    range.least -= static_cast<std::ptrdiff_t>(ends);
    range.most += static_cast<std::ptrdiff_t>(ends);
    return range;
}

// Half a pixel to the left: a windowed sinc of eight taps, exact for what the lens has not blurred away.
Samples between(const Samples& reference) {
    Samples halves(reference.height, reference.width, reference.margin);
    parallel_for(reference.height + 2 * reference.margin, 32, [&](std::size_t first, std::size_t last) {
        for (std::size_t y = first; y < last; ++y) {
            rows().halve(reference.samples.get() + y * reference.stride, reference.stride, halves.row(y));
        }
    });
    return halves;
}

Windows around(const Samples& plane, std::size_t window) {
    Windows windows(plane.height, plane.width);
    const std::vector<Tile> tiles = cut(plane.height, plane.width);
    parallel_for(tiles.size(), 4, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            weigh_windows(plane, tiles[i], window, false, windows, tiles[i].top * plane.width + tiles[i].left);
        }
    });
    return windows;
}

std::array<Samples, 2> both(Samples whole) {
    Samples half = between(whole);
    return {std::move(whole), std::move(half)};
}

std::int16_t as_is(std::int16_t level) noexcept { return level; }

}  // namespace

Known::Known(const std::int16_t* reference, const Range& asked)
    : range(asked),
      room(longer(asked)),
      bytes(lay_reference<std::uint8_t>(reference, range, block_step, nothing, in_8_bits)),
      planes(both(lay_reference<std::int16_t>(reference, room, margin, 0, as_is))),
      usual{around(planes[0], usual_window), around(planes[1], usual_window)},
      wide{around(planes[0], wide_window), around(planes[1], wide_window)} {}

}  // namespace nearfar::pattern
