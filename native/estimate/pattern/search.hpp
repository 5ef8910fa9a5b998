// The first look: which shift fits a small block best, on every fourth row.
#pragma once

#include <cstddef>
#include <cstdint>

#include "estimate/pattern/known.hpp"

namespace nearfar::pattern {

// Blocks are eight rows of nine columns; block row r covers the rows 4·r … 4·r + 7 of the picture.
constexpr std::size_t block_rows(std::size_t height) noexcept {
    const std::size_t groups = (height + block_step - 1) / block_step;
    return groups > 1 ? groups - 1 : 1;
}

// The picture is normalised. out[r·width + x] = the shift above `least` whose block differs least (sum of absolute differences of the picture
// in 8 bits); of equals the smallest. Nothing is said of how well it fits.
void search(const std::int16_t* image, const Known& known, std::uint16_t* out);

}  // namespace nearfar::pattern
