// The hot loops of alignment, compiled once per SIMD level (align_rows.cpp). Counts are multiples of `lanes`, and sums
// run in that many lanes, which are added up in order: the same bits at every level.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"
#include "effects/align_sides.hpp"

namespace nearfar::effects {

using Index = std::ptrdiff_t;

constexpr Index lanes = 16;
constexpr Index voices = 9;  // models that have a say about a pixel

// The pixels of a window, or 16 of a cell: tints 0..1 and the interpolated map.
struct Tints {
    const float *red, *green, *blue, *base;
};

// Where 16 pixels lie among the cells, whose centres are whole numbers.
struct Places {
    const float *down, *across;
};

struct AlignRows {
    // out = the row between two others, share of the lower, read at index and index + 1.
    void (*blend)(const float* upper, const float* lower, float share, Index count, float* out) noexcept;
    void (*stretch)(const float* row, const std::int32_t* index, const float* share, Index count, float* out) noexcept;

    // sums[4]: of the weights, and of each tint times its weight.
    void (*weigh)(const Tints& tints, const float* weights, Index count, double* sums) noexcept;
    // sums[9]: of red, green, blue and of their products rr, rg, rb, gg, gb, bb.
    void (*spread)(const Tints& tints, Index count, double* sums) noexcept;
    // labels = 1 where a pixel is on the near side, else 0.
    void (*part)(const Tints& tints, const Sides& sides, Index count, float* labels) noexcept;

    // What `count` models, at most `voices`, say about 16 pixels: the weighted median of what each says, and the mean
    // of what lies within `alike` of that.
    void (*vote)(const Tints& tints, const Places& places, const Sides* const* models, Index count, float alike,
                 float* out) noexcept;
};

namespace base {
extern const AlignRows align_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const AlignRows align_rows;
}
namespace v4 {
extern const AlignRows align_rows;
}
inline const AlignRows& align_rows() noexcept { return pick(base::align_rows, v3::align_rows, v4::align_rows); }
#else
inline const AlignRows& align_rows() noexcept { return base::align_rows; }
#endif

}  // namespace nearfar::effects
