// A small map at the size of its picture: samples are picked, never averaged across an edge.
//
//      samples  o   o │ x   x      a pixel looks at the 4×4 samples around it; those on one surface vote together, each
//                  p  │            by how near it is and how like in colour; the plane through the winning surface's
//      o   o   o   o │ x          samples gives the value. Where all lie on one surface: linear interpolation.
//
// Votes: Kopf et al., Joint bilateral upsampling, SIGGRAPH 2007, with a choice in place of the mean.
#pragma once

#include "estimate/completion/guide.hpp"

namespace nearfar::completion {

struct Map {
    const float* values;      // grid.down.count·grid.across.count; NaN is a hole
    const float* confidence;  // of the same size, or null
    const float* colours;     // three times that size: sample_guide's
    bool depth;               // values are reciprocals of what is linear along a surface
};

// `threshold`, in the unit of disparity where `depth`: what is a jump between neighbouring samples.
// A pixel is a hole where its four nearest samples are. confidence: as out, or null with the map's.
void upsample(const Guide& guide, const Grid& grid, const Map& map, double threshold, float* out, float* confidence);

}  // namespace nearfar::completion
