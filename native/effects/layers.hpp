// The plan of the layers: which circles of confusion are blurred together, by which radius, and at which scale.
//
//     circle (px)   … −1.5  −1  −.5    .5   1   1.5 …
//     layer           | 0 | 1 |    2    | 3 | 4 |        numbered from the nearest; each has the mean radius of its
//     scale            1/2   1      1     1   1          pixels, so that a flat surface gets its own
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "effects/aperture.hpp"
#include "effects/circle.hpp"
#include "effects/extents.hpp"
#include "effects/grids.hpp"

namespace nearfar::effects {

// How finely the layers are cut.
struct Fineness {
    float kept_radius;  // a layer moves to half size where its radius stays at least this many of its pixels
    float step;         // relative width of a layer
    float least_width;  // px
};

constexpr std::int32_t most_layers = 250;
constexpr std::int32_t split_pixel = 255;    // an id: the pixel is split among layers
constexpr std::int32_t outside_picture = 254;  // an id
constexpr int coarsest_level = 5;

struct Layer {
    float radius = 0.0F;
    int level = 0;        // its size is 1/2^level
    bool near = false;    // in front of the focus
    double shrunk = 0.0;  // the radius in its own pixels, less what its scale blurs by itself
    Spread shape{};       // in the middle of the picture
};

struct Layers {
    Focus focus{};
    Aperture aperture{};
    Index width = 0, height = 0;  // of the picture
    std::vector<Layer> all;
    std::int32_t first_far = 0;  // those before it lie in front of the focus
    std::array<std::uint8_t, 2 * bins_per_side> table{};

    std::int32_t count() const { return static_cast<std::int32_t>(all.size()); }
    const Layer& operator[](std::int32_t id) const { return all[static_cast<std::size_t>(id)]; }
    std::int32_t of(float circle) const { return table[static_cast<std::size_t>(bin_of(circle))]; }
    // The layer that all disparities of the extent are in; none if they are in several.
    std::optional<std::int32_t> only(Extent extent) const {
        const std::int32_t nearest = of(circle_of(focus, extent.most)), farthest = of(circle_of(focus, extent.least));
        return nearest == farthest ? std::optional(nearest) : std::nullopt;
    }
};

// `disparity` has no NaN; `extents` are its own.
Layers plan_layers(const float* disparity, const Extents& extents, Index width, Index height, Focus focus,
                   const Aperture& aperture, const Fineness& fineness);

// How a layer is blurred in one tile: by its shape, or where that changes towards the picture's corners by those at the
// corners of the tile.
class TileSpread {
public:
    // The tile begins at (x0, y0) and has `side` pixels each way, all at the layer's scale.
    TileSpread(const Layers& layers, const Layer& layer, Index x0, Index y0, Index side);

    // One plane; `sums` as in spread().
    void apply(const float* from, const TileShape& tile, float* sums, float* out) const;

private:
    const Spread& shape_;
    std::vector<Spread> corners_;  // none: it is the same everywhere
};

}  // namespace nearfar::effects
