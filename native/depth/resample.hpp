// A float map at another size, holes kept apart from values.
#pragma once

#include <cstddef>

namespace nearfar::depth {

enum class Resampling { linear, nearest };

struct Size {
    std::size_t height, width;  // both >= 1
};

// linear: along each axis the mean over the covered area when shrinking, linear interpolation between pixel centres
// (at +0.5, the edge pixel beyond the edge) when enlarging. NaN and −inf are holes and carry no weight. Where less
// than half of the weight has a value the result is a hole; where more of it is +inf than finite, it is +inf.
// nearest: the source pixel under the centre of the target pixel.
void resample(const float* values, Size from, float* out, Size to, Resampling method);

}  // namespace nearfar::depth
