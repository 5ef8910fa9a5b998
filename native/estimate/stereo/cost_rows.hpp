// Hot loops of matching costs, compiled once per SIMD level: what two pixels that do not look alike are charged. All work
// on one row of the left picture.
//
// A finished cost row lies in blocks of `lanes` pixels, [block][shift][lane], so that neighbouring pixels share a vector
// and neighbouring shifts follow each other: the paths down and up the picture (path_rows.hpp) need no shuffle. Lanes
// beyond the picture's width hold cost 0.
//
// Source: census after Zabih and Woodfill, ECCV 1994; with brightness after Mei et al., "On Building an Accurate Stereo
// Matching System on Graphics Hardware", 2011.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::estimate {

constexpr int census_planes = 4;  // of 8 comparisons each

// One row of a picture with its codes; readable some columns beyond both ends, where it repeats its outermost pixel.
struct CodedRow {
    const std::uint8_t* grey;
    const std::uint8_t* census[census_planes];
};

// How far colours are apart, the largest difference of a channel, between each pixel of a row and: its left neighbour,
// and its neighbours above, above left and above right. Readable one vector beyond both ends.
struct ColourSteps {
    const std::uint8_t* left;
    const std::uint8_t* above[3];
};

// Where the shift of a row's pixels is expected, and what a shift elsewhere is charged: nothing up to `free` px away,
// then `slope` a px, at most `most` (of each pixel; 0 where nothing is expected, and never above 60).
struct Expected {
    const std::int16_t* shift;
    const std::uint8_t* most;
    int free;
    int slope;  // 1 or 2
};

struct CostRows {
    // The 32 comparisons of each pixel of a row with its neighbours: 16 bits each, the upper eight in `high` and the
    // lower in `low`, 7 rows of which [3] is the pixel's.
    void (*census)(const std::uint8_t* const high[7], const std::uint8_t* const low[7], std::size_t width,
                   std::uint8_t* const planes[census_planes]);

    // The largest difference of a channel between two runs of pixels, in planes.
    void (*colour_steps)(const std::uint8_t* const a[3], const std::uint8_t* const b[3], std::size_t width,
                         std::uint8_t* out);

    // [shift][stride]: min(Hamming distance, 20) + min(|difference of grey|, 30) / 2, for all shifts from 0.
    void (*raw_cost)(const CodedRow& left, const CodedRow& right, std::size_t width, std::size_t stride,
                     std::size_t shifts, std::uint8_t* out);

    // The raw costs of three rows, weighted 1 2 1 both ways, where a neighbour whose colour differs by more than
    // `limit` is replaced by the pixel itself; what departs from the expected is charged, unless that is null. Steps
    // are those of the row and of the row below. `scratch` holds 7·(width + 2·lanes) bytes. Out in blocks.
    void (*blur_cost)(const std::uint8_t* const raw[3], const ColourSteps steps[2], std::size_t width,
                      std::size_t stride, std::size_t shifts, int limit, const Expected* expected,
                      std::uint8_t* scratch, std::uint8_t* out);
};

namespace base {
extern const CostRows cost_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const CostRows cost_rows;
}
namespace v4 {
extern const CostRows cost_rows;
}
inline const CostRows& cost_rows() noexcept { return pick(base::cost_rows, v3::cost_rows, v4::cost_rows); }
#else
inline const CostRows& cost_rows() noexcept { return base::cost_rows; }
#endif

}  // namespace nearfar::estimate
