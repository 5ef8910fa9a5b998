// The hot loops of semi-global matching, compiled once per SIMD level. All work on one row of the left picture.
//
// A cost row lies in blocks of `lanes` pixels, [block][shift][lane], so that neighbouring pixels share a vector and
// neighbouring shifts follow each other: the paths down and up the picture need no shuffle. The paths along the row
// take the same numbers pixel by pixel, [pixel][shift]. Lanes beyond the picture's width hold cost 0.
//
// Source: Hirschmüller, "Stereo Processing by Semiglobal Matching and Mutual Information", PAMI 2008; census after
// Zabih and Woodfill, ECCV 1994; the strips after Spangenberg et al., "Large Scale Semi-Global Matching on the CPU",
// IV 2014.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::estimate {

constexpr int census_planes = 4;  // of 8 comparisons each
constexpr int right_runs = 8;

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
// then `slope` a px, at most `most` (of each pixel; 0 where nothing is expected).
struct Expected {
    const std::int16_t* shift;
    const std::uint8_t* most;
    int free;
    int slope;  // 1 or 2
};

// How a step of shift between neighbours is charged: `small` for one, `large` for more, less of it where the picture
// has an edge (3 less for each level of it), but never less than `least`.
struct StepPenalty {
    int small;
    int large;
    int least;
};

// Three paths that run from row to row, from straight above (or below) and from both diagonals. Each path has its
// state for a pixel in the slot where the pixel's successor looks for it: x + shift_of_slots.
struct DownPaths {
    std::uint8_t* costs[3];   // [shift + 1][stride], the last row 255 throughout
    std::uint8_t* least[3];   // [stride]: the least cost in a slot
    std::size_t slots[3];     // the slot of pixel 0 in this row
    std::size_t stride;
};

// What the winner of a row's pixels is told by; see `winners`.
struct WinnerRow {
    std::int16_t* shift;        // of the least total, in 1/64 px
    std::uint8_t* margin;       // 0..255: (second − best) / second, the second apart from the best by more than 1
    std::uint16_t* totals;      // scratch: shifts·lanes words

    // The right view: the shift of the least total of each of its columns; scratch of 2·right_runs·right_length words,
    // right_length at least (shifts + width + 4·lanes) / 2.
    std::int16_t* right_shift;
    std::uint16_t* right_scratch;
    std::size_t right_length;
};

struct MatchRows {
    std::size_t lanes;

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

    // One row further along three paths; their sum in blocks, unless `sums` is null.
    // `steps` are the colour steps along each.
    void (*down)(const std::uint8_t* costs, const DownPaths& paths, const std::uint8_t* const steps[3],
                 std::size_t width, std::size_t shifts, StepPenalty penalty, std::uint8_t* sums);

    // The same, and the winners of the sum of these three paths, of those in `up`, unless that is null, and of those in `along`.
    void (*down_and_win)(const std::uint8_t* costs, const DownPaths& paths, const std::uint8_t* const steps[3],
                         std::size_t width, std::size_t shifts, StepPenalty penalty, const std::uint8_t* up,
                         const std::uint8_t* along, const WinnerRow& winners);

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
extern const MatchRows match_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const MatchRows match_rows;
}
namespace v4 {
extern const MatchRows match_rows;
}
inline const MatchRows& match_rows() noexcept { return pick(base::match_rows, v3::match_rows, v4::match_rows); }
#else
inline const MatchRows& match_rows() noexcept { return base::match_rows; }
#endif

}  // namespace nearfar::estimate
