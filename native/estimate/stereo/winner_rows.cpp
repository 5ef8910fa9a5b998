#include "estimate/stereo/winner_rows.hpp"

#include "estimate/stereo/path_steps.hpp"

namespace nearfar::estimate::NEARFAR_LEVEL {
namespace {

using std::int16_t;

constexpr int largest_word = 0x7fff;
constexpr size_t half = lanes / 2;

// What is left of a block's totals, lane by lane.
// Sub-pixel position of the least total by a parabola through its neighbours, and how far ahead of the second it is.
struct Reported {
    float below[lanes], above[lanes], least[lanes], second[lanes], at[lanes];

    template <class Value>
    inline void take(size_t lane, const Value* totals, size_t stride, size_t shifts, size_t index, int best,
                     int other) noexcept {
        const size_t inner = index > 0 && index + 1 < shifts ? stride : 0;
        below[lane] = totals[index * stride - inner];
        above[lane] = totals[index * stride + inner];
        at[lane] = static_cast<float>(index);
        least[lane] = static_cast<float>(best);
        second[lane] = static_cast<float>(other);
    }

    inline void write(size_t count, int16_t* shift, uint8_t* margin) const noexcept {
        int16_t shifts[lanes];
        uint8_t margins[lanes];
        for (size_t lane = 0; lane < lanes; ++lane) {
            const float bend = 2 * (below[lane] + above[lane] - 2 * least[lane]);
            const float step = 64 * (below[lane] - above[lane]) / (bend > 0 ? bend : 1.0F);
            shifts[lane] = static_cast<int16_t>(static_cast<int>(64 * at[lane]) + static_cast<int>(step));
            const float ahead = 256 * (second[lane] - least[lane]) / (second[lane] + 1);
            margins[lane] = static_cast<uint8_t>(static_cast<int>(ahead < 255 ? ahead : 255.0F));
        }
        for (size_t lane = 0; lane < count; ++lane) {
            shift[lane] = shifts[lane];
            margin[lane] = margins[lane];
        }
    }
};

// The least totals of the right view's columns: the left pixel x has the shift d to the right column x − d. Several runs
// of columns are kept and take turns, for what was just written can't be read back at another offset without waiting
// for the cache.
template <class Value>
struct RightView {
    Value* costs;
    size_t length;  // of a run

    inline RightView(uint16_t* scratch, size_t words_of_run, int largest) noexcept
        : costs(reinterpret_cast<Value*>(scratch)), length(words_of_run * (sizeof(uint16_t) / sizeof(Value))) {
        for (size_t i = 0; i < right_runs * length; ++i) costs[i] = static_cast<Value>(largest);
        for (size_t i = right_runs * length; i < 2 * right_runs * length; ++i) costs[i] = 0;
    }

    template <class Vector>
    inline void offer(size_t run, size_t at, Vector total, Vector position) const noexcept {
        Value* const cost = costs + run * length + at;
        Value* const shift = cost + right_runs * length;
        Vector best = load(cost), index = load(shift);
        take_less(total, position, best, index);
        store(cost, best);
        store(shift, index);
    }

    // The first of the runs first, first + step, … becomes the least of them from column `at` on; of equal ones the
    // least shift. Reads and writes up to a vector beyond `count`.
    inline void merge(size_t first, size_t step, size_t at, size_t count) const noexcept {
        Value* const least = costs + first * length + at;
        Value* const best = least + right_runs * length;
        for (size_t i = 0; i < count; i += lanes / sizeof(Value)) {
            auto low = load(least + i), index = load(best + i);
            for (size_t run = first + step; run < right_runs; run += step) {
                const Value* const other = costs + run * length + at + i;
                take_least(load(other), load(other + right_runs * length), low, index);
            }
            store(least + i, low);
            store(best + i, index);
        }
    }
    inline const Value* shifts(size_t run, size_t at) const noexcept { return costs + (right_runs + run) * length + at; }
};

// Five paths and up to 256 shifts: totals in bytes, which saturate where nothing fits anyway.
struct Narrow {
    const uint8_t* along;
    RightView<uint8_t> right;
    size_t origin;

    inline Narrow(const WinnerRow& row, size_t shifts) noexcept
        : along(row.along), right(row.right_scratch, row.right_length, 255), origin(shifts) {}

    template <bool last>
    inline void block(const uint8_t* costs, ThreeSteps& steps, size_t x, size_t width, size_t shifts, Bytes small,
                      const WinnerRow& row) noexcept {
        uint8_t outside[lanes] = {};
        for (size_t lane = 0; last && lane < lanes; ++lane) outside[lane] = x + lane < width ? 0 : 255;
        const Bytes barred = load(outside);
        Bytes best = bytes(255), index = bytes(0), position = bytes(0), second = bytes(255);
        uint8_t* const totals = reinterpret_cast<uint8_t*>(row.totals);
        for (size_t shift = 0; shift < shifts; ++shift) {
            Bytes total = add(steps.next(load(costs + shift * lanes), small), load(along + shift * lanes));
            if (last) total = total | barred;
            store(totals + shift * lanes, total);
            take_less(total, position, best, index);
            right.offer(shift % right_runs, origin + x - shift, total, position);
            position = add(position, bytes(1));
        }
        position = bytes(0);
        for (size_t shift = 0; shift < shifts; ++shift) {
            second = min(second, unless_near(load(totals + shift * lanes), position, index));
            position = add(position, bytes(1));
        }
        uint8_t bests[lanes], indices[lanes], seconds[lanes];
        store(bests, best);
        store(indices, index);
        store(seconds, second);
        Reported reported;
        for (size_t lane = 0; lane < lanes; ++lane) {
            reported.take(lane, totals + lane, lanes, shifts, indices[lane], bests[lane], seconds[lane]);
        }
        reported.write(last ? width - x : lanes, row.shift + x, row.margin + x);
        along += shifts * lanes;
    }

