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
    std::uint32_t begin, end;
    std::uint32_t parent;
    std::uint32_t pixels;
};

class Patches {
public:
    Patches(const std::int16_t* shift, std::uint8_t* state, PictureSize size)
        : shift_(shift), state_(state), size_(size), first_(size.height + 1) {
        find_runs();
        for (std::size_t y = 1; y < size.height; ++y) {
            join(y);
            poll_interrupt();
        }
        // A parent stands before its children: one pass leads every run to its root.
        for (Run& run : runs_) run.parent = runs_[run.parent].parent;
    }

    void drop(std::size_t largest) {
        parallel_for(size_.height, grain, [&](std::size_t begin, std::size_t end) {
            for (std::size_t y = begin; y < end; ++y) {
                std::uint8_t* const row = state_ + y * size_.width;
                for (std::size_t i = first_[y]; i < first_[y + 1]; ++i) {
                    if (runs_[runs_[i].parent].pixels > largest) continue;
                    std::fill(row + runs_[i].begin, row + runs_[i].end, std::uint8_t{speckle});
                }
            }
        });
    }

private:
    std::uint32_t root(std::uint32_t i) {
        while (runs_[i].parent != i) i = runs_[i].parent = runs_[runs_[i].parent].parent;
        return i;
    }

    void find_runs() {
        std::vector<std::vector<Run>> parts((size_.height + grain - 1) / grain);
        parallel_for(parts.size(), 1, [&](std::size_t begin, std::size_t end) {
            for (std::size_t part = begin; part < end; ++part) {
                const std::size_t last = std::min((part + 1) * grain, size_.height);
                for (std::size_t y = part * grain; y < last; ++y) {
                    first_[y] = parts[part].size();
                    find_runs_of(y, parts[part]);
                }
            }
        });
        for (std::size_t part = 0; part < parts.size(); ++part) {
            const std::size_t last = std::min((part + 1) * grain, size_.height);
            for (std::size_t y = part * grain; y < last; ++y) first_[y] += runs_.size();
            runs_.insert(runs_.end(), parts[part].begin(), parts[part].end());
        }
        first_[size_.height] = runs_.size();
        for (std::size_t i = 0; i < runs_.size(); ++i) runs_[i].parent = static_cast<std::uint32_t>(i);
    }

    void find_runs_of(std::size_t y, std::vector<Run>& runs) const {
        const std::int16_t* const shift = shift_ + y * size_.width;
        const std::uint8_t* const state = state_ + y * size_.width;
        const auto width = static_cast<std::uint32_t>(size_.width);
        for (std::uint32_t x = 0; x < width;) {
            if (state[x] != kept) {
                ++x;
                continue;
            }
            const std::uint32_t begin = x++;
            while (x < width && state[x] == kept && std::abs(shift[x] - shift[x - 1]) <= most_step) ++x;
            runs.push_back({begin, x, 0, x - begin});
        }
    }

    void join(std::size_t y) {
        const std::int16_t* const here = shift_ + y * size_.width;
        const std::int16_t* const above = here - size_.width;
        std::size_t i = first_[y - 1], j = first_[y];
        const std::size_t i_end = first_[y], j_end = first_[y + 1];
        while (i < i_end && j < j_end) {
            const std::uint32_t begin = std::max(runs_[i].begin, runs_[j].begin);
            const std::uint32_t end = std::min(runs_[i].end, runs_[j].end);
            for (std::uint32_t x = begin; x < end; ++x) {
                if (std::abs(here[x] - above[x]) > most_step) continue;
                unite(root(static_cast<std::uint32_t>(i)), root(static_cast<std::uint32_t>(j)));
                break;
            }
            if (runs_[i].end < runs_[j].end) {
                ++i;
            } else {
                ++j;
            }
        }
    }

    void unite(std::uint32_t a, std::uint32_t b) {
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
