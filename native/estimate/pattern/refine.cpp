#include "estimate/pattern/refine.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "core/pool.hpp"
#include "estimate/pattern/candidates.hpp"
#include "estimate/pattern/rows.hpp"
#include "estimate/pattern/windows.hpp"

namespace nearfar::pattern {
namespace {

using Samples = Plane<std::int16_t>;

constexpr std::size_t margin = wide_window / 2 + 4;  // the window's half, and the half of the filter's taps
constexpr float absent = -2.0F;                      // below any correlation
constexpr float weak = 0.85F;
constexpr float agreement = 0.9F;  // the wide window's peak against the usual one's
constexpr float doubtful = 0.6F;   // chance reaches this, but not in a wide window as well

struct Best {
    std::array<float, tile_width * tile_height> score, left, right, before;
    std::array<std::int32_t, tile_width * tile_height> step;
};

// The reference half a pixel to the left: a windowed sinc of eight taps, exact for what the lens has not blurred away.
Samples between(const Samples& reference, std::size_t height, std::size_t width) {
    Samples halves(height, width, margin, 0);
    constexpr std::array<int, 4> taps{625, -150, 40, -3};
    const std::ptrdiff_t end = static_cast<std::ptrdiff_t>(width + margin) - 3;
    parallel_for(height, 32, [&](std::size_t first, std::size_t last) {
        for (std::size_t y = first; y < last; ++y) {
            const std::int16_t* from = reference.at(0, y);
            std::int16_t* to = halves.at(0, y);
            for (std::ptrdiff_t x = 4 - static_cast<std::ptrdiff_t>(margin); x < end; ++x) {
                const int sum = taps[0] * (from[x - 1] + from[x]) + taps[1] * (from[x - 2] + from[x + 1]) +
                                taps[2] * (from[x - 3] + from[x + 2]) + taps[3] * (from[x - 4] + from[x + 3]);
                to[x] = static_cast<std::int16_t>((sum + 512) >> 10);
            }
        }
    });
    return halves;
}

// Both pictures and their windows, at whole pixels and between them. Step k stands for the shift least + k/2.
class Correlator {
public:
    Correlator(const Pair& pair, const Samples& image, const Samples& whole, const Samples& half, std::size_t window)
        : image_(image),
          planes_{&whole, &half},
          span_(static_cast<std::size_t>(pair.most - pair.least)),
          window_(window),
          seen_(weigh_image(image, pair.height, pair.width, window)),
          known_{weigh_reference(whole, pair.height, pair.width + span_, window),
                 weigh_reference(half, pair.height, pair.width + span_, window)} {}

    void clear(Best& best) const noexcept {
        for (auto* scores : {&best.score, &best.left, &best.right, &best.before}) scores->fill(absent);
        best.step.fill(-2);
    }

    // Tries one step on all pixels of the tile. Steps come in rising order; `fresh` after a gap.
    void attempt(const Tile& tile, std::size_t step, bool fresh, Best& best) const noexcept {
        const Rows& level = rows();
        const Samples& plane = *planes_[step % 2];
        const Windows& known = known_[step % 2];
        const std::size_t moved = tile.left + span_ - step / 2;
        const std::size_t reach = window_ / 2;
        std::array<std::int32_t, tile_width * tile_height> sums;
        level.correlate(image_.at(tile.left, tile.top) - reach * image_.stride - reach, image_.stride,
                        plane.at(moved, tile.top) - reach * plane.stride - reach, plane.stride, tile.width, tile.height,
                        window_, sums.data());
        if (fresh) best.before.fill(absent);
        for (std::size_t y = 0; y < tile.height; ++y) {
            const std::size_t here = y * tile.width;
            const std::size_t in_image = (tile.top + y) * seen_.width + tile.left;
            const std::size_t in_reference = (tile.top + y) * known.width + moved;
            level.climb(sums.data() + here, seen_.means.data() + in_image, seen_.scales.data() + in_image,
                        known.means.data() + in_reference, known.scales.data() + in_reference, tile.width,
                        static_cast<std::int32_t>(step),
                        {best.score.data() + here, best.left.data() + here, best.right.data() + here,
                         best.before.data() + here, best.step.data() + here});
        }
    }