    inline void read_right(size_t width, int16_t* shift) const noexcept {
        right.merge(0, 1, origin, width);
        const uint8_t* const shifts = right.shifts(0, origin);
        for (size_t x = 0; x < width; ++x) shift[x] = shifts[x];
    }
};

// Eight paths, or more shifts: totals in words. The even lanes of a block meet right columns of one parity and the odd
// lanes those of the other, so each parity has runs of its own.
struct Wide {
    const uint8_t* along;
    const uint8_t* up;
    RightView<uint16_t> right;
    size_t origin;  // even

    inline Wide(const WinnerRow& row, size_t shifts) noexcept
        : along(row.along),
          up(row.up),
          right(row.right_scratch, row.right_length, largest_word),
          origin((shifts + 1) / 2 * 2) {}

    template <bool last>
    inline void block(const uint8_t* costs, ThreeSteps& steps, size_t x, size_t width, size_t shifts, Bytes small,
                      const WinnerRow& row) noexcept {
        uint16_t outside[lanes] = {};
        for (size_t lane = 0; last && lane < lanes; ++lane) outside[word_of(lane)] = x + lane < width ? 0 : largest_word;
        const Words barred[2] = {load(outside), load(outside + half)};
        Words best[2] = {words(largest_word), words(largest_word)};
        Words index[2] = {words(0), words(0)};
        Words position = words(0);
        for (size_t shift = 0; shift < shifts; ++shift) {
            const Bytes three = steps.next(load(costs + shift * lanes), small), across = load(along + shift * lanes);
            Words total[2] = {add(even(three), even(across)), add(odd(three), odd(across))};
            if (up != nullptr) {
                const Bytes other = load(up + shift * lanes);
                total[0] = add(total[0], even(other));
                total[1] = add(total[1], odd(other));
            }
            for (size_t parity = 0; parity < 2; ++parity) {
                if (last) total[parity] = max(total[parity], barred[parity]);
                store(row.totals + shift * lanes + parity * half, total[parity]);
                take_less(total[parity], position, best[parity], index[parity]);
                const size_t column = origin + x + parity - shift;
                right.offer((shift & (right_runs - 2)) | (column & 1), column / 2, total[parity], position);
            }
            position = add(position, words(1));
        }
        uint16_t bests[lanes], indices[lanes], seconds[lanes];
        for (size_t parity = 0; parity < 2; ++parity) {
            Words second = words(largest_word);
            position = words(0);
            const uint16_t* const totals = row.totals + parity * half;
            for (size_t shift = 0; shift < shifts; ++shift) {
                second = min(second, unless_near(load(totals + shift * lanes), position, index[parity]));
                position = add(position, words(1));
            }
            store(bests + parity * half, best[parity]);
            store(indices + parity * half, index[parity]);
            store(seconds + parity * half, second);
        }
        Reported reported;
        for (size_t lane = 0; lane < lanes; ++lane) {
            const size_t word = word_of(lane);
            reported.take(lane, row.totals + word, lanes, shifts, indices[word], bests[word], seconds[word]);
        }
        reported.write(last ? width - x : lanes, row.shift + x, row.margin + x);
        along += shifts * lanes;
        if (up != nullptr) up += shifts * lanes;
    }

    // Where a vector of totals holds a lane of the picture: the even lanes come first.
    static inline size_t word_of(size_t lane) noexcept { return (lane & 1) * half + lane / 2; }

    inline void read_right(size_t width, int16_t* shift) const noexcept {
        for (size_t parity = 0; parity < 2; ++parity) {
            const size_t count = (width + 1 - parity) / 2;
            right.merge(parity, 2, origin / 2, count);
            const uint16_t* const shifts = right.shifts(parity, origin / 2);
            for (size_t i = 0; i < count; ++i) shift[2 * i + parity] = static_cast<int16_t>(shifts[i]);
        }
    }
};

template <class Winners>
void down_and_win_of(const uint8_t* costs, const DownPaths& paths, const uint8_t* const colour_steps[3], size_t width,
                     size_t shifts, StepPenalty penalty, const WinnerRow& row) noexcept {
    const Bytes small = bytes(penalty.small);
    Winners winners(row, shifts);
    for (size_t x = 0; x < width; x += lanes, costs += shifts * lanes) {
        ThreeSteps steps;
        steps.begin(paths, colour_steps, x, penalty);
        if (x + lanes <= width) {
            winners.template block<false>(costs, steps, x, width, shifts, small, row);
        } else {
            winners.template block<true>(costs, steps, x, width, shifts, small, row);
        }
        steps.end();
    }
    winners.read_right(width, row.right_shift);
}

void down_and_win(const uint8_t* costs, const DownPaths& paths, const uint8_t* const colour_steps[3], size_t width,
                  size_t shifts, StepPenalty penalty, const WinnerRow& winners) {
    const DownPaths copy = paths;
    const WinnerRow row = winners;
    if (row.up == nullptr && shifts <= 256) {
        down_and_win_of<Narrow>(costs, copy, colour_steps, width, shifts, penalty, row);
    } else {
        down_and_win_of<Wide>(costs, copy, colour_steps, width, shifts, penalty, row);
    }
}

}  // namespace

extern const WinnerRows winner_rows;
const WinnerRows winner_rows{down_and_win};

}  // namespace nearfar::estimate::NEARFAR_LEVEL
