// Edges of a measured map, moved to where its picture has them: matching leaves them off by a few samples.
//
//      map       near near near│far      Around an edge each sample asks those of its own colour which side they are on:
//      picture   blue blue│green green   joint bilateral votes. Where they say another side than its own it takes that
//      settled   near near│far  far      side's value, as a hole there would be filled.
#pragma once

#include <cstdint>

#include "effects/within.hpp"

namespace nearfar::effects {

// `picture`: interleaved red, green and blue at the size of the map. What is near no edge stays as it is, and all values
// of `out` stand in the map.
void settle_edges(const MapOf& map, const std::uint8_t* picture, float* out);

}  // namespace nearfar::effects
