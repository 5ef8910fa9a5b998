#include "estimate/stereo/fill.hpp"

#include <algorithm>
#include <climits>
#include <memory>
#include <vector>

#include "core/pool.hpp"
#include "estimate/stereo/checks.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 8;
constexpr std::ptrdiff_t reach = 12;  // px, up, down and along diagonals; along the row there is no limit

// What a candidate is charged.
constexpr int per_level_of_colour = 4;
constexpr int most_colour = 120;
constexpr int per_pixel_away = 2;
constexpr int most_pixels = 40;
constexpr int out_of_row = 100;
constexpr int in_front = 150;  // of what the right view saw there
constexpr int per_pixel_nearer = 3;  // than the farthest candidate
constexpr int most_nearer = 40;

struct Candidate {
    int shift;
    int charge;
};

class Filling {
public:
    Filling(const ColourPlanes& colour, const std::int16_t* right_shift, const std::uint8_t* state, PictureSize size,
            const std::int16_t* shift)
        : colour_(colour), right_shift_(right_shift), state_(state), size_(size), shift_(shift) {}

    // Returns whether every pixel of the row found a shift.
    bool row(std::size_t y, std::int16_t* out) const {
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
            Candidate found[8];
            int count = 0;
            if (left < size_.width) found[count++] = candidate(x, y, left, y, 0);
            if (right < size_.width) found[count++] = candidate(x, y, right, y, 0);
            for (int i = 0; i < 6; ++i) walk(x, y, i, found, count);
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
        const std::size_t at = from_y * size_.width + from_x;
        const int shift = shift_[at];
        const int difference = colour_.difference(y * colour_.stride + x, from_y * colour_.stride + from_x);
        charge += per_level_of_colour * std::min(difference, most_colour);
        const int whole = (shift + shift_unit / 2) / shift_unit;
        if (static_cast<std::size_t>(whole) <= x) {
            const int seen = right_shift_[y * size_.width + x - static_cast<std::size_t>(whole)];
            if (seen < whole - 1) charge += in_front;
        }
        return {shift, charge};
    }

    void walk(std::size_t x, std::size_t y, int direction, Candidate* found, int& count) const {
        static constexpr int step_x[6] = {0, 0, -1, 1, -1, 1};
        static constexpr int step_y[6] = {-1, 1, -1, -1, 1, 1};
        const auto width = static_cast<std::ptrdiff_t>(size_.width), height = static_cast<std::ptrdiff_t>(size_.height);
        auto at_x = static_cast<std::ptrdiff_t>(x), at_y = static_cast<std::ptrdiff_t>(y);
        for (std::ptrdiff_t steps = 1; steps <= reach; ++steps) {
            at_x += step_x[direction];
            at_y += step_y[direction];
            if (at_x < 0 || at_x >= width || at_y < 0 || at_y >= height) return;
            if (state_[at_y * width + at_x] != kept) continue;
            int away = per_pixel_away * static_cast<int>(std::min<std::ptrdiff_t>(steps, most_pixels));
            if (direction > 1) away = away * 3 / 2;
            found[count++] = candidate(x, y, static_cast<std::size_t>(at_x), static_cast<std::size_t>(at_y),
                                       out_of_row + away);
            return;
        }
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
    std::unique_ptr<std::int16_t[]> filled(new std::int16_t[count]);
    std::copy(shift, shift + count, filled.get());
    const Filling filling(colour, right_shift, state, size, shift);
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) whole[y] = filling.row(y, filled.get() + y * size.width);
    });
    std::copy(filled.get(), filled.get() + count, shift);
    if (std::find(whole.begin(), whole.end(), 0) != whole.end()) fill_from_rows(size, shift);
}

}  // namespace nearfar::estimate
