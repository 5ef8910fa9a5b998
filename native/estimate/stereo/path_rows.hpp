// Hot loops of the paths of semi-global matching, compiled once per SIMD level. All work on one row of the left picture.
//
// Paths from row to row read costs in blocks (cost_rows.hpp). The paths along a row take the same numbers pixel by pixel,
// [pixel][shift].
//
// Source: Hirschmüller, "Stereo Processing by Semiglobal Matching and Mutual Information", PAMI 2008.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::estimate {

// How a step of shift between neighbours is charged: `small` for one, `large` for more, less of it where the picture
// has an edge (3 less for each level of it), but never less than `least`.
struct StepPenalty {
    int small;
    int large;
    int least;
};

// Three paths that run from row to row, from straight above (or below) and from both diagonals. Each path has its
// state for a pixel in the slot where the pixel's successor looks for it: slots + x.
struct DownPaths {
    std::uint8_t* costs[3];   // [shift + 1][stride], the last row 255 throughout
    std::uint8_t* least[3];   // [stride]: the least cost in a slot
    std::size_t slots[3];     // the slot of pixel 0 in this row
    std::size_t stride;
};

struct PathRows {
    std::size_t lanes;

    // One row further along three paths; their sum in blocks, unless `sums` is null.
    // `steps` are the colour steps along each.
    void (*down)(const std::uint8_t* costs, const DownPaths& paths, const std::uint8_t* const steps[3],
                 std::size_t width, std::size_t shifts, StepPenalty penalty, std::uint8_t* sums);

    // Blocks as [pixel][padded]; padded is a multiple of lanes, and what lies beyond `shifts` is 255.
    void (*to_pixels)(const std::uint8_t* blocks, std::size_t width, std::size_t shifts, std::size_t padded,
                      std::uint8_t* out);

    // The sum of two [pixel][padded] rows in blocks.
    void (*to_blocks)(const std::uint8_t* a, const std::uint8_t* b, std::size_t width, std::size_t shifts,
                      std::size_t padded, std::uint8_t* out);

    // The path from the left and the path from the right; `steps` are the colour steps to the left neighbour.
    void (*along)(const std::uint8_t* costs, const std::uint8_t* steps, std::size_t width, std::size_t padded,
                  StepPenalty penalty, std::uint8_t* from_left, std::uint8_t* from_right);
};

namespace base {
extern const PathRows path_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const PathRows path_rows;
}
namespace v4 {
extern const PathRows path_rows;
}
inline const PathRows& path_rows() noexcept { return pick(base::path_rows, v3::path_rows, v4::path_rows); }
#else
inline const PathRows& path_rows() noexcept { return base::path_rows; }
#endif

}  // namespace nearfar::estimate
