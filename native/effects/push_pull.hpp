// Gaps of a picture filled from what is around them, level by level.
//
//     finest ─▶ 1/2 ─▶ 1/4 … ─▶ a few cells        push: what is known, shrunk, each cell by its weight
//        │       │      │           │
//        ▼       ▼      ▼           ▼              pull: each level's gaps are filled from the coarser one
//     filled ◀─ filled ◀─ filled ◀─ known
#pragma once

#include <vector>

#include "core/large_block.hpp"
#include "effects/grids.hpp"

namespace nearfar::effects {

struct PushPull {
    struct Level {
        Index width, height;
        LargeBlock<float> planes;  // light times weight, weight; light once it is filled
        float* plane(Index p) const { return planes.get() + p * width * height; }
    };
    std::vector<Level> levels;

    // Makes room: the first level is half as large as a picture of `width` × `height`.
    void shape(Index width, Index height);

    // Makes the levels from `first` on of those before them.
    void push(std::size_t first) const;

    // Fills the levels from the coarsest down to `last`.
    void pull(std::size_t last) const;
};

// The square of `side` values at (x0, y0), even, side up to 64, of the enlargement of a plane.
void enlarge_plane(const float* plane, Index width, Index height, Index x0, Index y0, float* out);

}  // namespace nearfar::effects
