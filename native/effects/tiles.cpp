#include "effects/tiles.hpp"

#include <algorithm>
#include <array>
#include <bitset>

#include "core/pool.hpp"
#include "core/workspaces.hpp"
#include "effects/gain.hpp"
#include "effects/highlights.hpp"
#include "effects/tile_rows.hpp"

namespace nearfar::effects {
namespace {

constexpr Index tile = 64;
constexpr Index area = tile * tile;
constexpr Index longest_vector = 16;
constexpr float all_known = 0.999F;
constexpr float trusted = 0.002F;       // of a disc: where less is known, a layer fades out
constexpr float trusted_sharp = 0.02F;  // the same of a pixel

// A tile with a margin that the largest disc of full size reaches.
struct Reach {
    explicit Reach(const Layers& layers) {
        for (std::int32_t id = 0; id < layers.count(); ++id) {
            if (layers[id].level > 0) continue;
            first = std::min(first, id);
            last = std::max(last, id);
            halo = std::max(halo, layers[id].shape.reach + 1);
        }
        size = tile + 2 * halo;
        stride = (size + 2 * longest_vector - 1) / longest_vector * longest_vector;
    }
    std::int32_t first = most_layers, last = -1;  // layers of full size
    Index halo = 1, size = 0, stride = 0;
    Index plane() const { return size * stride; }
};

struct Scratch {
    explicit Scratch(const Reach& reach) {
        const auto plane = static_cast<std::size_t>(reach.plane());
        ids.resize(plane, outside_picture);
        light.resize(3 * plane);
        mask.resize(plane);
        own.resize(5 * plane);
        sums.resize(plane + 2 * static_cast<std::size_t>(reach.stride));
        blurred.resize(5 * area);
        result.resize(4 * area);
        near.resize(4 * area);
        behind.resize(3 * area);
    }
    std::vector<std::int32_t> ids;
    std::vector<float> light, mask, own, sums, blurred, result, near, behind;
    std::vector<const MixedPixel*> mixed;
    std::array<bool, 256> around{};  // layers with samples in the window
};

class Tile {
public:
    Tile(const Picture& picture, const Layers& layers, const Sorted& sorted, const Rendered& rendered,
         const Reach& reach, Index column, Index row, Scratch& scratch)
        : picture_(picture),
          layers_(layers),
          sorted_(sorted),
          rendered_(rendered),
          reach_(reach),
          column_(column),
          row_(row),
          x0_(column * tile),
          y0_(row * tile),
          window_{x0_ - reach.halo, y0_ - reach.halo, reach.size, reach.stride, reach.plane()},
          scratch_(scratch) {}

    // Back to front: what is far and coarse, what is of full size, what is near and coarse.
    void render() {
        float* const result = scratch_.result.data();
        const bool found = find_layers();
        if (!alone_ && !rendered_.far.read_tile(x0_, y0_, result)) std::fill_n(result, 4 * area, 0.0F);
        bool filled = alone_;
        if (found) {
            bool known = false;
            for (std::int32_t id = reach_.last; id >= reach_.first; --id) {
                if (id < layers_.first_far && !filled) {
                    fill_up();
                    filled = true;
                }
                lay_over(id, known);
            }
        }
        if (rendered_.near.read_tile(x0_, y0_, scratch_.near.data())) {
            if (!filled) fill_up();
            tile_rows().cover(scratch_.near.data(), area, result);
        }
        tile_rows().settle(area, result);
    }

    // Whether the tile is in focus and nothing near covers it: it stays as it is.
    bool stays() const {
        if (picture_.dimming != nullptr || picture_.highlights != nullptr) return false;
        std::bitset<256> others = sorted_.present[index()];
        const auto sharp = static_cast<std::size_t>(layers_.first_far);
        if (!layers_[layers_.first_far].shape.identity || !others[sharp]) return false;
        others.reset(sharp);
        others.reset(static_cast<std::size_t>(outside_picture));
        if (others.any()) return false;
        bool covered = rendered_.near.any(x0_, y0_);
        over_tiles([&](std::size_t beside) {
            for (std::int32_t id = reach_.first; id < layers_.first_far; ++id) {
                covered |= sorted_.present[beside][static_cast<std::size_t>(id)];
            }
        });
        return !covered;
    }

    void copy(void* samples) const {
        const Index sample = sample_size();
        const Index columns = std::min(tile, picture_.width - x0_), rows = std::min(tile, picture_.height - y0_);
        for (Index y = 0; y < rows; ++y) {
            const Index first = ((y0_ + y) * picture_.width + x0_) * 3 * sample;
            std::copy_n(static_cast<const std::uint8_t*>(picture_.samples) + first, columns * 3 * sample,
                        static_cast<std::uint8_t*>(samples) + first);
        }
    }

