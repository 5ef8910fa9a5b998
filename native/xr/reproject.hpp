// A depth buffer as another camera sees it.
#pragma once

#include <array>
#include <cstddef>

namespace nearfar::xr {

// Takes a sample's place and metres to the other camera: (x·D, y·D, D) = d · A · (u, v, 1) + b, pixels and metres.
struct Motion {
    std::array<double, 9> a;  // row by row
    std::array<double, 3> b;
};

struct BufferSize {
    std::size_t height, width;
};

// The definition is the docstring of nearfar.xr.reprojection; the twin in tests/reference and the one of the browser
// runtime are equal to it bit by bit. `metres`: what is not in [1e-9, 1e9] is a hole. `out`: 1 / metres, 0 where
// nothing is seen.
void reproject(const double* metres, BufferSize size, const Motion& motion, double* out);

}  // namespace nearfar::xr
