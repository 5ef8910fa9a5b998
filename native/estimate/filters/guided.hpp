// Filters that look at a window around each pixel: two led by a picture, and a median. A hole is NaN.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::filters {

struct Shape {
    std::size_t height, width;  // both >= 1
};

// What linear models of the colour, fitted in each window of radius `radius` and averaged, say of each pixel; holes and
// infinities carry no weight, and pixels further than 2·radius from any value are NaN. `colors` is height × width × 3.
// Source: He, Sun, Tang, "Guided Image Filtering", ECCV 2010; `smoothness` is its epsilon, in squared 8-bit steps.
void guided_filter(const float* values, const std::uint8_t* colors, Shape shape, std::size_t radius, double smoothness,
                   float* out);

// The mean of the values around each pixel, weighted by nearness in place and in colour (sigmas of Gaussians, in
// pixels and 8-bit steps); holes and infinities carry no weight, and pixels without a value in reach are NaN. With
// `wanted`, a mask of the map's size, only those pixels are written for certain.
// Source: Petschnigg et al., "Digital Photography with Flash and No-Flash Image Pairs", SIGGRAPH 2004.
void joint_bilateral(const float* values, const std::uint8_t* colors, Shape shape, std::size_t radius,
                     double sigma_color, double sigma_space, float* out, const std::uint8_t* wanted = nullptr);

// The median of the values in a window of `size` (3 or 5) pixels; of two middles the smaller; NaN without any.
void median_filter(const float* values, Shape shape, std::size_t size, float* out);

}  // namespace nearfar::filters
