#include "estimate/pattern/refine.hpp"

#include <algorithm>
#include <array>
#include <cmath>

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

// The shifts of a tile's row, and the correlation at each; NaN and 0 where there is none, or no reference.
void settle(const Range& room, const Tile& tile, std::size_t y, Best& best, float* shifts, float* peaks) {
    const auto column = static_cast<std::int32_t>(static_cast<std::ptrdiff_t>(tile.left) + room.offset);
    rows().settle(best.row(y * tile.width), tile.width, static_cast<float>(room.least), column,
                  static_cast<float>(room.reference_width) - 0.5F, shifts, peaks);
}

// Marks the steps beside peaks at the end of what was tried. True if any were not marked before.
bool extend(const Tile& tile, Best& best, Steps& steps) {
    bool any = false;
    for (std::size_t y = 0; y < tile.height; ++y) {
        if (!rows().unsettled(best.row(y * tile.width), tile.width, worthwhile)) continue;
        for (std::size_t i = y * tile.width; i < (y + 1) * tile.width; ++i) {
            if (best.score[i] < worthwhile || (best.left[i] > absent && best.right[i] > absent)) continue;
            const auto step = static_cast<std::size_t>(best.step[i]);
            any = any || (step > 0 && steps[step - 1] == 0) || (step + 1 < steps.size() && steps[step + 1] == 0);
            mark(steps, best.step[i], 2);
        }
    }
    return any;
}

// Writes what the usual window found, and marks the steps around what is weak. True if anything is.
bool write(const Range& room, const Tile& tile, Best& best, float* shifts, float* peaks, Steps& steps) {
    Steps weakest(steps.size(), 0);
    bool any = false;
    for (std::size_t y = 0; y < tile.height; ++y) {
        const std::size_t at = (tile.top + y) * room.width + tile.left;
        settle(room, tile, y, best, shifts + at, peaks + at);
        for (std::size_t x = 0; x < tile.width; ++x) {
            if (peaks[at + x] >= weak || std::isnan(shifts[at + x])) continue;
            any = true;
            weakest[static_cast<std::size_t>(best.step[y * tile.width + x])] = 1;
        }
    }
    std::fill(steps.begin(), steps.end(), static_cast<unsigned char>(0));
    for (std::size_t step = 0; step < steps.size(); ++step) {
        if (weakest[step] != 0) mark(steps, static_cast<std::ptrdiff_t>(step), 2);
    }
    return any;
}

void widen(const Range& room, const Tile& tile, Best& best, float* shifts, float* peaks) {
    std::array<float, tile_width> wide_shifts;
    std::array<float, tile_width> wide_peaks;
    for (std::size_t y = 0; y < tile.height; ++y) {
        settle(room, tile, y, best, wide_shifts.data(), wide_peaks.data());
        for (std::size_t x = 0; x < tile.width; ++x) {
            const std::size_t at = (tile.top + y) * room.width + tile.left + x;
            if (std::isnan(shifts[at]) || peaks[at] >= weak) continue;
            const float score = best.score[y * tile.width + x];
            if (std::fabs(wide_shifts[x] - shifts[at]) <= 1.0F && score >= agreement * peaks[at]) {
                shifts[at] = wide_shifts[x];
                peaks[at] = wide_peaks[x];
            } else if (peaks[at] < doubtful) {
                peaks[at] = std::max(std::min(score, peaks[at]), 0.0F);
            }
        }
    }
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
            if (extend(tiles[i], best, steps)) correlator.climb(steps, best);
            if (!write(room, tiles[i], best, shifts, peaks, steps)) continue;
            correlator.look_at(tiles[i], true);
            correlator.climb(steps, best);
            widen(room, tiles[i], best, shifts, peaks);
        }
    });
}

}  // namespace nearfar::pattern
