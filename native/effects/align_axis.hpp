// Where the cells of a small map lie along one axis of its picture.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nearfar::effects {

using Index = std::ptrdiff_t;

struct CellAxis {
    CellAxis(Index pixels, Index cells) : begin(static_cast<std::size_t>(cells) + 1) {
        for (Index i = 0; i <= cells; ++i) begin[static_cast<std::size_t>(i)] = i * pixels / cells;
        const Index last = std::max<Index>(cells - 2, 0);
        for (Index i = 0; i < pixels; ++i) {
            const double middle =
                (static_cast<double>(i) + 0.5) * static_cast<double>(cells) / static_cast<double>(pixels) - 0.5;
            const double held = std::clamp(middle, 0.0, static_cast<double>(cells - 1));
            const Index first = std::min(static_cast<Index>(held), last);
            place.push_back(static_cast<float>(middle));
            index.push_back(static_cast<std::int32_t>(first));
            share.push_back(static_cast<float>(held - static_cast<double>(first)));
        }
    }
    Index from(Index cell) const { return begin[static_cast<std::size_t>(std::clamp<Index>(cell, 0, cells()))]; }
    Index cells() const { return static_cast<Index>(begin.size()) - 1; }

    std::vector<Index> begin;         // of each cell, and the end
    std::vector<float> place;         // of pixels, in cells, whose centres are whole
    std::vector<std::int32_t> index;  // of the cell before a pixel,
    std::vector<float> share;         // and how far it is to the next one
};

}  // namespace nearfar::effects