    void write(void* samples) {
        const Index sample = sample_size();
        const Index columns = std::min(tile, picture_.width - x0_), rows = std::min(tile, picture_.height - y0_);
        for (Index y = 0; y < rows; ++y) {
            const Index first = ((y0_ + y) * picture_.width + x0_) * 3 * sample;
            float* const light = scratch_.result.data() + y * tile;
            if (picture_.dimming != nullptr) {
                dim(*picture_.dimming, picture_.width, picture_.height, x0_, y0_ + y, columns, area, light);
            }
            if (picture_.highlights != nullptr) keep_sharp(picture_, x0_, y0_ + y, columns, area, light);
            write_row(picture_.coding, light, area, columns,
                      static_cast<std::uint8_t*>(samples) + first);
        }
    }

private:
    std::size_t index() const { return static_cast<std::size_t>(row_ * sorted_.across + column_); }
    Index sample_size() const { return picture_.coding == Coding::bytes ? 1 : picture_.coding == Coding::words ? 2 : 4; }

    // Which layers of full size have samples in the window; false if none matters to this tile.
    bool find_layers() {
        const std::bitset<256>& inside = sorted_.present[index()];
        std::bitset<256> near_by;
        over_tiles([&](std::size_t at) { near_by |= sorted_.present[at]; });
        bool matters = false;
        for (std::int32_t id = reach_.first; id <= reach_.last; ++id) {
            matters |= (layers_[id].shape.identity ? inside : near_by)[static_cast<std::size_t>(id)];
        }
        if (!matters) return false;
        const bool border = window_.x0 < 0 || window_.y0 < 0 || window_.x0 + window_.size > picture_.width ||
                            window_.y0 + window_.size > picture_.height;
        alone_ = near_by.count() == 1 && !border;
        scratch_.mixed.clear();
        if (alone_) {
            for (std::size_t id = 0; id < near_by.size(); ++id) scratch_.around[id] = near_by[id];
            return true;
        }
        scratch_.around.fill(false);
        read_ids();
        if (near_by[split_pixel]) find_mixed();
        return true;
    }

    // The tile and those that its window reaches.
    void over_tiles(const auto& body) const {
        const Index tiles = (reach_.halo + tile - 1) / tile;
        for (Index row = std::max<Index>(0, row_ - tiles); row <= std::min(sorted_.down - 1, row_ + tiles); ++row) {
            const Index last = std::min(sorted_.across - 1, column_ + tiles);
            for (Index column = std::max<Index>(0, column_ - tiles); column <= last; ++column) {
                body(static_cast<std::size_t>(row * sorted_.across + column));
            }
        }
    }

    void read_ids() {
        std::int32_t* const ids = scratch_.ids.data();
        const Index left = std::max<Index>(window_.x0, 0), right = std::min(window_.x0 + window_.size, picture_.width);
        for (Index y = 0; y < window_.size; ++y) {
            std::int32_t* const line = ids + y * window_.stride - window_.x0;
            const Index from = window_.y0 + y;
            if (from < 0 || from >= picture_.height) {
                std::fill_n(line + window_.x0, window_.size, outside_picture);
                continue;
            }
            std::fill(line + window_.x0, line + left, outside_picture);
            std::fill(line + right, line + window_.x0 + window_.size, outside_picture);
            const std::uint8_t* const row = sorted_.ids.get() + from * picture_.width;
            for (Index x = left; x < right; ++x) line[x] = row[x];
            for (Index x = left; x < right; ++x) scratch_.around[row[x]] = true;
        }
    }

    void find_mixed() {
        over_tiles([&](std::size_t at) {
            for (const MixedPixel& pixel : sorted_.mixed[at]) {
                const Index x = pixel.x - window_.x0, y = pixel.y - window_.y0;
                if (x < 0 || y < 0 || x >= window_.size || y >= window_.size) continue;
                scratch_.mixed.push_back(&pixel);
                scratch_.around[static_cast<std::size_t>(pixel.near_layer)] = true;
                scratch_.around[static_cast<std::size_t>(pixel.far_layer)] = true;
            }
        });
    }

    bool inside(std::int32_t id) const {
        return sorted_.present[index()][static_cast<std::size_t>(id)];
    }

