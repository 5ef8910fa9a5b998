#include "estimate/pattern/refine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/pool.hpp"
#include "estimate/pattern/candidates.hpp"
#include "estimate/pattern/correlator.hpp"
#include "estimate/pattern/rows.hpp"

namespace nearfar::pattern {
namespace {

constexpr float worthwhile = 0.4F;  // at the end of what was tried, a peak as high as this asks for more
constexpr float weak = 0.85F;      // below this peak, noise is what limits the fraction
constexpr float agreement = 0.9F;  // the wide window's peak against the usual one's
constexpr float doubtful = 0.6F;   // chance reaches this, but not in a wide window as well
constexpr float nothing = std::numeric_limits<float>::quiet_NaN();

// The peak's place in pixels of shift, from a parabola; NaN where a neighbour is missing.
float place(const Range& room, const Best& best, std::size_t i) noexcept {
    if (!(best.left[i] > absent && best.right[i] > absent && best.score[i] > 0.0F)) return nothing;
    const float bend = best.left[i] + best.right[i] - 2.0F * best.score[i];
    const float aside = bend < 0.0F ? (best.left[i] - best.right[i]) / (2.0F * bend) : 0.0F;
    return static_cast<float>(room.least) + 0.5F * (static_cast<float>(best.step[i]) + aside);
}

// Whether the reference has the column that lies under a picture column at a shift.
bool reaches(const Range& room, std::size_t x, float shift) noexcept {
    const float column = static_cast<float>(static_cast<std::ptrdiff_t>(x) + room.offset) - shift;
    return column >= -0.5F && column <= static_cast<float>(room.reference_width) - 0.5F;
}

// Calls work(index in the tile, index in the picture, column) for every pixel of a tile.
template <class Work>
void each(const Range& room, const Tile& tile, const Work& work) {
    for (std::size_t y = 0; y < tile.height; ++y) {
        for (std::size_t x = 0; x < tile.width; ++x) {
            work(y * tile.width + x, (tile.top + y) * room.width + tile.left + x, tile.left + x);
        }
    }
}

// Marks the steps beside peaks at the end of what was tried. True if any were not marked before.
bool extend(const Range& room, const Tile& tile, const Best& best, Steps& steps) {
    bool any = false;
    each(room, tile, [&](std::size_t i, std::size_t, std::size_t) {
        if (best.score[i] < worthwhile || (best.left[i] > absent && best.right[i] > absent)) return;
        const auto step = static_cast<std::size_t>(best.step[i]);
        any = any || (step > 0 && steps[step - 1] == 0) || (step + 1 < steps.size() && steps[step + 1] == 0);
        mark(steps, best.step[i], 2);
    });
    return any;
}

// Writes what the usual window found, and marks the steps around what is weak. True if anything is.
bool write(const Range& room, const Tile& tile, const Best& best, float* shifts, float* peaks, Steps& steps) {
    bool any = false;
    std::fill(steps.begin(), steps.end(), static_cast<unsigned char>(0));
    each(room, tile, [&](std::size_t i, std::size_t at, std::size_t x) {
        const float shift = place(room, best, i);
        const bool known = reaches(room, x, shift);
        shifts[at] = known ? shift : nothing;
        peaks[at] = known ? std::min(best.score[i], 1.0F) : 0.0F;
        if (known && peaks[at] < weak) {
            any = true;
            mark(steps, best.step[i], 2);
        }
    });
    return any;
}

void widen(const Range& room, const Tile& tile, const Best& best, float* shifts, float* peaks) {
    each(room, tile, [&](std::size_t i, std::size_t at, std::size_t x) {
        if (std::isnan(shifts[at]) || peaks[at] >= weak) return;
        const float shift = place(room, best, i);
        const bool agrees = std::fabs(shift - shifts[at]) <= 1.0F && best.score[i] >= agreement * peaks[at];
        if (agrees && reaches(room, x, shift)) {
            shifts[at] = shift;
            peaks[at] = std::min(best.score[i], 1.0F);
        } else if (peaks[at] < doubtful) {
            peaks[at] = std::max(std::min(best.score[i], peaks[at]), 0.0F);
        }
    });
}

}  // namespace

void refine(const std::int16_t* picture, const Known& known, const std::uint16_t* found, float* shifts, float* peaks) {
    const Range& room = known.room;
    const Samples image =
        lay_image<std::int16_t>(picture, room, margin, 0, [](std::int16_t level) { return level; });
    const std::vector<Tile> tiles = cut(room.height, room.width);
    parallel_for(tiles.size(), 2, [&](std::size_t begin, std::size_t end) {
        Correlator correlator(image, known);
        Best best;
        for (std::size_t i = begin; i < end; ++i) {
            Steps steps = spoken_for(room, tiles[i], found);
            correlator.look_at(tiles[i], false);
            correlator.climb(steps, best);
            if (extend(room, tiles[i], best, steps)) correlator.climb(steps, best);
            if (!write(room, tiles[i], best, shifts, peaks, steps)) continue;
            correlator.look_at(tiles[i], true);
            correlator.climb(steps, best);
            widen(room, tiles[i], best, shifts, peaks);
        }
    });
}

}  // namespace nearfar::pattern
