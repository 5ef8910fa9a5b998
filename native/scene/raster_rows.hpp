// Draws faces into a band of rows; compiled once per SIMD level (raster_rows.cpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::scene {

inline constexpr std::size_t band_rows = 32;
inline constexpr std::size_t batch_size = 64;

// Faces in the order in which they are drawn.
struct Batch {
    std::size_t count;
    // Of each corner its x·z, y·z and z, where x and y are pixels counted from the centre of pixel 0.
    alignas(64) double corner[3][3][batch_size];
    // Of those of the band, counted from its first, that the face may cover.
    std::int32_t first_row[batch_size], last_row[batch_size];
    std::int32_t face[batch_size];
};

// Rows of a picture from `top` on: per pixel one over the depth of the face that is nearest so far, and its number.
struct Band {
    std::int32_t top;
    std::size_t width;
    float* nearness;
    std::int32_t* face;
};

struct RasterRows {
    void (*draw)(const Batch& batch, const Band& band) noexcept;
};

namespace base {
extern const RasterRows raster_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const RasterRows raster_rows;
}
namespace v4 {
extern const RasterRows raster_rows;
}
inline const RasterRows& raster_rows() noexcept { return pick(base::raster_rows, v3::raster_rows, v4::raster_rows); }
#else
inline const RasterRows& raster_rows() noexcept { return base::raster_rows; }
#endif

}  // namespace nearfar::scene
