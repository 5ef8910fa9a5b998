#include "effects/coarse.hpp"

#include <algorithm>

#include "core/pool.hpp"
#include "effects/spread_rows.hpp"
#include "effects/tile_rows.hpp"

namespace nearfar::effects {
namespace {

constexpr Index tile = 64;             // of the picture, px
constexpr Index longest_vector = 16;   // floats
constexpr float all_known = 0.999F;
constexpr float trusted = 0.002F;      // of a disc: where less is known, a layer fades out
constexpr Index largest_side = 64;
constexpr Index largest_window = largest_side / 2 + 4;

Index side_of(int level) { return level <= 2 ? 64 : 32; }

Index stride_of(Index length) { return (length + 2 * longest_vector - 1) / longest_vector * longest_vector; }

// A cell on the border covers less of the picture than others: its sums are brought up to theirs.
void even_out_border(const TileGrid& grid, int level, Index width, Index height, Index x0, Index y0, float* values) {
    const Index scale = Index{1} << level, cells = tile >> level;
    const Index over_width = width - (grid.width - 1) * scale, over_height = height - (grid.height - 1) * scale;
    const Index column = grid.width - 1 - (x0 >> level), row = grid.height - 1 - (y0 >> level);
    if (over_width < scale && column < cells) {
        const float gain = static_cast<float>(scale) / static_cast<float>(over_width);
        for (Index p = 0; p < grid.planes; ++p) {
            for (Index y = 0; y < cells; ++y) values[(p * grid.side + y) * grid.side + column] *= gain;
        }
    }
    if (over_height < scale && row < cells) {
        const float gain = static_cast<float>(scale) / static_cast<float>(over_height);
        for (Index p = 0; p < grid.planes; ++p) {
            for (Index x = 0; x < cells; ++x) values[(p * grid.side + row) * grid.side + x] *= gain;
        }
    }
}

}  // namespace

struct CoarseLayers::Scratch {
    explicit Scratch(const CoarseLayers& layers) {
        Index plane_floats = 0, sum_floats = 0;
        for (const Group& group : layers.groups_) {
            const Index size = group.result.side + 2 * group.halo, stride = stride_of(size);
            plane_floats = std::max(plane_floats, size * stride);
            sum_floats = std::max(sum_floats, (size + 1) * stride);
        }
        const auto plane = static_cast<std::size_t>(plane_floats);
        constexpr auto area = static_cast<std::size_t>(largest_side * largest_side);
        own.assign(5 * plane, 0.0F);
        sums.assign(static_cast<std::size_t>(sum_floats), 0.0F);
        blurred.assign(5 * area, 0.0F);
        result.assign(4 * area, 0.0F);
        larger.assign(4 * area, 0.0F);
    }
    std::vector<float> own, sums, blurred, result, larger;
};

CoarseLayers::CoarseLayers(Index width, Index height, const Layers& layers, bool near)
    : width_(width), height_(height), layers_(layers), near_(near) {
    float* const ones = store_.take(largest_side * largest_side);
    std::fill_n(ones, largest_side * largest_side, 1.0F);
    ones_ = ones;
    const std::int32_t begin = near ? 0 : layers.first_far, end = near ? layers.first_far : layers.count();
    int deepest = 0;
    for (std::int32_t id = begin; id < end; ++id) deepest = std::max(deepest, layers[id].level);
    groups_.resize(static_cast<std::size_t>(deepest));
    for (int level = 1; level <= deepest; ++level) {
        Group& group = groups_[static_cast<std::size_t>(level - 1)];
        group.level = level;
        const Index scale = Index{1} << level, side = side_of(level);
        const Index across = (width + scale - 1) / scale, down = (height + scale - 1) / scale;
        bool found = false;
        for (std::int32_t id = begin; id < end; ++id) {
            if (layers[id].level != level) continue;
            if (!found) group.first = id;
            found = true;
            group.last = id;
            group.halo = std::max(group.halo, layers[id].shape.reach + 1);
            group.own.emplace_back(across, down, side, 4);
            group.own_rims.emplace_back(width, height, level, 4);
        }
        group.farther = TileGrid(across, down, side, 1);
        group.farther_rim = Rim(width, height, level, 1);
        group.result = TileGrid(across, down, side, 4);
    }
}

Index CoarseLayers::block() const {
    Index largest = tile;
    for (const Group& group : groups_) largest = std::max(largest, group.result.side << group.level);
    return largest;
}

void CoarseLayers::add(const TilePixels& pixels) {
    for (Group& group : groups_) {
        if (group.first > group.last) continue;
        for (std::int32_t id = group.first; id <= group.last; ++id) {
            if (pixels.sampled[static_cast<std::size_t>(id)]) add_layer(group, id, pixels);
        }
        add_farther(group, pixels);
    }
}

bool CoarseLayers::touches_border(const TilePixels& pixels) const {
    return pixels.x0 == 0 || pixels.y0 == 0 || pixels.x0 + tile >= width_ || pixels.y0 + tile >= height_;
}

void CoarseLayers::add_layer(Group& group, std::int32_t id, const TilePixels& pixels) {
    TileGrid& grid = group.own[static_cast<std::size_t>(id - group.first)];
    Rim& rim = group.own_rims[static_cast<std::size_t>(id - group.first)];
    const int level = group.level;
    const Index side = grid.side, area = side * side, x = pixels.x0 >> level, y = pixels.y0 >> level;
    float*& held = grid.tile(x / side, y / side);
    if (held == nullptr) held = store_.take(4 * area);
    float* const out = held + y % side * side + x % side;
    const Index scale = Index{1} << level;
    const bool on_border = touches_border(pixels);
    if (pixels.only == id && !on_border) {
        for (Index p = 0; p < 3; ++p) {
            tile_rows().shrink(pixels.light + p * tile * tile, nullptr, scale, out + p * area, side);
        }
        for (Index row = 0; row < tile / scale; ++row) std::fill_n(out + 3 * area + row * side, tile / scale, 1.0F);
    } else if (pixels.plain[static_cast<std::size_t>(id)]) {
        std::array<float, tile * tile> mask;
        tile_rows().mask_equal(pixels.ids, id, tile * tile, mask.data());
        for (Index p = 0; p < 3; ++p) {
            tile_rows().shrink(pixels.light + p * tile * tile, mask.data(), scale, out + p * area, side);
            rim.add(pixels.x0, pixels.y0, p, pixels.light + p * tile * tile, mask.data());
        }
        tile_rows().shrink(mask.data(), nullptr, scale, out + 3 * area, side);
        rim.add(pixels.x0, pixels.y0, 3, nullptr, mask.data());
    }
    const float share = 1.0F / static_cast<float>(scale * scale);
    for (const MixedPixel& pixel : pixels.mixed) {
        float* const at = out + ((pixel.y >> level) - y) * side + (pixel.x >> level) - x;
        for (const bool is_near : {true, false}) {
            if ((is_near ? pixel.near_layer : pixel.far_layer) != id) continue;
            const float part = is_near ? pixel.near_share : pixel.far_share;
            const Light& light = is_near ? pixel.near_light : pixel.far_light;
            for (Index p = 0; p < 4; ++p) {
                const float value = p < 3 ? part * light[static_cast<std::size_t>(p)] : part;
                at[p * area] += value * share;
                if (on_border) rim.add_pixel(pixel.x, pixel.y, p, value);
            }
        }
    }
    even_out_border(grid, level, width_, height_, pixels.x0, pixels.y0, out);
}

// Where the shares of a tile's pixels go; null if they need not be written down: they are 1 in a tile of ones, or 0 in
// one that does not exist.
float* CoarseLayers::farther_cells(Group& group, const TilePixels& pixels) {
    bool behind = false, before = false;
    for (std::int32_t id = pixels.only.value_or(0); id <= pixels.only.value_or(255); ++id) {
        if (!pixels.plain[static_cast<std::size_t>(id)]) continue;
        (id > group.last && id < outside_picture ? behind : before) = true;
    }
    for (const MixedPixel& pixel : pixels.mixed) behind |= pixel.far_layer > group.last;
    TileGrid& grid = group.farther;
    const Index side = grid.side, x = pixels.x0 >> group.level, y = pixels.y0 >> group.level;
    float*& held = grid.tile(x / side, y / side);
    const bool first = x % side == 0 && y % side == 0, all_ones = held == ones_;
    if (behind && !before && first) held = const_cast<float*>(ones_);  // nobody writes to it
    if (held == ones_ ? behind && !before : held == nullptr && !behind) return nullptr;
    if (held == nullptr || held == ones_) {
        held = store_.take(side * side);
        if (all_ones) std::fill_n(held, side * side, 1.0F);
    }
    return held + y % side * side + x % side;
}

void CoarseLayers::add_farther(Group& group, const TilePixels& pixels) {
    const TileGrid& grid = group.farther;
    const int level = group.level;
    const Index side = grid.side, x = pixels.x0 >> level, y = pixels.y0 >> level, scale = Index{1} << level;
    std::array<float, tile * tile> mask;
    const bool on_border = touches_border(pixels);
    float* const out = farther_cells(group, pixels);
    if (out == nullptr && !on_border) return;
    tile_rows().mask_between(pixels.ids, group.last, outside_picture, tile * tile, mask.data());
    group.farther_rim.add(pixels.x0, pixels.y0, 0, nullptr, mask.data());
    if (out != nullptr) tile_rows().shrink(mask.data(), nullptr, scale, out, side);
    const float share = 1.0F / static_cast<float>(scale * scale);
    for (const MixedPixel& pixel : pixels.mixed) {
        const float seen = pixel.known_from(group.last + 1);
        if (out != nullptr) out[((pixel.y >> level) - y) * side + (pixel.x >> level) - x] += seen * share;
        if (on_border) group.farther_rim.add_pixel(pixel.x, pixel.y, 0, seen);
    }
    if (out != nullptr) even_out_border(grid, level, width_, height_, pixels.x0, pixels.y0, out);
}

void CoarseLayers::render() {
    Workspaces<CoarseLayers, Scratch> workspaces(*this);
    for (std::size_t level = groups_.size(); level-- > 0;) {
        if (groups_[level].own.empty()) continue;
        parallel_for(groups_[level].result.tiles.size(), 1, [&](std::size_t begin, std::size_t end) {
            std::unique_ptr<Scratch> scratch = workspaces.take();
            for (std::size_t at = begin; at < end; ++at) render_tile(level, static_cast<Index>(at), *scratch);
            workspaces.give_back(std::move(scratch));
        });
    }
}

bool CoarseLayers::touches(const Group& group, Index x0, Index y0) const {
    const Index size = group.result.side + 2 * group.halo;
    for (const TileGrid& own : group.own) {
        if (own.count(x0 - group.halo, y0 - group.halo, size).held > 0) return true;
    }
    return false;
}

void CoarseLayers::render_tile(std::size_t level, Index at, Scratch& scratch) {
    Group& group = groups_[level];
    const Index side = group.result.side, area = side * side;
    const Index x0 = at % group.result.across * side, y0 = at / group.result.across * side;
    if (!touches(group, x0, y0)) return;
    float* const result = scratch.result.data();
    if (near_ || !enlarged(level + 1, x0, y0, side, result)) std::fill_n(result, 4 * area, 0.0F);
    bool known_read = false;
    for (std::int32_t id = group.last; id >= group.first; --id) render_layer(group, id, x0, y0, known_read, scratch);
    if (near_ && enlarged(level + 1, x0, y0, side, scratch.larger.data())) {
        tile_rows().cover(scratch.larger.data(), area, result);
    }
    float* const held = store_.take(4 * area);
    std::copy_n(result, 4 * area, held);
    group.result.tiles[static_cast<std::size_t>(at)] = held;
}

void CoarseLayers::render_layer(const Group& group, std::int32_t id, Index x0, Index y0, bool& known_read,
                                Scratch& scratch) const {
    const TileGrid& grid = group.own[static_cast<std::size_t>(id - group.first)];
    const Index side = grid.side, area = side * side, size = side + 2 * group.halo, stride = stride_of(size);
    const Window window{x0 - group.halo, y0 - group.halo, size, stride, size * stride};
    if (grid.count(window.x0, window.y0, size).held == 0) return;
    float* const own = scratch.own.data();
    float* const known = own + 4 * window.plane;
    if (!known_read) {
        std::fill_n(known, window.plane, 0.0F);
        gather(group.farther, window, known);
        group.farther_rim.extend(window, known);
    }
    known_read = true;
    std::fill_n(own, 4 * window.plane, 0.0F);
    gather(grid, window, own);
    group.own_rims[static_cast<std::size_t>(id - group.first)].extend(window, own);
    const float* const coverage = own + 3 * window.plane;
    for (Index i = 0; i < window.plane; ++i) known[i] = std::min(1.0F, known[i] + coverage[i]);
    const bool whole = tile_rows().least(known, size, size, stride) > all_known;
    const TileShape shape{side, group.halo, stride};
    const TileSpread spread(layers_, layers_[id], x0, y0, side);
    for (Index p = 0; p < (whole ? 4 : 5); ++p) {
        spread.apply(own + p * window.plane, shape, scratch.sums.data(), scratch.blurred.data() + p * area);
    }
    const float* const blurred = scratch.blurred.data();
    tile_rows().lay_over(blurred, whole ? nullptr : blurred + 4 * area, trusted, area, scratch.result.data());
}

bool CoarseLayers::any(std::size_t level, Index x0, Index y0, Index size) const {
    for (; level < groups_.size(); ++level) {
        if (groups_[level].result.count(x0, y0, size).held > 0) return true;
        size = size / 2 + 2;
        x0 = (x0 >> 1) - 1;
        y0 = (y0 >> 1) - 1;
    }
    return false;
}

// Four planes of a square at (x0, y0), enlarged from the level, which is half as fine.
bool CoarseLayers::enlarged(std::size_t level, Index x0, Index y0, Index size, float* out) const {
    const Index left = x0 / 2 - 1, top = y0 / 2 - 1;  // one cell before the square
    const Index odd_left = left & 1, odd_top = top & 1, length = size / 2 + 2 + ((odd_left | odd_top) != 0 ? 2 : 0);
    std::array<float, 4 * largest_window * largest_window> window;
    if (!read_level(level, left - odd_left, top - odd_top, length, window.data())) return false;
    for (Index p = 0; p < 4; ++p) {
        const float* const from = window.data() + (p * length + odd_top) * length + odd_left;
        tile_rows().enlarge(from, length, size, out + p * size * size);
    }
    return true;
}

// A square that begins at an even cell and has an even size.
bool CoarseLayers::read_level(std::size_t level, Index x0, Index y0, Index size, float* out) const {
    if (!any(level, x0, y0, size)) return false;
    const TileGrid& result = groups_[level].result;
    const TileGrid::Count count = result.count(x0, y0, size);
    if (count.held < count.possible && !enlarged(level + 1, x0, y0, size, out)) std::fill_n(out, 4 * size * size, 0.0F);
    const Window window{x0, y0, size, size, size * size};
    gather(result, window, out);
    extend(window, result.width, result.height, 4, out);
    return true;
}

bool CoarseLayers::read(Index x0, Index y0, Index size, float* out) const { return read_level(0, x0, y0, size, out); }

bool CoarseLayers::any(Index x0, Index y0) const { return any(0, x0 / 2 - 2, y0 / 2 - 2, tile / 2 + 4); }

bool CoarseLayers::read_tile(Index x0, Index y0, float* out) const { return enlarged(0, x0, y0, tile, out); }

}  // namespace nearfar::effects
