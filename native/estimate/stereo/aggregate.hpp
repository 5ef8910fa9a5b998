// Semi-global matching: which shift of each left pixel fits best, when neighbours should agree.
//
//          ↘ ↓ ↙        The cost of a shift is how unlike two pixels are, plus the cheapest way to come there along
//          → x ←        each of eight paths on which every change of shift is charged. The picture is cut into
//          ↗ ↑ ↖        strips that fit a CPU's cache; a path enters its strip some rows early.
//
// Source: Hirschmüller, "Stereo Processing by Semiglobal Matching and Mutual Information", PAMI 2008.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::estimate {

struct PictureSize {
    std::size_t height;
    std::size_t width;
};

// Shifts are kept in 1/64 px, as signed 16-bit words.
constexpr int shift_unit = 64;
constexpr std::size_t most_shifts = 511;

struct Matching {
    std::size_t shifts;       // 1..most_shifts: 0 ≤ shift < shifts
    int small = 9;            // charge for a change of one shift, and of more: see StepPenalty
    int large = 75;
    int least = 9;
    int blur_limit = 24;      // grey levels beyond which a neighbour takes no part in a cost
    std::size_t strip = 32;   // rows
    std::size_t overlap = 8;
};

// What is known of a left pixel after matching. All are (height, width).
struct MatchedMaps {
    std::int16_t* shift;
    std::uint8_t* margin;      // how far the second best shift is behind, 0..255
    std::int16_t* right_shift; // the right view: whole shifts, in pixels
};

// Both pictures grey, height·width ≥ 1 each.
void aggregate(const std::uint8_t* left, const std::uint8_t* right, PictureSize size, const Matching& matching,
               const MatchedMaps& out);

}  // namespace nearfar::estimate
