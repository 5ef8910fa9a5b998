// What may stand behind blurred foreground, where no pixel shows it: guessed from what is seen around.
//
//     seen at half size ─▶ lamps made as bright as their surroundings ─▶ gaps filled by push and pull
#pragma once

#include <cstdint>
#include <vector>

#include "effects/coarse.hpp"
#include "effects/edges.hpp"
#include "effects/layers.hpp"
#include "effects/push_pull.hpp"

namespace nearfar::effects {

class Background {
public:
    Background(Index width, Index height, const Layers& layers);

    // Whether the foreground is blurred so much that anything behind it shows.
    bool needed() const { return !filling_.levels.empty(); }

    // Takes what a tile shows. Tiles may come in any order, from any thread.
    void collect(const TilePixels& pixels);

    // After all tiles; `far` is what lies behind the focus and is blurred already.
    void finish(const CoarseLayers& far);

    // Three planes of light of the 64×64 tile at (x0, y0).
    void read(Index x0, Index y0, float* light) const;

private:
    void collect_hidden(Index x0, Index y0);
    void take_far(const CoarseLayers& far, Index x0, Index y0) const;
    void find_usual() const;
    void calm_lamps() const;

    std::vector<float> weights_;  // of each id, as background
    PushPull filling_;
    std::size_t calm_ = 1;  // the level whose cells are as large as the surroundings of a lamp
};

}  // namespace nearfar::effects
