// The least and the largest value within reach of each: of the square of 2·reach + 1 samples around it that lies inside
// the map.
#pragma once

#include "effects/grids.hpp"

namespace nearfar::effects {

// Finite values, row by row.
struct MapOf {
    const float* values;
    Index width, height;  // at least 1
};

void least_within(const MapOf& map, Index reach, float* out);
void largest_within(const MapOf& map, Index reach, float* out);

}  // namespace nearfar::effects
