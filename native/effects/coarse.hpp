// The layers that are blurred at a smaller size, all that lie on one side of the focus.
//
//     full-size tiles ──add──▶ layers at 1/2 … 1/32 ──render──▶ each size blurred and laid over one another, the
//                                                               coarser enlarged into the finer, up to 1/2
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/workspaces.hpp"
#include "effects/edges.hpp"
#include "effects/grids.hpp"
#include "effects/layers.hpp"
#include "effects/rim.hpp"

namespace nearfar::effects {

// The pixels of one 64×64 tile at full size.
struct TilePixels {
    Index x0, y0;
    const std::int32_t* ids;
    const float* light;  // three planes
    const std::vector<MixedPixel>& mixed;
    std::optional<std::int32_t> only;  // the id of all of them
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

    // After render(): four planes, light times coverage and coverage, of a square at half size that begins at an even cell
    // and has an even size; beyond the picture they go on as at its border. False, and nothing is written, where nothing is.
    bool read(Index x0, Index y0, Index size, float* out) const;
    // Whether anything is in the 64×64 tile at full size.
    bool any(Index x0, Index y0) const;
    // Four planes of it, enlarged.
    bool read_tile(Index x0, Index y0, float* out) const;

private:
    // The layers first..last of one scale; none if there are only coarser ones.
    struct Group {
        int level = 0;
        std::int32_t first = 1, last = 0;
        Index halo = 1;
        TileGrid farther;           // share of the pixels behind all of these layers; many tiles are all ones
        std::vector<TileGrid> own;  // four planes each
        Rim farther_rim;
        std::vector<Rim> own_rims;
        TileGrid result;            // where there is none, the coarser one is all there is
    };
    struct Scratch;
    bool touches_border(const TilePixels& pixels) const;
    void add_layer(Group& group, std::int32_t id, const TilePixels& pixels);
    void add_farther(Group& group, const TilePixels& pixels);
    float* farther_cells(Group& group, const TilePixels& pixels);
    void render_tile(std::size_t level, Index tile, Scratch& scratch);
    bool touches(const Group& group, Index x0, Index y0) const;
    void render_layer(const Group& group, std::int32_t id, Index x0, Index y0, bool& known_read, Scratch& scratch) const;
    bool any(std::size_t level, Index x0, Index y0, Index size) const;
    bool read_level(std::size_t level, Index x0, Index y0, Index size, float* out) const;
    bool enlarged(std::size_t level, Index x0, Index y0, Index size, float* out) const;

    Index width_, height_;
    const Layers& layers_;
    bool near_;
    TileStore store_;
    const float* ones_;          // a tile of them
    std::vector<Group> groups_;  // from the finest
};

}  // namespace nearfar::effects
