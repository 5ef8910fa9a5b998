// Semi-global matching: which shift of each left pixel fits best, when neighbours should agree.
//
//          ↘ ↓ ↙        The cost of a shift is how unlike two pixels are, plus the cheapest way to come there along
//          → x ←        each of eight paths on which every change of shift is charged. The picture is cut into
//          ↗ ↑ ↖        strips that fit a CPU's cache; a path enters its strip some rows early. Without the three
//                       paths from below no more than a row of costs is held at a time.
//
// Source: Hirschmüller, "Stereo Processing by Semiglobal Matching and Mutual Information", PAMI 2008.
#pragma once

#include <cstddef>
#include <cstdint>

#include "estimate/stereo/pictures.hpp"

namespace nearfar::estimate {

// Shifts are kept in 1/64 px, as signed 16-bit words.
constexpr int shift_unit = 64;
constexpr std::size_t most_shifts = 511;

struct Matching {
    std::size_t shifts;       // 1..most_shifts: 0 ≤ shift < shifts
    int small = 11;           // charge for a change of one shift, and of more: see StepPenalty
    int large = 75;
    int least = 9;
    int blur_limit = 24;      // a colour step beyond which a neighbour takes no part in a cost
    bool both_ways = true;    // all eight paths, or the five that do not come from below
    std::size_t strip = 32;   // rows
    std::size_t overlap = 8;
};

// What is known of a left pixel after matching. All are (height, width).
struct MatchedMaps {
    std::int16_t* shift;
    std::uint8_t* margin;      // how far the second best shift is behind, 0..255
    std::int16_t* right_shift; // the right view: whole shifts, in pixels
};

// What is known beforehand, (height, width): where shifts are expected, in px, and the most that one elsewhere is
// charged, see Expected. The shift is of no matter where nothing is charged.
struct Prior {
    const std::int16_t* shift;
    const std::uint8_t* most;
    int free;
    int slope;
};

// Pictures of one size, not empty. `prior` may be null.
void aggregate(const Picture& left, const Picture& right, const Matching& matching, const Prior* prior,
               const MatchedMaps& out);

}  // namespace nearfar::estimate
