#include "effects/sorting.hpp"

#include <algorithm>
#include <array>

#include "core/interrupt.hpp"
#include "core/pool.hpp"
#include "core/workspaces.hpp"
#include "effects/tile_rows.hpp"

namespace nearfar::effects {
namespace {

constexpr Index tile = 64;

struct Scratch {
    explicit Scratch(const Sorted&) : ids(tile * tile), light(3 * tile * tile) {}
    std::vector<std::int32_t> ids;
    std::vector<float> light;
    EdgeScratch edges;
};

class Sorter {
public:
    Sorter(const Picture& picture, const float* disparity, const Extents& extents, const Layers& layers,
           std::optional<int> refinements, Sorted& sorted, const Passes& passes)
        : picture_(picture),
          disparity_(disparity),
          extents_(extents),
          layers_(layers),
          refinements_(refinements),
          sorted_(sorted),
          passes_(passes) {}

    // Writes down the ids and the mixed pixels of a tile.
    void sort_tile(Index at, Scratch& scratch) const {
        const Index column = at % sorted_.across, row = at / sorted_.across, x0 = column * tile, y0 = row * tile;
        const std::optional<std::int32_t> only = layers_.only(extents_.of(column, row));
        const Index columns = std::min(tile, picture_.width - x0), rows = std::min(tile, picture_.height - y0);
        for (Index y = 0; y < rows; ++y) {
            const Index first = (y0 + y) * picture_.width + x0;
            if (only) {
                std::fill_n(sorted_.ids.get() + first, columns, static_cast<std::uint8_t>(*only));
            } else {
                tile_rows().sort(disparity_ + first, columns, layers_.focus, layers_.table.data(), sorted_.ids.get() + first);
            }
        }
        if (!refinements_ || is_smooth(column, row)) return;
        std::vector<MixedPixel>& mixed = sorted_.mixed[static_cast<std::size_t>(at)];
        split_mixed_pixels(picture_, disparity_, layers_, x0, y0, *refinements_, scratch.edges, mixed);
        for (const MixedPixel& pixel : mixed) sorted_.ids[static_cast<std::size_t>(pixel.y * picture_.width + pixel.x)] = split_pixel;
    }

    // Adds a sorted tile to what is blurred at a smaller size, and to the background.
    void hand_on(Index at, Scratch& scratch) const {
        const Index x0 = at % sorted_.across * tile, y0 = at / sorted_.across * tile;
        const std::optional<std::int32_t> only_id = only(at);
        if (only_id) {
            std::fill(scratch.ids.begin(), scratch.ids.end(), *only_id);
        } else {
            read_ids(x0, y0, scratch.ids.data());
        }
        const std::vector<MixedPixel>& mixed = sorted_.mixed[static_cast<std::size_t>(at)];
        std::bitset<256>& present = sorted_.present[static_cast<std::size_t>(at)];
        TilePixels pixels{x0, y0, scratch.ids.data(), scratch.light.data(), mixed, only_id, {}, {}};
        if (only_id) {
            pixels.plain[static_cast<std::size_t>(*only_id)] = true;
        } else {
            for (const std::int32_t id : scratch.ids) pixels.plain[static_cast<std::size_t>(id)] = true;
        }
        pixels.sampled = pixels.plain;
        for (const MixedPixel& pixel : mixed) {
            pixels.sampled[static_cast<std::size_t>(pixel.near_layer)] = true;
            pixels.sampled[static_cast<std::size_t>(pixel.far_layer)] = true;
        }
        for (std::size_t id = 0; id < present.size(); ++id) present[id] = pixels.sampled[id];
        bool coarse = false;
        for (std::int32_t id = 0; id < layers_.count(); ++id) {
            coarse |= pixels.sampled[static_cast<std::size_t>(id)] && layers_[id].level > 0;
        }
        if (coarse || passes_.background.needed()) {
            read_light(picture_, {x0, y0, tile, tile, tile * tile}, scratch.light.data());
        }
        passes_.near.add(pixels);
        passes_.far.add(pixels);
        passes_.background.collect(pixels);
    }

private:
    bool is_smooth(Index column, Index row) const {
        const Extent around = extents_.around(column, row);
        return circle_of(layers_.focus, around.least) - circle_of(layers_.focus, around.most) < least_jump;
    }

    // The id of all pixels of a tile that lies wholly in the picture, if they have one.
    std::optional<std::int32_t> only(Index at) const {
        const Index column = at % sorted_.across, row = at / sorted_.across;
        const bool complete = (column + 1) * tile <= picture_.width && (row + 1) * tile <= picture_.height;
        if (!complete || !sorted_.mixed[static_cast<std::size_t>(at)].empty()) return std::nullopt;
        return layers_.only(extents_.of(column, row));
    }

    void read_ids(Index x0, Index y0, std::int32_t* ids) const {
        const Index columns = std::min(tile, picture_.width - x0), rows = std::min(tile, picture_.height - y0);
        if (columns < tile || rows < tile) std::fill_n(ids, tile * tile, outside_picture);
        for (Index y = 0; y < rows; ++y) {
            const std::uint8_t* const from = sorted_.ids.get() + (y0 + y) * picture_.width + x0;
            for (Index x = 0; x < columns; ++x) ids[y * tile + x] = from[x];
        }
    }

    const Picture& picture_;
    const float* disparity_;
    const Extents& extents_;
    const Layers& layers_;
    std::optional<int> refinements_;
    Sorted& sorted_;
    const Passes& passes_;
};

}  // namespace

Sorted::Sorted(Index width_, Index height_)
    : width(width_),
      height(height_),
      across((width_ + tile - 1) / tile),
      down((height_ + tile - 1) / tile),
      ids(large_block<std::uint8_t>(static_cast<std::size_t>(width_ * height_))),
      mixed(static_cast<std::size_t>(across * down)),
      present(mixed.size()) {}

void sort_pixels(const Picture& picture, const float* disparity, const Extents& extents, const Layers& layers,
                 std::optional<int> refinements, Sorted& sorted, const Passes& passes, const Progress& progress) {
    const Sorter sorter(picture, disparity, extents, layers, refinements, sorted, passes);
    Workspaces<Sorted, Scratch> workspaces(sorted);
    // Tile by tile, as splitting takes longest, and most of it in few of them.
    parallel_for(sorted.mixed.size(), 4, progress.part(0.0, 0.6), [&](std::size_t begin, std::size_t end) {
        std::unique_ptr<Scratch> scratch = workspaces.take();
        for (std::size_t at = begin; at < end; ++at) sorter.sort_tile(static_cast<Index>(at), *scratch);
        workspaces.give_back(std::move(scratch));
    });
    // One thread fills all that falls into one tile of any scale: no two write to the same.
    const Index block = std::max(passes.near.block(), passes.far.block()) / tile;
    const Index across = (sorted.across + block - 1) / block, down = (sorted.down + block - 1) / block;
    parallel_for(static_cast<std::size_t>(across * down), 1, progress.part(0.6, 1.0), [&](std::size_t begin, std::size_t end) {
        std::unique_ptr<Scratch> scratch = workspaces.take();
        for (auto i = static_cast<Index>(begin); i < static_cast<Index>(end); ++i) {
            const Index left = i % across * block, top = i / across * block;
            for (Index row = top; row < std::min(top + block, sorted.down); ++row) {
                for (Index column = left; column < std::min(left + block, sorted.across); ++column) {
                    sorter.hand_on(row * sorted.across + column, *scratch);
                }
                poll_interrupt();
            }
        }
        workspaces.give_back(std::move(scratch));
    });
}

}  // namespace nearfar::effects
