#include "estimate/stereo/path_rows.hpp"

#include "estimate/stereo/path_steps.hpp"

namespace nearfar::estimate::NEARFAR_LEVEL {
namespace {

void down(const uint8_t* costs, const DownPaths& paths, const uint8_t* const colour_steps[3], size_t width,
          size_t shifts, StepPenalty penalty, uint8_t* sums) {
    const DownPaths copy = paths;
    const Bytes small = bytes(penalty.small);
    for (size_t x = 0; x < width; x += lanes) {
        ThreeSteps steps;
        steps.begin(copy, colour_steps, x, penalty);
        if (sums != nullptr) {
            for (size_t shift = 0; shift < shifts; ++shift, costs += lanes, sums += lanes) {
                store(sums, steps.next(load(costs), small));
            }
        } else {
            for (size_t shift = 0; shift < shifts; ++shift, costs += lanes) {
                static_cast<void>(steps.next(load(costs), small));
            }
        }
        steps.end();
    }
}

// From blocks to pixels and back

constexpr size_t run = 16;

// Sixteen vectors of runs: in each run, rows become columns.
inline void transpose(Bytes (&rows)[run]) noexcept {
    Bytes turned[run];
    const auto pass = [](const Bytes(&in)[run], Bytes(&out)[run]) {
        for (size_t i = 0; i < run / 2; ++i) {
            out[2 * i] = interleave_low(in[i], in[i + run / 2]);
            out[2 * i + 1] = interleave_high(in[i], in[i + run / 2]);
        }
    };
    pass(rows, turned);
    pass(turned, rows);
    pass(rows, turned);
    pass(turned, rows);
}

void to_pixels(const uint8_t* blocks, size_t width, size_t shifts, size_t padded, uint8_t* out) {
    for (size_t x = 0; x < width; x += lanes, blocks += shifts * lanes) {
        for (size_t shift = 0; shift < padded; shift += run) {
            Bytes rows[run];
            for (size_t i = 0; i < run; ++i) {
                rows[i] = shift + i < shifts ? load(blocks + (shift + i) * lanes) : bytes(255);
            }
            transpose(rows);
            for (size_t i = 0; i < run; ++i) store_runs(out + (x + i) * padded + shift, run * padded, rows[i]);
        }
    }
}

void to_blocks(const uint8_t* a, const uint8_t* b, size_t width, size_t shifts, size_t padded, uint8_t* out) {
    for (size_t x = 0; x < width; x += lanes, out += shifts * lanes) {
        for (size_t shift = 0; shift < shifts; shift += run) {
            Bytes rows[run];
            for (size_t i = 0; i < run; ++i) {
                const size_t at = (x + i) * padded + shift;
                rows[i] = add(load_runs(a + at, run * padded), load_runs(b + at, run * padded));
            }
            transpose(rows);
            const size_t count = shifts - shift < run ? shifts - shift : run;
            for (size_t i = 0; i < count; ++i) store(out + (shift + i) * lanes, rows[i]);
        }
    }
}

// Paths along the row

// One pixel further along a row, all shifts of it at once; returns the least cost in every lane.
template <size_t vectors>
inline Bytes along_pixel(const uint8_t* costs, Bytes (&state)[vectors], Bytes low, Bytes high, Bytes small,
                         uint8_t* out) noexcept {
    Bytes before = bytes(255), least_of_all = bytes(255);
    for (size_t i = 0; i < vectors; ++i) {
        const Bytes here = state[i];
        const Bytes after = i + 1 < vectors ? state[i + 1] : bytes(255);
        const Bytes near = add(min(one_back(before, here), one_on(here, after)), small);
        const Bytes reached = add(load(costs + i * lanes), subtract(min(min(here, high), near), low));
        store(out + i * lanes, reached);
        state[i] = reached;
        before = here;
        least_of_all = min(least_of_all, reached);
    }
    return least(least_of_all);
}

// The two directions take turns, so that the CPU works on one while it waits for the other.
template <size_t vectors>
void along_of(const uint8_t* costs, const uint8_t* steps, size_t width, StepPenalty penalty, uint8_t* from_left,
              uint8_t* from_right) noexcept {
    constexpr size_t padded = vectors * lanes;
    const Bytes small = bytes(penalty.small);
    Bytes left[vectors], right[vectors];
    for (size_t i = 0; i < vectors; ++i) left[i] = right[i] = bytes(0);
    Bytes low_left = bytes(0), low_right = bytes(0);
    for (size_t x = 0; x < width; ++x) {
        const size_t back = width - 1 - x;
        const Bytes high_left = add(low_left, bytes(large_step(steps[x], penalty)));
        const Bytes high_right = add(low_right, bytes(large_step(steps[back + 1], penalty)));
        low_left = along_pixel<vectors>(costs + x * padded, left, low_left, high_left, small, from_left + x * padded);
        low_right = along_pixel<vectors>(costs + back * padded, right, low_right, high_right, small,
                                         from_right + back * padded);
    }
}

// The same for any number of shifts, with the state in memory: the row written before.
void along_any(const uint8_t* costs, const uint8_t* steps, size_t width, size_t padded, StepPenalty penalty,
               bool leftward, uint8_t* out) noexcept {
    const Bytes small = bytes(penalty.small);
    Bytes low = bytes(0);
    for (size_t i = 0; i < width; ++i) {
        const size_t x = leftward ? width - 1 - i : i;
        const uint8_t* const before = i == 0 ? nullptr : out + (leftward ? x + 1 : x - 1) * padded;
        const Bytes high = add(low, bytes(large_step(steps[leftward ? x + 1 : x], penalty)));
        Bytes back = bytes(255), here = i ? load(before) : bytes(0), least_of_all = bytes(255);
        for (size_t at = 0; at < padded; at += lanes) {
            const bool more = at + lanes < padded;
            const Bytes after = !more ? bytes(255) : i ? load(before + at + lanes) : bytes(0);
            const Bytes near = add(min(one_back(back, here), one_on(here, after)), small);
            const Bytes reached = add(load(costs + x * padded + at), subtract(min(min(here, high), near), low));
            store(out + x * padded + at, reached);
            back = here;
            here = after;
            least_of_all = min(least_of_all, reached);
        }
        low = least(least_of_all);
    }
}

void along(const uint8_t* costs, const uint8_t* steps, size_t width, size_t padded, StepPenalty penalty,
           uint8_t* from_left, uint8_t* from_right) {
    switch (padded / lanes) {
        case 1: return along_of<1>(costs, steps, width, penalty, from_left, from_right);
        case 2: return along_of<2>(costs, steps, width, penalty, from_left, from_right);
        case 3: return along_of<3>(costs, steps, width, penalty, from_left, from_right);
        case 4: return along_of<4>(costs, steps, width, penalty, from_left, from_right);
        default: break;
    }
    along_any(costs, steps, width, padded, penalty, false, from_left);
    along_any(costs, steps, width, padded, penalty, true, from_right);
}

}  // namespace

extern const PathRows path_rows;
const PathRows path_rows{lanes, down, to_pixels, to_blocks, along};

}  // namespace nearfar::estimate::NEARFAR_LEVEL
