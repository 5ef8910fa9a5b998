// The filters of nearfar.estimate.
#include "tests/packages.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "estimate/filters/blocks.hpp"
#include "estimate/filters/disparity.hpp"
#include "estimate/filters/guided.hpp"
#include "estimate/filters/spatial.hpp"
#include "estimate/filters/speckles.hpp"
#include "estimate/filters/temporal.hpp"
#include "tests/laws.hpp"

namespace nearfar::tests {

// Every filter on a map of a size: results are not looked at but for what must be there, memory is.
void try_filters(std::size_t height, std::size_t width) {
    const std::size_t count = height * width;
    const auto floats = map_with_holes(count);
    const auto depths = block<std::uint16_t>(count);
    const auto colors = block<std::uint8_t>(count * 3);
    for (std::size_t i = 0; i < count; ++i) depths[i] = static_cast<std::uint16_t>(below(5) == 0 ? 0 : below(2000));
    for (std::size_t i = 0; i < count * 3; ++i) colors[i] = static_cast<std::uint8_t>(below(256));
    const auto out = block<float>(count);
    const auto depths_out = block<std::uint16_t>(count);
    const filters::Spatial spatial{2, {0.5F, 20.0F}, 4};
    filters::smooth_map(floats.get(), height, width, spatial, true, out.get());
    filters::smooth_map(depths.get(), height, width, spatial, depths_out.get());
    const auto history = block<std::uint8_t>(count);
    std::memset(history.get(), 255, count);
    for (int mode = 0; mode <= 8; ++mode) {
        const filters::Belief belief = filters::belief_of(mode);
        filters::blend_frame(floats.get(), count, {0.4F, 20.0F}, belief, false, out.get(), history.get(),
                             map_with_holes(count).get());
    }
    filters::disparity_of(depths.get(), count, 6e5F, out.get());
    filters::depth_of(out.get(), count, 6e5F, depths_out.get());
    require(std::memcmp(depths.get(), depths_out.get(), count * 2) == 0, "depth survives the way through disparity");
    for (const filters::Fill how : {filters::Fill::left, filters::Fill::largest, filters::Fill::smallest}) {
        filters::fill_map(depths_out.get(), height, width, how);
        filters::fill_map(out.get(), height, width, how, true);
    }
    for (std::size_t scale = 1; scale <= 5 && scale <= std::min(height, width); ++scale) {
        const auto small = block<std::uint16_t>((height / scale + 1) * (width / scale + 2));
        filters::decimate_map(depths.get(), {height, width, scale}, small.get(), height / scale + 1, width / scale + 2);
    }
    filters::remove_speckles(floats.get(), height, width, 5, 1.0F, true, out.get());
    filters::remove_speckles(depths.get(), height, width, count, 1.0F, depths_out.get());
    filters::interpolate_frames(floats.get(), out.get(), floats.get(), count, 0.5F, block<float>(count).get());
    const filters::Shape shape{height, width};
    filters::guided_filter(floats.get(), colors.get(), shape, 3, 65.0, out.get());
    filters::joint_bilateral(floats.get(), colors.get(), shape, 2, 15.0, 3.0, out.get());
    for (const std::size_t size : {3U, 5U}) filters::median_filter(floats.get(), shape, size, out.get());
}

}  // namespace nearfar::tests
