#include "estimate/filters/disparity.hpp"

#include "core/pool.hpp"
#include "estimate/filters/passes.hpp"

namespace nearfar::filters {
namespace {
constexpr std::size_t chunk = 1 << 16;  // pixels
}

void disparity_of(const std::uint16_t* depth, std::size_t count, float factor, float* out) {
    const Passes& level = passes();
    parallel_for(count, chunk, [&](std::size_t begin, std::size_t end) {
        level.to_disparity(depth + begin, end - begin, factor, out + begin);
    });
}

void depth_of(const float* disparity, std::size_t count, float factor, std::uint16_t* out) {
    const Passes& level = passes();
    parallel_for(count, chunk, [&](std::size_t begin, std::size_t end) {
        level.to_depth(disparity + begin, end - begin, factor, out + begin);
    });
}

}  // namespace nearfar::filters
