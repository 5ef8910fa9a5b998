// The hot loop of lens blur, compiled once per SIMD level (spread_rows.cpp): one plane of a tile, spread by the shape of
// the aperture.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::effects {

using Index = std::ptrdiff_t;

// One column of a large shape: rows first..last count fully, those before and after them by a share. `last` may lie two
// rows before `first`: then the two shares fall on the row in between and add up to 1 more than the column covers.
struct Column {
    std::int32_t first, last;
    float before, after;
};

// One pixel of a small shape.
struct Tap {
    std::int32_t down, across;
    float weight;
};

// A square of `side` pixels, a multiple of 16, inside a margin of `halo` each way; rows lie `stride` floats apart, a
// multiple of 16 and at least 16 more than they are long.
struct TileShape {
    Index side, halo, stride;
};

struct SpreadRows {
    // out (side × side) = scale × the sum over columns −reach..reach; halo > reach. `sums` has one row more than `from`.
    void (*columns)(const Column* columns, Index reach, float scale, const float* from, const TileShape& shape,
                    float* sums, float* out) noexcept;
    void (*taps)(const Tap* taps, Index count, const float* from, const TileShape& shape, float* out) noexcept;
};

namespace base {
extern const SpreadRows spread_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const SpreadRows spread_rows;
}
namespace v4 {
extern const SpreadRows spread_rows;
}
inline const SpreadRows& spread_rows() noexcept { return pick(base::spread_rows, v3::spread_rows, v4::spread_rows); }
#else
inline const SpreadRows& spread_rows() noexcept { return base::spread_rows; }
#endif

}  // namespace nearfar::effects
