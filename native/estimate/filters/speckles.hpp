// Small islands taken out of a map.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::filters {

// Pixels hang together with their four neighbours where both have values that are equal or differ by at most
// `max_step`. Of what hangs together, pieces of up to `max_size` pixels become holes: NaN, or 0 in integers.
// `zero`: 0 is a hole as well as NaN.
void remove_speckles(const float* values, std::size_t height, std::size_t width, std::size_t max_size, float max_step,
                     bool zero, float* out);
void remove_speckles(const std::uint16_t* values, std::size_t height, std::size_t width, std::size_t max_size,
                     float max_step, std::uint16_t* out);

}  // namespace nearfar::filters
