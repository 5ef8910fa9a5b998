#include "estimate/stereo/checks.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "core/interrupt.hpp"
#include "core/pool.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 16;
constexpr int most_step = shift_unit;  // between neighbours of one patch

std::uint8_t state_of(const MatchedMaps& maps, std::size_t row, std::size_t x, const Limits& limits) {
    const int shift = (maps.shift[row + x] + shift_unit / 2) / shift_unit;
    std::uint8_t state = maps.margin[row + x] < limits.ambiguity ? ambiguous : kept;
    if (static_cast<std::size_t>(shift) > x) return state | mismatched;
    const int seen = maps.right_shift[row + x - static_cast<std::size_t>(shift)];
    return std::abs(seen - shift) > limits.disagreement ? state | mismatched : state;
}

// Neighbours in a row whose shifts follow each other, and the patch that they belong to.
struct Run {
    std::size_t begin, end;
    std::size_t parent;
    std::size_t pixels;
};

class Patches {
public:
    Patches(const std::int16_t* shift, std::uint8_t* state, PictureSize size)
        : shift_(shift), state_(state), size_(size), first_(size.height + 1) {
        for (std::size_t y = 0; y < size.height; ++y) {
            first_[y] = runs_.size();
            find_runs(y);
            if (y) join(y);
            poll_interrupt();
        }
        first_[size.height] = runs_.size();
    }

    void drop(std::size_t largest) {
        for (std::size_t y = 0; y < size_.height; ++y) {
            for (std::size_t i = first_[y]; i < first_[y + 1]; ++i) {
                if (runs_[root(i)].pixels > largest) continue;
                std::uint8_t* const row = state_ + y * size_.width;
                std::fill(row + runs_[i].begin, row + runs_[i].end, std::uint8_t{speckle});
            }
        }
    }

private:
    std::size_t root(std::size_t i) {
        while (runs_[i].parent != i) i = runs_[i].parent = runs_[runs_[i].parent].parent;
        return i;
    }

    void find_runs(std::size_t y) {
        const std::int16_t* const shift = shift_ + y * size_.width;
        const std::uint8_t* const state = state_ + y * size_.width;
        for (std::size_t x = 0; x < size_.width;) {
            if (state[x] != kept) {
                ++x;
                continue;
            }
            const std::size_t begin = x++;
            while (x < size_.width && state[x] == kept && std::abs(shift[x] - shift[x - 1]) <= most_step) ++x;
            runs_.push_back({begin, x, runs_.size(), x - begin});
        }
    }

    void join(std::size_t y) {
        const std::int16_t* const here = shift_ + y * size_.width;
        const std::int16_t* const above = here - size_.width;
        std::size_t i = first_[y - 1], j = first_[y];
        const std::size_t i_end = first_[y], j_end = runs_.size();
        while (i < i_end && j < j_end) {
            const std::size_t begin = std::max(runs_[i].begin, runs_[j].begin);
            const std::size_t end = std::min(runs_[i].end, runs_[j].end);
            for (std::size_t x = begin; x < end; ++x) {
                if (std::abs(here[x] - above[x]) > most_step) continue;
                unite(root(i), root(j));
                break;
            }
            if (runs_[i].end < runs_[j].end) {
                ++i;
            } else {
                ++j;
            }
        }
    }

    void unite(std::size_t a, std::size_t b) {
        if (a == b) return;
        if (a > b) std::swap(a, b);
        runs_[b].parent = a;
        runs_[a].pixels += runs_[b].pixels;
    }

    const std::int16_t* shift_;
    std::uint8_t* state_;
    PictureSize size_;
    std::vector<Run> runs_;
    std::vector<std::size_t> first_;  // run of each row
};

}  // namespace

void check(const MatchedMaps& maps, PictureSize size, const Limits& limits, std::uint8_t* state) {
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t row = begin * size.width; row < end * size.width; row += size.width) {
            for (std::size_t x = 0; x < size.width; ++x) state[row + x] = state_of(maps, row, x, limits);
        }
    });
    if (limits.speckle) Patches(maps.shift, state, size).drop(limits.speckle);
}

void mark_occluded(const std::int16_t* filled, const std::int16_t* right_shift, PictureSize size,
                   std::uint8_t* state) {
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t row = begin * size.width; row < end * size.width; row += size.width) {
            for (std::size_t x = 0; x < size.width; ++x) {
                if (state[row + x] == kept) continue;
                const int shift = (filled[row + x] + shift_unit / 2) / shift_unit;
                const bool outside = static_cast<std::size_t>(shift) > x;
                if (outside || right_shift[row + x - static_cast<std::size_t>(shift)] > shift + 1) {
                    state[row + x] |= occluded;
                }
            }
        }
    });
}

}  // namespace nearfar::estimate
