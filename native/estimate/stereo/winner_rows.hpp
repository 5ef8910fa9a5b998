// The hot loop that picks each pixel's shift, compiled once per SIMD level.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"
#include "estimate/stereo/path_rows.hpp"

namespace nearfar::estimate {

constexpr std::size_t right_runs = 8;

// The other paths of a row, and what is told of its pixels.
struct WinnerRow {
    const std::uint8_t* up;     // in blocks: the sum of three paths from below, or null
    const std::uint8_t* along;  // in blocks: the sum of the paths from left and right

    std::int16_t* shift;        // of the least total, in 1/64 px
    std::uint8_t* margin;       // 0..255: (second − best) / second, the second apart from the best by more than 1
    std::int16_t* right_shift;  // of the least total of each of the right view's columns, px

    std::uint16_t* totals;         // scratch of shifts·lanes words
    std::uint16_t* right_scratch;  // of 2·right_runs·right_length words,
    std::size_t right_length;      // at least (shifts + width + 4·lanes) / 2
};

struct WinnerRows {
    // One row further along three paths, and the winners of the sum of these and the row's other paths.
    void (*down_and_win)(const std::uint8_t* costs, const DownPaths& paths, const std::uint8_t* const steps[3],
                         std::size_t width, std::size_t shifts, StepPenalty penalty, const WinnerRow& winners);
};

namespace base {
extern const WinnerRows winner_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const WinnerRows winner_rows;
}
namespace v4 {
extern const WinnerRows winner_rows;
}
inline const WinnerRows& winner_rows() noexcept { return pick(base::winner_rows, v3::winner_rows, v4::winner_rows); }
#else
inline const WinnerRows& winner_rows() noexcept { return base::winner_rows; }
#endif

}  // namespace nearfar::estimate
