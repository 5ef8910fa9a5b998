// The hot loops that clean a map of shifts, compiled once per SIMD level. All work on one row; shifts are signed words
// below 2^15, in rows that can be read a vector beyond both ends.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::estimate {

// The pixels that vote at an edge: 11 columns of every second row, five in all.
constexpr std::size_t edge_reach = 5;
constexpr std::size_t edge_rows = 5;
constexpr std::size_t edge_row_step = 2;

constexpr std::size_t rating_window = 9;  // rows and columns whose margins are averaged
constexpr std::size_t range_window = 5;   // and over which the range of the shift is taken

struct RatedRows {
    const std::uint8_t* margin[rating_window];
    const std::uint8_t* state[rating_window];
    const std::int16_t* shift[range_window];
};
constexpr std::size_t rating_scratch(std::size_t width) { return 6 * (width + 2 * rating_window); }

struct MapRows {
    // The median of 5 × 5; rows[2] is the row.
    void (*median)(const std::int16_t* const rows[5], std::size_t width, std::int16_t* out);

    // 1 where the shift steps by more than `step` to the right or to the row below.
    void (*steps)(const std::int16_t* row, const std::int16_t* below, std::size_t width, int step, std::uint8_t* out);

    // out |= a row of marks, each widened by `reach` both ways; marks can be read `reach` beyond both ends.
    void (*widen)(const std::uint8_t* marks, std::size_t width, std::size_t reach, std::uint8_t* out);

    // Where marked: the median of the pixels that vote, each weighted by how alike its colour is and how near it lies,
    // in place of the row's own shift if it differs by `unit` or more. Row [2] is the row; `colour` are three planes.
    void (*edge_median)(const std::int16_t* const shift[edge_rows], const std::uint8_t* const colour[3][edge_rows],
                        const std::uint8_t* marks, std::size_t width, int unit, std::int16_t* out);

    // 0..255: the mean margin where the state is 0, over 1 + half the range of the shift in units of 64.
    void (*rate)(const RatedRows& rows, std::size_t width, std::int16_t* scratch, std::uint8_t* out);
};

namespace base {
extern const MapRows map_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const MapRows map_rows;
}
namespace v4 {
extern const MapRows map_rows;
}
inline const MapRows& map_rows() noexcept { return pick(base::map_rows, v3::map_rows, v4::map_rows); }
#else
inline const MapRows& map_rows() noexcept { return base::map_rows; }
#endif

}  // namespace nearfar::estimate
