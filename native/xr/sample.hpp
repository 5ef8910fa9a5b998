// Depth at points of a view.
#pragma once

#include <array>
#include <cstddef>

namespace nearfar::xr {

// From the view's 0..1 to the buffer's: column = across[0]·x + across[1]·y + across[2], row with down.
struct BufferFromView {
    std::array<double, 3> across, down;
};

// Metres of the entry under each of `count` points (x, y), 0..1: float32 of raw · scale.
template <class Raw>
void sample(const Raw* raw, std::size_t height, std::size_t width, const BufferFromView& place, double scale,
            const float* points, std::size_t count, float* out);

}  // namespace nearfar::xr
