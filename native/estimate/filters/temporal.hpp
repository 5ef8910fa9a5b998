// A running average over frames that remembers, for each pixel, which of the last eight frames had a value.
#pragma once

#include <cstddef>
#include <cstdint>

#include "estimate/filters/passes.hpp"

namespace nearfar::filters {

// One of librealsense's nine modes, 0..8: how many of how many frames.
Belief belief_of(int persistence) noexcept;

// Takes one frame in. `last` holds the last result of each pixel, `history` bit i that it was seen i + 1 frames ago;
// both start as holes and 0 and are brought up to date.
void blend_frame(const float* values, std::size_t count, Average average, Belief belief, bool zero, float* last,
                 std::uint8_t* history, float* out);
void blend_frame(const std::uint16_t* values, std::size_t count, Average average, Belief belief, std::uint16_t* last,
                 std::uint8_t* history, std::uint16_t* out);

// A frame steadied and filled by the ones before and after it (Passes::between).
void interpolate_frames(const float* before, const float* now, const float* after, std::size_t count, float delta,
                        float* out);

}  // namespace nearfar::filters
