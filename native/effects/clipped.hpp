// The clipped pixels of a picture, as runs that are gathered into blobs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "effects/light.hpp"

namespace nearfar::effects {

// Columns begin .. end of one row, each clipped in some channel.
struct ClippedRun {
    std::uint32_t begin, end;
    std::uint32_t blob;
};

// Blobs hang together by their eight neighbours; they are numbered in the order of their first pixels.
struct Clipped {
    std::vector<ClippedRun> runs;
    std::vector<std::size_t> first;  // the runs of row y are first[y] .. first[y + 1]
    std::uint32_t blobs = 0;

    std::span<const ClippedRun> row(std::size_t y) const { return std::span(runs).subspan(first[y], first[y + 1] - first[y]); }
    std::uint32_t blob_at(std::size_t x, std::size_t y) const;  // of a pixel that is clipped
};

// The least code that counts as clipped: noise and compression leave few lamps at the very end of the scale.
constexpr std::uint8_t clipped_byte = 250;
constexpr std::uint16_t clipped_word = 250 * 257;

// Marks the clipped samples of one row, as ClipRows does; nothing is clipped in floats.
bool mark_row(const Picture& picture, std::size_t y, std::uint8_t* marks);

// Gives no runs at all where they are so many that the picture can be no photograph.
Clipped find_clipped(const Picture& picture);

}  // namespace nearfar::effects
