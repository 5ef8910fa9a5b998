// The hot loops of the filters that look at a window around each pixel, compiled once per SIMD level (windows.cpp).
//
// A hole is NaN. Rows are padded: `radius` pixels on either side belong to the neighbourhood, holes beyond the map.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::filters {

// Pixels of a row that are worked on together.
inline constexpr std::size_t tile = 32;

// What the guided filter adds up: the number of values, the colour, its products, the value, its products with colour.
inline constexpr std::size_t moments = 16;
// And of the linear models that it fits: three slopes, an offset, their number.
inline constexpr std::size_t models = 8;

struct Kernel {
    std::size_t radius;
    const float* weights;  // (2·radius + 1)², row by row: how much a pixel counts by its place
    float color_scale;     // 1/(128·sigma²) of the squared distance of colours
};

// Four padded rows: of values and of the colour's channels.
struct GuidedRow {
    const float* values;
    const float* channels[3];
};

struct Windows {
    // One tile of the joint bilateral filter: `rows` are the 2·radius + 1 around it, `x` the tile's first pixel without
    // padding. A weight is (1 − d²·color_scale)^64, all but a Gaussian, times that of the place.
    void (*bilateral)(const GuidedRow* rows, std::size_t x, const Kernel& kernel, float* out) noexcept;

    // One tile of a median over `size` (3 or 5) rows and columns: of the values, of two middles the smaller.
    void (*median)(const float* const* rows, std::size_t x, std::size_t size, float* out) noexcept;

    // Adds a row times `sign` to the sums of each column.
    void (*add_moments)(const float* values, const std::uint8_t* colors, std::size_t width, double sign,
                        double* sums) noexcept;
    void (*add_models)(const float* fitted, std::size_t width, double sign, double* sums) noexcept;

    // A row of linear models value ≈ slopes·colour + offset (width × 4 floats), NaN in windows without a value; and a
    // row of what the models around a pixel say of its colour.
    void (*fit)(const double* sums, std::size_t width, std::size_t radius, double smoothness, float* fitted) noexcept;
    void (*predict)(const double* sums, const std::uint8_t* colors, std::size_t width, std::size_t radius,
                    float* out) noexcept;
};

namespace base {
extern const Windows windows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const Windows windows;
}
namespace v4 {
extern const Windows windows;
}
inline const Windows& windows() noexcept { return pick(base::windows, v3::windows, v4::windows); }
#else
inline const Windows& windows() noexcept { return base::windows; }
#endif

}  // namespace nearfar::filters