    void attempt_all(const Tile& tile, const std::vector<bool>& steps, Best& best) const {
        clear(best);
        bool gap = true;
        for (std::size_t step = 0; step < steps.size(); ++step) {
            if (steps[step]) attempt(tile, step, gap, best);
            gap = !steps[step];
        }
    }

private:
    const Samples& image_;
    std::array<const Samples*, 2> planes_;
    std::size_t span_;
    std::size_t window_;
    Windows seen_;
    std::array<Windows, 2> known_;
};

// The peak's place in steps, from a parabola; NaN where a neighbour is missing.
float place(const Best& best, std::size_t i) noexcept {
    if (!(best.left[i] > absent && best.right[i] > absent && best.score[i] > 0.0F)) {
        return std::numeric_limits<float>::quiet_NaN();
    }
    const float bend = best.left[i] + best.right[i] - 2.0F * best.score[i];
    const float aside = bend < 0.0F ? (best.left[i] - best.right[i]) / (2.0F * bend) : 0.0F;
    return static_cast<float>(best.step[i]) + aside;
}

// Whether the reference has the column that lies under a picture column at a shift.
bool reaches(const Pair& pair, std::size_t x, float shift) noexcept {
    const float column = static_cast<float>(static_cast<std::ptrdiff_t>(x) + pair.offset) - shift;
    return column >= -0.5F && column <= static_cast<float>(pair.reference_width) - 0.5F;
}

void write(const Pair& pair, const Tile& tile, const Best& best, float* shifts, float* peaks) noexcept {
    for (std::size_t y = 0; y < tile.height; ++y) {
        for (std::size_t x = 0; x < tile.width; ++x) {
            const std::size_t target = (tile.top + y) * pair.width + tile.left + x;
            const std::size_t i = y * tile.width + x;
            const float shift = static_cast<float>(pair.least) + 0.5F * place(best, i);
            const bool known = reaches(pair, tile.left + x, shift);
            shifts[target] = known ? shift : std::numeric_limits<float>::quiet_NaN();
            peaks[target] = known ? std::min(best.score[i], 1.0F) : 0.0F;
        }
    }
}

// The steps around what the weak pixels of a tile have found; empty when there are none.
std::vector<bool> weak_steps(const Pair& pair, const Tile& tile, const float* shifts, const float* peaks) {
    std::vector<bool> steps;
    const std::size_t count = 2 * static_cast<std::size_t>(pair.most - pair.least) + 1;
    for (std::size_t y = 0; y < tile.height; ++y) {
        for (std::size_t x = 0; x < tile.width; ++x) {
            const std::size_t at = (tile.top + y) * pair.width + tile.left + x;
            if (std::isnan(shifts[at]) || peaks[at] >= weak) continue;
            steps.resize(count, false);
            mark_steps(steps, std::lround(2.0F * (shifts[at] - static_cast<float>(pair.least))), 2);
        }
    }
    return steps;
}

void widen(const Pair& pair, const Tile& tile, const Best& best, float* shifts, float* peaks) noexcept {
    for (std::size_t y = 0; y < tile.height; ++y) {
        for (std::size_t x = 0; x < tile.width; ++x) {
            const std::size_t at = (tile.top + y) * pair.width + tile.left + x;
            const std::size_t i = y * tile.width + x;
            if (std::isnan(shifts[at]) || peaks[at] >= weak) continue;
            const float shift = static_cast<float>(pair.least) + 0.5F * place(best, i);
            const bool agrees = std::fabs(shift - shifts[at]) <= 1.0F && best.score[i] >= agreement * peaks[at];
            if (agrees && reaches(pair, tile.left + x, shift)) {
                shifts[at] = shift;
                peaks[at] = std::min(best.score[i], 1.0F);
            } else if (peaks[at] < doubtful) {
                peaks[at] = std::max(std::min(best.score[i], peaks[at]), 0.0F);
            }
        }
    }
}

}  // namespace

void refine(const Pair& pair, const std::uint16_t* found, float* shifts, float* peaks) {
    const Pair room{pair.image, pair.reference, pair.height, pair.width, pair.reference_width, pair.offset,
                    pair.least - 2, pair.most + 2};  // so that the ends of the range have neighbours
    const auto as_is = [](std::int16_t level) { return level; };
    const Samples image = lay_image<std::int16_t>(room, margin, 0, as_is);
    const Samples whole = lay_reference<std::int16_t>(room, margin, 0, as_is);
    const Samples half = between(whole, room.height, room.width + static_cast<std::size_t>(room.most - room.least));
    const std::vector<Tile> tiles = cut(pair.height, pair.width);
    const Correlator usual(room, image, whole, half, usual_window);
    std::vector<unsigned char> is_weak(tiles.size(), 0);
    parallel_for(tiles.size(), 2, [&](std::size_t begin, std::size_t end) {
        Best best;
        for (std::size_t i = begin; i < end; ++i) {
            usual.attempt_all(tiles[i], spoken_for(room, tiles[i], found, 2), best);
            write(room, tiles[i], best, shifts, peaks);
            is_weak[i] = !weak_steps(room, tiles[i], shifts, peaks).empty();
        }
    });
    if (std::find(is_weak.begin(), is_weak.end(), 1) == is_weak.end()) return;
    const Correlator wide(room, image, whole, half, wide_window);
    parallel_for(tiles.size(), 2, [&](std::size_t begin, std::size_t end) {
        Best best;
        for (std::size_t i = begin; i < end; ++i) {
            if (is_weak[i] == 0) continue;
            wide.attempt_all(tiles[i], weak_steps(room, tiles[i], shifts, peaks), best);
            widen(room, tiles[i], best, shifts, peaks);
        }
    });
}

}  // namespace nearfar::pattern
