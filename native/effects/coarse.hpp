// The layers that are blurred at a smaller size, all that lie on one side of the focus.
//
//     full-size tiles ──add──▶ layers at 1/2 … 1/32 ──render──▶ each size blurred and laid over one another, the
//                                                               coarser enlarged into the finer, up to 1/2
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/workspaces.hpp"
#include "effects/edges.hpp"
#include "effects/grids.hpp"
#include "effects/layers.hpp"

namespace nearfar::effects {

// The pixels of one 64×64 tile at full size.
struct TilePixels {
    Index x0, y0;
    const std::int32_t* ids;
    const float* light;  // three planes
    const std::vector<MixedPixel>& mixed;
    std::array<bool, 256> plain;    // ids that occur
    std::array<bool, 256> sampled;  // the same, and the layers of mixed pixels
};

class CoarseLayers {
public:
    CoarseLayers(Index width, Index height, const Layers& layers, bool near);

    bool any() const { return !groups_.empty(); }
    // Tiles of this many pixels each way are added by one thread.
    Index block() const;
    void add(const TilePixels& pixels);
    void render();

    // After render(): four planes at half size, light times coverage and coverage; null if there is nothing.
    const TileGrid* result() const;

private:
    // The layers first..last of one scale; none if there are only coarser ones.
    struct Group {
        int level = 0;
        std::int32_t first = 1, last = 0;
        Index halo = 1;
        TileGrid farther;           // share of the pixels behind all of these layers
        std::vector<TileGrid> own;  // four planes each
        TileGrid result;
    };
    struct Scratch;
    void add_layer(Group& group, std::int32_t id, const TilePixels& pixels);
    void add_farther(Group& group, const TilePixels& pixels);
    void render_tile(Group& group, const Group* coarser, Index tile, Scratch& scratch);
    bool render_layer(const Group& group, std::int32_t id, Index x0, Index y0, bool& known_read, Scratch& scratch) const;

    Index width_, height_;
    const Layers& layers_;
    bool near_;
    TileStore store_;
    std::vector<Group> groups_;  // from the finest
};

// Four planes of the square of `side` pixels at (x0, y0), enlarged from half its size.
void enlarge_from(const TileGrid& half_size, Index x0, Index y0, Index side, float* window, float* out);

}  // namespace nearfar::effects
