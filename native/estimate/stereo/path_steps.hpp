// One step of three paths that run from row to row; included by sources that are compiled once per level.
#pragma once

#include "estimate/stereo/lanes.hpp"
#include "estimate/stereo/path_rows.hpp"

namespace nearfar::estimate::NEARFAR_LEVEL {
namespace {

inline Bytes large_step(Bytes step, StepPenalty penalty) noexcept {
    return max(subtract(bytes(penalty.large), add(add(step, step), step)), bytes(penalty.least));
}

inline int large_step(int step, StepPenalty penalty) noexcept {
    const int charge = penalty.large - 3 * step;
    return charge > penalty.least ? charge : penalty.least;
}

// One path through the shifts of a block of pixels:
//
//     cost' = cost + min(before[shift], before[shift ± 1] + small, least before + large) − least before
struct Step {
    uint8_t* state;
    size_t stride;
    Bytes low, high;          // the least of `before`, and what a change by more than one shift leads to
    Bytes back, here, least;  // before[shift − 1] + small, before[shift], the least of what was written

    inline void begin(uint8_t* costs, const uint8_t* lows, size_t stride_, Bytes large) noexcept {
        state = costs;
        stride = stride_;
        low = load(lows);
        high = add(low, large);
        back = bytes(255);
        here = load(costs);
        least = bytes(255);
    }

    inline Bytes next(Bytes cost, Bytes small) noexcept {
        const Bytes on = load(state + stride);
        const Bytes best = min(min(here, high), min(back, add(on, small)));
        const Bytes reached = add(cost, subtract(best, low));
        store(state, reached);
        state += stride;
        back = add(here, small);
        here = on;
        least = min(least, reached);
        return reached;
    }
};

struct ThreeSteps {
    Step a, b, c;
    uint8_t* least[3];

    inline void begin(const DownPaths& paths, const uint8_t* const steps[3], size_t x, StepPenalty penalty) noexcept {
        Step* const each[3] = {&a, &b, &c};
        for (int i = 0; i < 3; ++i) {
            const size_t slot = paths.slots[i] + x;
            least[i] = paths.least[i] + slot;
            each[i]->begin(paths.costs[i] + slot, least[i], paths.stride, large_step(load(steps[i] + x), penalty));
        }
    }

    inline Bytes next(Bytes cost, Bytes small) noexcept {
        return add(add(a.next(cost, small), b.next(cost, small)), c.next(cost, small));
    }

    inline void end() const noexcept {
        store(least[0], a.least);
        store(least[1], b.least);
        store(least[2], c.least);
    }
};

}  // namespace
}  // namespace nearfar::estimate::NEARFAR_LEVEL
