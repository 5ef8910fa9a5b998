// Depth buffers of nearfar.xr: seen from elsewhere, and looked up.
#include "tests/packages.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "tests/laws.hpp"
#include "xr/format_rows.hpp"
#include "xr/reproject.hpp"
#include "xr/sample.hpp"

namespace nearfar::tests {
namespace {

// Metres around 2, now and then what is none, or lies at an end of all ranges.
double wild_metres(std::size_t i) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    constexpr double odd[] = {0.0, -1.0, infinite, -infinite, none, 1e-9, 1e9, 1e-3};
    const std::size_t which = below(12);
    return which < 8 ? odd[which] : 2.0 + 0.01 * static_cast<double>(i % 97);
}

void try_motions(std::size_t height, std::size_t width) {
    const auto metres = block<double>(height * width);
    const auto seen = block<double>(height * width);
    for (std::size_t i = 0; i < height * width; ++i) metres[i] = wild_metres(i);
    const xr::Motion motions[] = {
        {{1, 0, 0, 0, 1, 0, 0, 0, 1}, {0, 0, 0}},                                  // the same camera
        {{1, 0, 0, 0, 1, 0, 0, 0, 1}, {40, -20, 0.1}},                             // beside it
        {{30, 0, -15.0 * static_cast<double>(width), 0, 30, 0, 0, 0, 1}, {0, 0, 0}},  // seen larger
        {{0.7, -0.7, 1, 0.7, 0.7, 0, 0, 0, 1}, {0, 0, 0}},                         // rolled
        {{1, 0, 0, 0, 1, 0, 1e-2, -1e-2, 0.5}, {1, 1, -0.5}},                      // partly behind it
        {{1e30, 0, 0, 0, 1e30, 0, 0, 0, -1}, {0, 0, 1e30}},
    };
    for (const xr::Motion& motion : motions) {
        xr::reproject(metres.get(), {height, width}, motion, seen.get());
        for (std::size_t i = 0; i < height * width; ++i) {
            require(seen[i] >= 0.0 && seen[i] <= 2001.0, "what is seen is before the camera");
        }
    }
}

void try_points(std::size_t height, std::size_t width) {
    const std::size_t count = 1000;
    const auto raw = block<std::uint16_t>(height * width);
    const auto points = block<float>(2 * count);
    const auto found = block<float>(count);
    for (std::size_t i = 0; i < height * width; ++i) raw[i] = static_cast<std::uint16_t>(i);
    for (std::size_t i = 0; i < 2 * count; ++i) points[i] = static_cast<float>(below(1001)) / 1000.0F;
    for (const double sign : {1.0, -1.0, 1e30, std::numeric_limits<double>::quiet_NaN()}) {
        xr::sample(raw.get(), height, width, {{sign, 0, 0}, {0, sign, 0}}, 1.0, points.get(), count, found.get());
        for (std::size_t i = 0; i < count; ++i) require(found[i] < 65536.0F, "an entry of the buffer");
    }
}

void try_formats(std::size_t height, std::size_t width) {
    const std::size_t count = height * width;
    const auto metres = block<float>(count);
    const auto kept = block<std::uint16_t>(count);
    for (std::size_t i = 0; i < count; ++i) metres[i] = static_cast<float>(wild_metres(i));
    xr::format_rows().millimetres(metres.get(), count, 1.0, kept.get());
    for (std::size_t i = 0; i < count; ++i) {
        const double exact = 1000.0 * static_cast<double>(metres[i]);
        const bool far = !(exact >= 0.5 && exact < 65535.5);
        require(far ? kept[i] == 0 : std::abs(exact - kept[i]) <= 0.5, "the nearest millimetre, or a hole");
    }
}

}  // namespace

void try_depth_buffers(std::size_t height, std::size_t width) {
    try_motions(height, width);
    try_points(height, width);
    try_formats(height, width);
}

}  // namespace nearfar::tests
