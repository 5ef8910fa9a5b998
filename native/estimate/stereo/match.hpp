// Two rectified pictures become a map of shifts.
//
//     pictures ─▶ aggregate ─▶ check ─▶ fill ─▶ align_edges ─▶ median ─▶ smooth_planes ─▶ shift, state, confidence
//        └─▶ smaller, matched ─▶ prior ─┘
//
// The best effort does all but the prior twice, the second time near what it found the first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "estimate/stereo/aggregate.hpp"

namespace nearfar::estimate {

enum class Effort { fast, standard, best };

// All are (height, width). `shift` is dense: what the state does not call kept was filled.
struct StereoMaps {
    float* shift;  // px
    std::uint8_t* state;
    std::uint8_t* confidence;
};

// Pictures of one size, not empty; 1 ≤ shifts ≤ most_shifts.
void match_stereo(const Picture& left, const Picture& right, std::size_t shifts, Effort effort,
                  const StereoMaps& out);

}  // namespace nearfar::estimate
