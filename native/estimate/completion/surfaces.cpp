#include "estimate/completion/surfaces.hpp"

#include <cmath>
#include <limits>

#include "core/pool.hpp"

namespace nearfar::completion {
namespace {

// Four samples in a row, of which the first and the last may be NaN for want of one.
bool joined(double before, double here, double next, double after, double threshold) noexcept {
    if (here == next) return true;  // two infinities too
    const double step = next - here;
    if (!std::isfinite(step)) return false;
    return std::fabs(step) <= threshold || std::fabs(step - (here - before)) <= threshold ||
           std::fabs(step - (after - next)) <= threshold;  // comparisons with NaN are false
}

}  // namespace

Surfaces::Surfaces(const Samples& samples, double threshold)
    : width_(samples.width), links_(samples.height * samples.width) {
    const auto at = [&](std::size_t y, std::size_t x) {  // an index below 0 wraps and is beyond the map as well
        if (y >= samples.height || x >= samples.width) return std::numeric_limits<double>::quiet_NaN();
        return samples.values[y * samples.width + x];
    };
    const std::size_t grain = (std::size_t{1} << 15) / samples.width + 1;
    parallel_for(samples.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            for (std::size_t x = 0; x < samples.width; ++x) {
                const double here = at(y, x);
                const bool right = joined(at(y, x - 1), here, at(y, x + 1), at(y, x + 2), threshold);
                const bool down = joined(at(y - 1, x), here, at(y + 1, x), at(y + 2, x), threshold);
                links_[y * width_ + x] = static_cast<std::uint8_t>((right ? 1 : 0) | (down ? 2 : 0));
            }
        }
    });
}

}  // namespace nearfar::completion
