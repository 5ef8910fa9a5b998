// Which shifts are worth a second look in a part of the picture: those that enough of its blocks have found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "estimate/pattern/planes.hpp"

namespace nearfar::pattern {

struct Tile {
    std::size_t left, top, width, height;
};

std::vector<Tile> cut(std::size_t height, std::size_t width);

// Marks the steps middle − reach … middle + reach that exist.
void mark_steps(std::vector<bool>& steps, std::ptrdiff_t middle, std::ptrdiff_t reach);

// The steps (half pixels above pair.least) to try on a tile. `found` holds what search() gave for the range that is
// smaller by `ends` pixels on either side. A shift counts with its two neighbours; of those that one in forty of the
// blocks in and near the tile speaks for, the 24 strongest stay.
std::vector<bool> spoken_for(const Pair& pair, const Tile& tile, const std::uint16_t* found, std::size_t ends);

}  // namespace nearfar::pattern
