// The lesser loops of lens blur, compiled once per SIMD level (tile_rows.cpp): sorting, masking, shrinking, enlarging
// and laying over one another the planes of tiles. Counts are multiples of 16.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"
#include "effects/circle.hpp"

namespace nearfar::effects {

using Index = std::ptrdiff_t;

struct TileRows {
    // Of any width; false if a value is NaN.
    bool (*extremes)(const float* values, Index rows, Index width, Index stride, float* least, float* most) noexcept;

    // ids = table[bin_of(circle)]; up to 64.
    void (*sort)(const float* disparity, Index count, Focus focus, const std::uint8_t* table,
                 std::uint8_t* ids) noexcept;

    // The circles of confusion; any count.
    void (*circles)(const float* disparity, Index count, Focus focus, float* out) noexcept;
    // How much the circles of a row bend, the most of four directions; whether any bends by `least`. Rows lie `stride` apart.
    bool (*bends)(const float* circles, Index stride, Index count, float least, float* out) noexcept;

    // mask = 1 where ids == id.
    void (*mask_equal)(const std::int32_t* ids, std::int32_t id, Index count, float* mask) noexcept;
    // mask = 1 where id < ids < end.
    void (*mask_between)(const std::int32_t* ids, std::int32_t id, std::int32_t end, Index count,
                         float* mask) noexcept;
    // Three planes and a mask: out = the planes times the mask, then the mask; known += mask.
    void (*select)(const float* light, const float* mask, Index plane, Index count, float* out, float* known) noexcept;

    // 64×64 values → (64/scale)² means, 2 <= scale <= 32; the first times the mask unless that is null.
    void (*shrink)(const float* values, const float* mask, Index scale, float* out, Index stride) noexcept;
    // (side/2 + 2)² values → side × side, bilinear; the window begins one value before the tile.
    void (*enlarge)(const float* window, Index stride, Index side, float* out) noexcept;

    float (*least)(const float* values, Index rows, Index width, Index stride) noexcept;

    // A blurred layer over what is behind it; five planes of layer: light, coverage, known share. With a null `known`
    // everything is known. Where less than `trust` is known the layer fades out.
    void (*lay_over)(const float* layer, const float* known, float trust, Index plane, float* below) noexcept;
    // What is nearer and finished, four planes, over what is behind it.
    void (*cover)(const float* above, Index plane, float* below) noexcept;
    // Three planes of light under what is not yet opaque, which becomes opaque.
    void (*fill_up)(const float* light, Index plane, float* above) noexcept;
    // Light divided by coverage.
    void (*settle)(Index plane, float* planes) noexcept;
    // index = round(√value · steps), value held to 0..1.
    void (*root_index)(const float* values, Index count, float steps, std::int32_t* index) noexcept;
};

namespace base {
extern const TileRows tile_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const TileRows tile_rows;
}
namespace v4 {
extern const TileRows tile_rows;
}
inline const TileRows& tile_rows() noexcept { return pick(base::tile_rows, v3::tile_rows, v4::tile_rows); }
#else
inline const TileRows& tile_rows() noexcept { return base::tile_rows; }
#endif

}  // namespace nearfar::effects
