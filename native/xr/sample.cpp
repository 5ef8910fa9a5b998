#include "xr/sample.hpp"

#include <algorithm>
#include <cstdint>

#include "core/pool.hpp"

namespace nearfar::xr {
namespace {

constexpr std::size_t grain = std::size_t{1} << 16;

// What lies outside belongs to the last entry; a number that is none, to the first.
std::size_t entry(double place, double last) noexcept {
    return place >= last ? static_cast<std::size_t>(last) : place >= 1.0 ? static_cast<std::size_t>(place) : 0;
}

}  // namespace

template <class Raw>
void sample(const Raw* raw, std::size_t height, std::size_t width, const BufferFromView& place, double scale,
            const float* points, std::size_t count, float* out) {
    const double columns = static_cast<double>(width);
    const double rows = static_cast<double>(height);
    const auto [ax, ay, a1] = place.across;
    const auto [dx, dy, d1] = place.down;
    parallel_for(count, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const double x = static_cast<double>(points[2 * i]);
            const double y = static_cast<double>(points[2 * i + 1]);
            const std::size_t column = entry(((ax * x + ay * y) + a1) * columns, columns - 1.0);
            const std::size_t row = entry(((dx * x + dy * y) + d1) * rows, rows - 1.0);
            out[i] = static_cast<float>(static_cast<double>(raw[row * width + column]) * scale);
        }
    });
}

template void sample(const std::uint16_t*, std::size_t, std::size_t, const BufferFromView&, double, const float*,
                     std::size_t, float*);
template void sample(const float*, std::size_t, std::size_t, const BufferFromView&, double, const float*, std::size_t,
                     float*);

}  // namespace nearfar::xr
