// Which shifts are worth a second look in a part of the picture: those that enough of its blocks have found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "estimate/pattern/planes.hpp"

namespace nearfar::pattern {

// The picture is worked on in tiles of this size: what a tile needs stays near the core.
constexpr std::size_t tile_width = 64;
constexpr std::size_t tile_height = 32;

struct Tile {
    std::size_t left, top, width, height;
};

std::vector<Tile> cut(std::size_t height, std::size_t width);

// A set of steps (half pixels above the least shift), as flags.
using Steps = std::vector<unsigned char>;

// Marks the steps middle − reach … middle + reach that exist.
void mark(Steps& steps, std::ptrdiff_t middle, std::ptrdiff_t reach);

// The steps to try on a tile. `found` holds what search() gave for the range that is smaller by `ends` pixels than
// `room` on either side. A shift counts with its two neighbours, if it has a quarter of their votes; of those that one in forty
// of the blocks in and near the tile speaks for, the 24 strongest stay.
Steps spoken_for(const Range& room, const Tile& tile, const std::uint16_t* found);

}  // namespace nearfar::pattern
