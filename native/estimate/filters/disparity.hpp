// 16-bit depth as float disparity and back, as librealsense has them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::filters {

// Depth in its own units as disparity, factor / depth, and back, rounded half up. 0 stays 0.
void disparity_of(const std::uint16_t* depth, std::size_t count, float factor, float* out);
void depth_of(const float* disparity, std::size_t count, float factor, std::uint16_t* out);

}  // namespace nearfar::filters
