// Correlation of the windows around all pixels of a tile with the reference, step by step.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "estimate/pattern/candidates.hpp"
#include "estimate/pattern/planes.hpp"

namespace nearfar::pattern {

using Samples = Plane<std::int16_t>;
using Scores = std::array<float, tile_width * tile_height>;

constexpr std::size_t margin = 16;     // half of the wide window, and half of the filter's taps
constexpr float absent = -2.0F;        // below any correlation

// The best step of each pixel of a tile, and the scores beside it.
struct Best {
    Scores score, left, right, before;
    std::array<std::int32_t, tile_width * tile_height> step;
};

// The reference half a pixel to the left: a windowed sinc of eight taps, exact for what the lens has not blurred away.
Samples between(const Samples& reference);

// Step k stands for the shift least + k/2: even steps look at the reference, odd ones between its columns. Holds the
// scratch memory of one thread.
class Correlator {
public:
    Correlator(const Samples& image, const Samples& whole, const Samples& half);

    // Tries the marked steps with windows of the given size and leaves in `best` what came of it.
    void climb(const Tile& tile, const Steps& steps, std::size_t window, Best& best);

private:
    // What a correlation needs to know of the windows around a stretch of columns.
    struct Windows {
        std::size_t stride = 0;
        std::vector<float> sums;    // of the picture, divided by the window's area
        std::vector<float> scales;  // 1/√(the variation), 0 where there is none
    };

    void weigh(const Samples& plane, const Tile& tile, std::size_t window, bool is_image, Windows& windows);
    void climb_run(const Tile& tile, std::size_t first, std::size_t end, std::size_t window, Best& best);
    void attempt(const Tile& tile, std::size_t step, std::size_t leftmost, std::size_t window, Best& best) const;

    const Samples& image_;
    std::array<const Samples*, 2> planes_;
    std::size_t span_;
    Windows seen_;
    std::array<Windows, 2> known_;
};

}  // namespace nearfar::pattern
