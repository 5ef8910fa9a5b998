#include "estimate/pattern/measure.hpp"

#include <limits>

#include "core/pool.hpp"

namespace nearfar::pattern {

void measure(const float* shifts, const float* peaks, std::size_t height, std::size_t width, const Measure& how,
             float* depth, float* confidence) {
    constexpr float slack = 0.5F;  // what stands at an end of the range is measured with noise
    constexpr float hole = std::numeric_limits<float>::quiet_NaN();
    parallel_for(height, 32, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin * width; i < end * width; ++i) {
            const float shift = shifts[i];
            const bool inside = (shift >= how.low - slack) & (shift <= how.high + slack);
            const bool certain = inside & (peaks[i] >= how.least);
            float held = shift > how.low ? shift : how.low;
            held = held < how.high ? held : how.high;
            const float inverse = held / how.pull + how.inverse;
            const float far = 1.0F / (inverse > 0.0F ? inverse : 0.0F);
            depth[i] = certain ? far : hole;
            confidence[i] = certain ? peaks[i] : 0.0F;
        }
    });
}

}  // namespace nearfar::pattern
