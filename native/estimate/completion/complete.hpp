// A few points at the size of a picture: every pixel picks the surface that it belongs to.
//
//      each point gets a plane:            each pixel lets its 12 nearest points vote, weighted by distance, by colour,
//      the one through it that most  ──▶   and by the worst colour on the straight way there (an edge between them
//      points near and alike agree on      counts against a point); planes that agree at the pixel vote together,
//                                          and the result is the mean of the winners
//
// Votes and not means: a mean of two surfaces lies on neither.
#pragma once

#include <cstddef>

namespace nearfar::completion {

struct Points {
    const double* x;  // in pixels of the picture, pixel (0, 0) covering 0..1
    const double* y;
    const double* values;  // of what is linear along a surface; finite
    std::size_t count;     // >= 1
};

struct Picture {
    const float* colours;  // height·width·3, in 0..255
    std::size_t height, width;
};

// `threshold`: by how much two planes may differ at a pixel and still agree.
// values and confidence (0..1): height·width.
void complete(const Picture& picture, const Points& points, double threshold, double* values, float* confidence);

}  // namespace nearfar::completion
