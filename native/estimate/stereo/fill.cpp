#include "estimate/stereo/fill.hpp"

#include <algorithm>
#include <climits>
#include <memory>
#include <vector>

#include "core/large_block.hpp"
#include "core/pool.hpp"
#include "estimate/stereo/checks.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 32;
constexpr int reach = 12;  // px up and down; along the row there is no limit

// What a candidate is charged.
constexpr int per_level_of_colour = 4;
constexpr int most_colour = 120;
constexpr int per_pixel_away = 2;
constexpr int out_of_row = 100;
constexpr int in_front = 150;  // of what the right view saw there
constexpr int per_pixel_nearer = 3;  // than the farthest candidate
constexpr int most_nearer = 40;

struct Candidate {
    int shift;
    int charge;
};

// Directions out of the row: up and down.
constexpr std::size_t directions = 2;
constexpr int step_y[directions] = {-1, 1};

// For each pixel of some rows, how many steps it is to a kept pixel in each direction; more than `reach`: none is near.
class Steps {
public:
    Steps(const std::uint8_t* state, PictureSize size, std::size_t begin, std::size_t end)
        : width_(size.width), begin_(begin), counts_(directions * (end - begin) * size.width) {
        const auto halo = static_cast<std::size_t>(reach);
        std::vector<std::uint8_t> rows(2 * width_);
        for (std::size_t direction = 0; direction < directions; ++direction) {
            std::fill(rows.begin(), rows.end(), far);
            const bool up = step_y[direction] < 0;
            const std::size_t first = up ? begin - std::min(begin, halo) : std::min(end + halo, size.height);
            const std::size_t last = up ? end : begin;
            std::uint8_t *before = rows.data(), *here = before + width_;
            for (std::size_t y = first; y != last;) {
                if (!up) --y;
                count(state + y * width_, before, here);
                if (y >= begin && y < end) std::copy(here, here + width_, at(direction, y));
                std::swap(before, here);
                if (up) ++y;
            }
        }
    }

    int of(std::size_t direction, std::size_t y, std::size_t x) const noexcept {
        return counts_[(direction * (counts_.size() / directions)) + (y - begin_) * width_ + x];
    }

private:
    static constexpr std::uint8_t far = 200;

    std::uint8_t* at(std::size_t direction, std::size_t y) noexcept {
        return counts_.data() + direction * (counts_.size() / directions) + (y - begin_) * width_;
    }

    void count(const std::uint8_t* state, const std::uint8_t* before, std::uint8_t* here) const noexcept {
        for (std::size_t x = 0; x < width_; ++x) {
            const int more = std::min(before[x] + 1, int{far});
            here[x] = static_cast<std::uint8_t>(state[x] == kept ? 0 : more);
        }
    }

    std::size_t width_, begin_;
    std::vector<std::uint8_t> counts_;
};

class Filling {
public:
    Filling(const ColourPlanes& colour, const std::int16_t* right_shift, const std::uint8_t* state, PictureSize size,
            const std::int16_t* shift)
        : colour_(colour), right_shift_(right_shift), state_(state), size_(size), shift_(shift) {}

    // Returns whether every pixel of the row found a shift.
    bool row(std::size_t y, const Steps& steps, std::int16_t* out) const {
        const std::uint8_t* const state = state_ + y * size_.width;
        std::size_t left = size_.width, right = 0;  // the nearest kept pixels of the row; width: none
        bool whole = true;
        for (std::size_t x = 0; x < size_.width; ++x) {
            if (state[x] == kept) {
                left = x;
                continue;
            }
            if (right <= x) {
                right = x + 1;
                while (right < size_.width && state[right] != kept) ++right;
            }
            Candidate found[2 + directions];
            int count = 0;
            if (left < size_.width) found[count++] = candidate(x, y, left, y, 0);
            if (right < size_.width) found[count++] = candidate(x, y, right, y, 0);
            for (std::size_t direction = 0; direction < directions; ++direction) {
                const int away = steps.of(direction, y, x);
                if (away > reach) continue;
                const auto from = static_cast<std::ptrdiff_t>(y) + step_y[direction] * away;
                found[count++] = candidate(x, y, x, static_cast<std::size_t>(from), out_of_row + per_pixel_away * away);
            }
            if (count == 0) {
                whole = false;
                out[x] = -1;
                continue;
            }
            out[x] = best(found, count);
        }
        return whole;
    }

private:
    Candidate candidate(std::size_t x, std::size_t y, std::size_t from_x, std::size_t from_y, int charge) const {
        const int shift = shift_[from_y * size_.width + from_x];
        const int difference = colour_.difference(y * colour_.stride + x, from_y * colour_.stride + from_x);
        charge += per_level_of_colour * std::min(difference, most_colour);
        const int whole = (shift + shift_unit / 2) / shift_unit;
        if (static_cast<std::size_t>(whole) <= x) {
            const int seen = right_shift_[y * size_.width + x - static_cast<std::size_t>(whole)];
            if (seen < whole - 1) charge += in_front;
        }
        return {shift, charge};
    }

    static std::int16_t best(const Candidate* found, int count) {
        int farthest = INT_MAX;
        for (int i = 0; i < count; ++i) farthest = std::min(farthest, found[i].shift);
        int least = INT_MAX, shift = 0;
        for (int i = 0; i < count; ++i) {
            const int nearer = std::min((found[i].shift - farthest) / shift_unit, most_nearer);
            const int charge = found[i].charge + per_pixel_nearer * nearer;
            if (charge < least) {
                least = charge;
                shift = found[i].shift;
            }
        }
        return static_cast<std::int16_t>(shift);
    }

    const ColourPlanes& colour_;
    const std::int16_t* right_shift_;
    const std::uint8_t* state_;
    PictureSize size_;
    const std::int16_t* shift_;
};

// Pixels that saw nothing kept take the row above's, then the row below's.
void fill_from_rows(PictureSize size, std::int16_t* shift) {
    const std::size_t count = size.height * size.width;
    for (std::size_t i = size.width; i < count; ++i) {
        if (shift[i] < 0) shift[i] = shift[i - size.width];
    }
    for (std::size_t i = count - std::min(count, size.width); i-- > 0;) {
        if (shift[i] < 0) shift[i] = shift[i + size.width];
    }
}

}  // namespace

void fill_shifts(const ColourPlanes& colour, const std::int16_t* right_shift, const std::uint8_t* state,
                 PictureSize size, std::int16_t* shift) {
    const std::size_t count = size.height * size.width;
    if (std::find(state, state + count, std::uint8_t{kept}) == state + count) return;
    std::vector<std::uint8_t> whole(size.height);
    const LargeBlock<std::int16_t> filled = large_block<std::int16_t>(count);
    std::copy(shift, shift + count, filled.get());
    const Filling filling(colour, right_shift, state, size, shift);
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        const Steps steps(state, size, begin, end);
        for (std::size_t y = begin; y < end; ++y) whole[y] = filling.row(y, steps, filled.get() + y * size.width);
    });
    std::copy(filled.get(), filled.get() + count, shift);
    if (std::find(whole.begin(), whole.end(), 0) != whole.end()) fill_from_rows(size, shift);
}

}  // namespace nearfar::estimate