    void fill_up() {
        float* const result = scratch_.result.data();
        if (!rendered_.background.needed()) return;
        if (tile_rows().least(result + 3 * area, 1, area, area) > all_known) return;
        rendered_.background.read(x0_, y0_, scratch_.behind.data());
        tile_rows().fill_up(scratch_.behind.data(), area, result);
    }

    Index place(const MixedPixel& pixel) const {
        return (pixel.y - window_.y0) * window_.stride + pixel.x - window_.x0;
    }

    // Which share of each pixel shows something behind the layer: there one can tell whether the layer is there.
    void find_known(std::int32_t id, float* known) const {
        tile_rows().mask_between(scratch_.ids.data(), id, outside_picture, window_.plane, known);
    }

    void take_layer(std::int32_t id, float* own, float* known) const {
        tile_rows().mask_equal(scratch_.ids.data(), id, window_.plane, scratch_.mask.data());
        tile_rows().select(scratch_.light.data(), scratch_.mask.data(), window_.plane, window_.plane, own, known);
        for (const MixedPixel* pixel : scratch_.mixed) {
            for (const bool is_near : {true, false}) {
                if ((is_near ? pixel->near_layer : pixel->far_layer) != id) continue;
                const float share = is_near ? pixel->near_share : pixel->far_share;
                const Light& light = is_near ? pixel->near_light : pixel->far_light;
                const Index at = place(*pixel);
                for (Index p = 0; p < 3; ++p) own[p * window_.plane + at] += share * light[static_cast<std::size_t>(p)];
                own[3 * window_.plane + at] += share;
            }
            known[place(*pixel)] = pixel->known_from(id);
        }
        if (!layers_[id].shape.identity) extend(window_, picture_.width, picture_.height, 5, own);
    }

    void lay_over(std::int32_t id, bool& known_found) {
        if (scratch_.around[static_cast<std::size_t>(id)] == 0) return;
        const Spread& shape = layers_[id].shape;
        const TileSpread spread(layers_, layers_[id], x0_, y0_, tile);
        const TileShape form{tile, reach_.halo, reach_.stride};
        float* const sums = scratch_.sums.data();
        float* const blurred = scratch_.blurred.data();
        float* const result = scratch_.result.data();
        if (alone_) {
            read_light(picture_, window_, scratch_.light.data());
            for (Index p = 0; p < 3; ++p) {
                spread.apply(scratch_.light.data() + p * window_.plane, form, sums, result + p * area);
            }
            std::fill_n(result + 3 * area, area, 1.0F);
            return;
        }
        float* const own = scratch_.own.data();
        float* const known = own + 4 * window_.plane;
        if (!known_found) find_known(id, known);
        if (shape.identity && !inside(id)) {  // it shows what is behind it only
            find_known(id - 1, known);
            for (const MixedPixel* pixel : scratch_.mixed) known[place(*pixel)] = pixel->known_from(id);
            known_found = true;
            return;
        }
        known_found = true;
        if (!light_read_) read_light(picture_, window_, scratch_.light.data());
        light_read_ = true;
        take_layer(id, own, known);
        const bool whole = tile_rows().least(known, window_.size, window_.size, window_.stride) > all_known;
        for (Index p = 0; p < (whole ? 4 : 5); ++p) {
            spread.apply(own + p * window_.plane, form, sums, blurred + p * area);
        }
        tile_rows().lay_over(blurred, whole ? nullptr : blurred + 4 * area, shape.identity ? trusted_sharp : trusted, area, result);
    }

    const Picture& picture_;
    const Layers& layers_;
    const Sorted& sorted_;
    const Rendered& rendered_;
    const Reach& reach_;
    Index column_, row_, x0_, y0_;
    Window window_;
    Scratch& scratch_;
    bool light_read_ = false;
    bool alone_ = false;  // there is one layer in the window, and nothing else
};

}  // namespace

void render_tiles(const Picture& picture, const Layers& layers, const Sorted& sorted, const Rendered& rendered,
                  const Progress& progress, void* samples) {
    const Reach reach(layers);
    Workspaces<Reach, Scratch> workspaces(reach);
    parallel_for(sorted.mixed.size(), 4, progress, [&](std::size_t begin, std::size_t end) {
        std::unique_ptr<Scratch> scratch = workspaces.take();
        for (auto i = static_cast<Index>(begin); i < static_cast<Index>(end); ++i) {
            Tile one(picture, layers, sorted, rendered, reach, i % sorted.across, i / sorted.across, *scratch);
            if (one.stays()) {
                one.copy(samples);
                continue;
            }
            one.render();
            one.write(samples);
        }
        workspaces.give_back(std::move(scratch));
    });
}

}  // namespace nearfar::effects
