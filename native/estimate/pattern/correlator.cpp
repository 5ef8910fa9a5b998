#include "estimate/pattern/correlator.hpp"

#include "estimate/pattern/rows.hpp"

namespace nearfar::pattern {

Correlator::Correlator(const Samples& image, const Known& known)
    : image_(image), known_(known), seen_(tile_height, tile_width) {}

void Correlator::look_at(const Tile& tile, bool wide) {
    tile_ = tile;
    wide_ = wide;
    seen_.stride = tile.width;
    weigh_windows(image_, tile, wide ? wide_window : usual_window, true, seen_, 0);
}

void Correlator::climb(const Steps& steps, Best& best) const {
    for (Scores* scores : {&best.score, &best.left, &best.right}) scores->fill(absent);
    best.step.fill(-2);
    for (std::size_t step = 0; step < steps.size(); ++step) {
        if (steps[step] == 0) continue;
        if (step == 0 || steps[step - 1] == 0) best.before.fill(absent);
        attempt(step, best);
    }
}

void Correlator::attempt(std::size_t step, Best& best) const {
    const Rows& level = rows();
    const Samples& plane = known_.planes[step % 2];
    const Windows& known = (wide_ ? known_.wide : known_.usual)[step % 2];
    const std::size_t window = wide_ ? wide_window : usual_window;
    const std::size_t moved = tile_.left + known_.room.span() - step / 2;
    std::array<std::int32_t, tile_width * tile_height> sums;
    level.correlate(corner(image_, tile_.left, tile_.top, window), image_.stride,
                    corner(plane, moved, tile_.top, window), plane.stride, tile_.width, tile_.height, window,
                    sums.data());
    for (std::size_t y = 0; y < tile_.height; ++y) {
        const std::size_t here = y * tile_.width;
        const std::size_t there = (tile_.top + y) * known.stride + moved;
        level.climb(sums.data() + here, seen_.sums.get() + here, seen_.scales.get() + here,
                    known.sums.get() + there, known.scales.get() + there, tile_.width,
                    static_cast<std::int32_t>(step), best.row(here));
    }
}

}  // namespace nearfar::pattern
