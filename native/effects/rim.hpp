// The outermost line of a picture's pixels at a smaller scale: what goes on beyond the border.
//
//         ┌ top ┐            A cell beyond the border is as the pixels of the border beside it, not as the cells there,
//      left     right        which are means that reach into the picture.
//         └ bottom ┘
#pragma once

#include <vector>

#include "effects/grids.hpp"

namespace nearfar::effects {

class Rim {
public:
    Rim() = default;
    // Of a picture of `width` × `height` pixels in cells of 2^level.
    Rim(Index width, Index height, int level, Index planes);

    // Adds the border pixels of the 64×64 tile at (x0, y0), of which `mask` says how much each counts; no `light`: the
    // mask itself. No two threads may add the same tile.
    void add(Index x0, Index y0, Index plane, const float* light, const float* mask);
    // Adds a value to one pixel, if it is on the border.
    void add_pixel(Index x, Index y, Index plane, float value);

    // Sets what is beyond the picture in each plane of the window.
    void extend(const Window& window, float* values) const;

private:
    // Where the cells of one side begin.
    Index line(Index plane, bool vertical, bool last) const;
    // What one of the pixels that share a cell counts.
    float share(Index pixel, Index length) const;

    Index width_ = 0, height_ = 0, across_ = 0, down_ = 0, planes_ = 0;
    int level_ = 0;
    std::vector<float> values_;  // of each plane: top, bottom, left, right
};

}  // namespace nearfar::effects
