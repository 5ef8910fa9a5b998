// Planes of a picture at one scale, kept as square tiles of which only those exist that hold something.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "core/large_block.hpp"

namespace nearfar::effects {

using Index = std::ptrdiff_t;

// Memory for tiles, handed out zeroed to any thread, and freed with the store.
class TileStore {
public:
    float* take(Index floats);

private:
    std::mutex mutex_;
    std::vector<LargeBlock<float>> blocks_;
    Index used_ = 0;
};

struct TileGrid {
    TileGrid() = default;
    TileGrid(Index width_, Index height_, Index side_, Index planes_);

    Index width = 0, height = 0;  // in cells
    Index side = 0;               // cells along a tile's edge
    Index planes = 0;
    Index across = 0, down = 0;   // tiles
    std::vector<float*> tiles;

    float*& tile(Index x, Index y) { return tiles[static_cast<std::size_t>(y * across + x)]; }
    const float* tile(Index x, Index y) const { return tiles[static_cast<std::size_t>(y * across + x)]; }

    // How many tiles exist that hold a cell of the square, and how many there could be.
    struct Count {
        Index held, possible;
    };
    Count count(Index x0, Index y0, Index size) const;
};

// A square window in local memory: `size` cells each way from (x0, y0), rows `stride` and planes `plane` floats apart.
struct Window {
    Index x0, y0, size, stride, plane;
};

// Copies the window's part of every plane from the tiles that exist, and leaves the rest of the window alone.
void gather(const TileGrid& grid, const Window& window, float* out);

// What is guessed of the picture beyond its border: its pixel there, and a part of the picture mirrored. The pixel alone
// is nearer to the truth where a surface goes on, a mean of more pixels where the border cuts a fine texture.
inline float beyond(float border, float mirrored) {
    constexpr float share = 0.3F;
    return border + share * (mirrored - border);
}

// Goes on beyond the border of the picture, `width` × `height`, in the part of each plane that lies there.
void extend(const Window& window, Index width, Index height, Index planes, float* values);

}  // namespace nearfar::effects
