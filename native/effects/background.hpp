// What may stand behind blurred foreground, where no pixel shows it: guessed from what is seen around.
//
//     seen at half size ─▶ 1/4 ─▶ 1/8 … ─▶ a few values        each level's gaps are filled from the coarser one
//            │              │       │            │
//            ▼              ▼       ▼            ▼             (push and pull)
//         filled   ◀──   filled ◀─ filled ◀─── known
#pragma once

#include <cstdint>
#include <vector>

#include "core/large_block.hpp"
#include "effects/coarse.hpp"
#include "effects/edges.hpp"
#include "effects/layers.hpp"

namespace nearfar::effects {

class Background {
public:
    Background(Index width, Index height, const Layers& layers);

    // Whether the foreground is blurred so much that anything behind it shows.
    bool needed() const { return !levels_.empty(); }

    // Takes what a tile shows. Tiles may come in any order, from any thread.
    void collect(const TilePixels& pixels);

    // After all tiles; `far` is what lies behind the focus and is blurred already.
    void finish(const CoarseLayers& far);

    // Three planes of light of the 64×64 tile at (x0, y0).
    void read(Index x0, Index y0, float* light) const;

private:
    struct Level {
        Index width, height;
        LargeBlock<float> planes;  // light times weight, weight; light once it is finished
        float* plane(Index p) const { return planes.get() + p * width * height; }
    };
    void collect_hidden(Index x0, Index y0);
    void take_far(const CoarseLayers& far, Index x0, Index y0) const;
    void shrink_levels();
    void fill_levels();

    std::vector<float> weights_;  // of each id, as background
    std::vector<Level> levels_;   // the first is half as large as the picture
};

}  // namespace nearfar::effects
