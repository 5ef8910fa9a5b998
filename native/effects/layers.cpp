#include "effects/layers.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "core/pool.hpp"

namespace nearfar::effects {
namespace {

constexpr float sharp = 0.5F;            // px: up to here nothing is blurred
constexpr std::int32_t most_per_side = (most_layers - 1) / 2;
constexpr Index sampled_rows = 512;      // means need no more
constexpr Index tile = 64;
constexpr float fixed_point = 65536.0F;  // sums of whole numbers don't depend on their order

// Outer bounds of the layers of one side, beyond the sharp one, up to what holds `largest`.
std::vector<float> bounds_up_to(float largest, const Fineness& fineness) {
    std::vector<float> bounds;
    for (float bound = sharp; bound < largest && static_cast<std::int32_t>(bounds.size()) < most_per_side;) {
        bound = bounds.empty() ? 1.5F * fineness.least_width
                               : bound + std::max(fineness.least_width, fineness.step * bound);
        bounds.push_back(bound);
    }
    return bounds;
}

std::int32_t beyond(const std::vector<float>& bounds, float size) {
    if (size < sharp || bounds.empty()) return 0;
    const auto found = std::upper_bound(bounds.begin(), bounds.end() - 1, size);
    return 1 + static_cast<std::int32_t>(found - bounds.begin());
}

// In fixed point.
std::int64_t sum_of_circles(const float* disparity, Index count, Focus focus) {
    std::int64_t sum = 0;
    for (Index i = 0; i < count; ++i) sum += static_cast<std::int32_t>(circle_of(focus, disparity[i]) * fixed_point);
    return sum;
}

// The mean radius of each layer's pixels; of every n-th row.
std::vector<float> mean_radii(const float* disparity, const Extents& extents, Index width, Index height,
                              const Layers& layers) {
    const auto count = static_cast<std::size_t>(layers.count());
    std::vector<std::int64_t> sums(count, 0), pixels(count, 0);
    std::mutex mutex;
    const Index step = std::max<Index>(1, height / sampled_rows);
    const Index rows = (height - step / 2 + step - 1) / step;
    parallel_for(static_cast<std::size_t>(rows), 32, [&](std::size_t begin, std::size_t end) {
        std::vector<std::int64_t> part_sums(count, 0), part_pixels(count, 0);
        for (std::size_t i = begin; i < end; ++i) {
            const Index y = static_cast<Index>(i) * step + step / 2;
            for (Index x = 0; x < width; x += tile) {
                const float* const values = disparity + y * width + x;
                const Index length = std::min(tile, width - x);
                const std::optional<std::int32_t> only = layers.only(extents.of(x / tile, y / tile));
                if (only) {
                    part_sums[static_cast<std::size_t>(*only)] += sum_of_circles(values, length, layers.focus);
                    part_pixels[static_cast<std::size_t>(*only)] += length;
                    continue;
                }
                for (Index j = 0; j < length; ++j) {
                    const auto layer = static_cast<std::size_t>(layers.of(circle_of(layers.focus, values[j])));
                    part_sums[layer] += sum_of_circles(values + j, 1, layers.focus);
                    ++part_pixels[layer];
                }
            }
        }
        const std::lock_guard lock(mutex);
        for (std::size_t k = 0; k < count; ++k) {
            sums[k] += part_sums[k];
            pixels[k] += part_pixels[k];
        }
    });
    std::vector<float> radii(count, -1.0F);
    for (std::size_t k = 0; k < count; ++k) {
        if (pixels[k] == 0) continue;
        radii[k] = static_cast<float>(std::fabs(static_cast<double>(sums[k]) / static_cast<double>(fixed_point) / static_cast<double>(pixels[k])));
    }
    return radii;
}

// What a layer at 1/2^level is blurred by beside its disc, in its own pixels²: the pixel's own square, the averaging
// into larger ones, and the linear enlargement step by step.
double variance_of_scale(int level) {
    const double larger = std::ldexp(1.0, -2 * level);
    double variance = 1.0 / 12.0 + (1.0 - larger) / 12.0;
    for (int i = 0; i < level; ++i) variance += 0.1875 * std::ldexp(1.0, -2 * i);
    return variance;
}

}  // namespace

Layers plan_layers(const float* disparity, const Extents& extents, Index width, Index height, Focus focus,
                   const Aperture& aperture, const Fineness& fineness) {
    const Extent range = extents.all();
    const float nearest = circle_of(focus, range.most), farthest = circle_of(focus, range.least);
    const std::vector<float> in_front = bounds_up_to(-nearest, fineness), behind = bounds_up_to(farthest, fineness);
    Layers layers;
    layers.focus = focus;
    layers.aperture = aperture;
    layers.width = width;
    layers.height = height;
    layers.first_far = static_cast<std::int32_t>(in_front.size());
    layers.all.resize(in_front.size() + 1 + behind.size());
    for (std::int32_t bin = 0; bin < 2 * bins_per_side; ++bin) {
        const float size = size_of_bin(bin);
        const std::int32_t id = bin < bins_per_side ? layers.first_far - beyond(in_front, size)
                                                    : layers.first_far + beyond(behind, size);
        layers.table[static_cast<std::size_t>(bin)] = static_cast<std::uint8_t>(id);
    }
    const double unit = variance_of({aperture.blades, aperture.rotation, aperture.curvature, 0.0});
    const std::vector<float> radii = mean_radii(disparity, extents, width, height, layers);
    for (std::int32_t id = 0; id < layers.count(); ++id) {
        Layer& layer = layers.all[static_cast<std::size_t>(id)];
        layer.radius = radii[static_cast<std::size_t>(id)];
        if (layer.radius < 0.0F && id != layers.first_far) {  // no sample fell into it
            const bool near = id < layers.first_far;
            const std::vector<float>& bounds = near ? in_front : behind;
            const auto i = static_cast<std::size_t>(near ? layers.first_far - 1 - id : id - layers.first_far - 1);
            layer.radius = 0.5F * (bounds[i] + (i == 0 ? sharp : bounds[i - 1]));
        }
        layer.radius = std::max(layer.radius, 0.0F);
        while (layer.level < coarsest_level && std::ldexp(layer.radius, -layer.level) >= 2.0F * fineness.kept_radius) ++layer.level;
        layer.near = id < layers.first_far;
        const double radius = std::ldexp(static_cast<double>(layer.radius), -layer.level);
        const double square = radius * radius - variance_of_scale(layer.level) / unit;
        layer.shrunk = id == layers.first_far ? 0.0 : std::sqrt(std::max(square, 0.0));
        layer.shape = make_spread(aperture, layer.shrunk, layer.near);
    }
    return layers;
}

TileSpread::TileSpread(const Layers& layers, const Layer& layer, Index x0, Index y0, Index side)
    : shape_(layer.shape) {
    if (layers.aperture.cats_eye <= 0.0 || layer.shape.identity) return;
    const double scale = std::ldexp(1.0, layer.level), width = static_cast<double>(layers.width);
    const double height = static_cast<double>(layers.height), to_corner = 0.5 * std::hypot(width, height);
    for (Index y = 0; y <= side; y += varying_block) {
        for (Index x = 0; x <= side; x += varying_block) {
            const double right = std::min(scale * static_cast<double>(x0 + x), width) - 0.5 * width;
            const double below = std::min(scale * static_cast<double>(y0 + y), height) - 0.5 * height;
            const Place place{right / to_corner, below / to_corner};
            corners_.push_back(make_spread(layers.aperture, layer.shrunk, layer.near, place));
        }
    }
}

void TileSpread::apply(const float* from, const TileShape& tile, float* sums, float* out) const {
    if (corners_.empty()) {
        spread(shape_, from, tile, sums, out);
    } else {
        spread_varying(corners_, from, tile, sums, out);
    }
}

}  // namespace nearfar::effects
