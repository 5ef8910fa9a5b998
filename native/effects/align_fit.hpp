// Two sides from 3×3 cells and the pixels of the picture that they cover.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "effects/align_rows.hpp"

namespace nearfar::effects {

// The pixels that 3×3 cells cover, or every so many of them, in rows; padded with zeros.
struct AlignWindow {
    std::vector<float> red, green, blue, base;
    std::vector<std::uint8_t> cell;  // 0..8, row by row
    Index count = 0;

    void resize(Index pixels);  // keeps nothing; the padding is zero
    Index padded() const noexcept { return (count + lanes - 1) / lanes * lanes; }
    Tints tints() const noexcept { return {red.data(), green.data(), blue.data(), base.data()}; }
};

// The values of the cells, NaN beyond the map's border, and the range of the whole map.
struct Cells {
    float value[9];
    float floor;  // nothing is farther than this
};

class SideFitter {
public:
    Sides fit(const AlignWindow& window, const Cells& cells, Index down, Index across);

private:
    void weights_of_base(const AlignWindow& window, const Sides& sides);
    bool part(const AlignWindow& window, Sides& sides, const double* spread);

    std::vector<float> near_, far_;
};

}  // namespace nearfar::effects
