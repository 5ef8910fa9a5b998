// The first pass over the picture: every pixel gets its layer, mixed ones are split, and what is blurred at a smaller
// size, or serves as background, is handed on.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/large_block.hpp"
#include "effects/background.hpp"
#include "effects/coarse.hpp"
#include "effects/edges.hpp"
#include "effects/layers.hpp"
#include "effects/light.hpp"
#include "effects/progress.hpp"

namespace nearfar::effects {

// Which layer each pixel is in; and of each 64×64 tile its mixed pixels, and which layers it holds.
struct Sorted {
    Sorted(Index width, Index height);

    Index width, height;
    Index across, down;              // tiles
    LargeBlock<std::uint8_t> ids;
    std::vector<std::vector<MixedPixel>> mixed;
    std::vector<std::bitset<256>> present;  // ids that occur in each tile, and the layers of its mixed pixels
};

struct Passes {
    CoarseLayers& near;
    CoarseLayers& far;
    Background& background;
};

// Mixed pixels are split and refined so often; with no number they stay as they are.
void sort_pixels(const Picture& picture, const float* disparity, const Extents& extents, const Layers& layers,
                 std::optional<int> refinements, Sorted& sorted, const Passes& passes, const Progress& progress);

}  // namespace nearfar::effects
