// The shape of the aperture at the size of a layer's blur: what one point of light is spread to.
//
//       ___
//      /|||\      A large shape is a row of columns, each a run of whole pixels between two shares; a small one a list
//     | ||| |     of pixels, each with the share that it covers. Either adds up to 1.
//      \|||/
#pragma once

#include <vector>

#include "effects/spread_rows.hpp"

namespace nearfar::effects {

struct Spread {
    bool identity = true;  // a point stays a point
    Index reach = 0;       // no pixel farther away each way is touched
    std::vector<Column> columns;
    float scale = 1.0F;
    std::vector<Tap> taps;  // instead of columns
};

// A disc whose radius is shrunk so that its variance, radius²/4 each way, and `variance` make that of a disc of `radius`.
Spread make_disc(float radius, double variance);

// One plane of a tile; `sums` is scratch of (rows + 1) · stride floats.
void spread(const Spread& shape, const float* from, const TileShape& tile, float* sums, float* out);

}  // namespace nearfar::effects
