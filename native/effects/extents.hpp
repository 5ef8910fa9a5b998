// The least and the largest disparity of each 64×64 tile: what is needed to plan layers, and to see which tiles lie in
// one layer or hold no borders.
#pragma once

#include <vector>

#include "effects/tile_rows.hpp"

namespace nearfar::effects {

struct Extent {
    float least, most;
};

class Extents {
public:
    // Throws std::invalid_argument if a NaN is in `disparity`.
    Extents(const float* disparity, Index width, Index height);

    Extent all() const { return within(0, 0, across_ - 1, down_ - 1); }
    Extent of(Index column, Index row) const { return tiles_[static_cast<std::size_t>(row * across_ + column)]; }
    // Of a tile and the eight beside it.
    Extent around(Index column, Index row) const;

private:
    Extent within(Index left, Index top, Index right, Index bottom) const;

    Index across_, down_;
    std::vector<Extent> tiles_;
};

// Whether a NaN is among the values.
bool any_hole(const float* values, Index count);

}  // namespace nearfar::effects
