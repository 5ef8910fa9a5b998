// Correlation of the windows around all pixels of a tile with the reference, step by step.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "estimate/pattern/known.hpp"
#include "estimate/pattern/rows.hpp"

namespace nearfar::pattern {

using Scores = std::array<float, tile_width * tile_height>;

// The best step of each pixel of a tile, and the scores beside it.
struct Best {
    Scores score, left, right, before;
    std::array<std::int32_t, tile_width * tile_height> step;

    Peak row(std::size_t from) {
        return {score.data() + from, left.data() + from, right.data() + from, before.data() + from, step.data() + from};
    }
};

// Step k stands for the shift least + k/2 of the reference's room: even steps look at the reference, odd ones between
// its columns. Holds the scratch memory of one thread.
class Correlator {
public:
    Correlator(const Samples& image, const Known& known);

    // Goes to a tile, with windows of the usual size or wide ones.
    void look_at(const Tile& tile, bool wide);

    // Tries the marked steps and leaves in `best` what came of it.
    void climb(const Steps& steps, Best& best) const;

private:
    void attempt(std::size_t step, Best& best) const;

    const Samples& image_;
    const Known& known_;
    Tile tile_{};
    bool wide_ = false;
    Windows seen_;
};

}  // namespace nearfar::pattern
