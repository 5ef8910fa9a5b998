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

// A disc, or a polygon of `blades` sides whose corners lie on it, the first on top. Its sides are straight or bent up
// to the disc. Towards the picture's corners a second disc of the same size, shifted towards the centre by up to
// `cats_eye` radii, cuts off the outer side: the rim of the lens.
struct Aperture {
    int blades = 0;         // 0: a disc
    double rotation = 0.0;  // radians, clockwise
    double curvature = 0.0;
    double cats_eye = 0.0;
};

struct Spread {
    bool identity = true;  // a point stays a point
    Index reach = 0;       // no pixel farther away each way is touched
    std::vector<Column> columns;
    float scale = 1.0F;
    std::vector<Tap> taps;  // instead of columns
};

// Where in the picture, not beyond it: (0, 0) is its centre, and its corners lie at a distance of 1.
struct Place {
    double x = 0.0, y = 0.0;
};

// The variance of an aperture of radius 1, the mean of both ways.
double variance_of(const Aperture& aperture);

// The aperture with a radius of `radius` px; in front of the focus it stands on its head.
Spread make_spread(const Aperture& aperture, double radius, bool near, Place place = {});

// One plane of a tile; `sums` is scratch of (rows + 1) · stride floats.
void spread(const Spread& shape, const float* from, const TileShape& tile, float* sums, float* out);

// The same with a shape that changes across the tile. It is given at the corners of blocks of 16×16 pixels, row by row;
// in a block those at its four corners are mixed, so that blocks and tiles meet without a seam.
constexpr Index varying_block = 16;
void spread_varying(const std::vector<Spread>& corners, const float* from, const TileShape& tile, float* sums,
                    float* out);

}  // namespace nearfar::effects
