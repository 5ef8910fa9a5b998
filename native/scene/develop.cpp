#include "scene/develop.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/pool.hpp"
#include "scene/develop_rows.hpp"

namespace nearfar::scene {
namespace {

// x/(x + 1) of the exposed light, in steps, to sRGB: light below a half is kept, what is brighter rolls off softly.
using Curve = std::array<std::uint8_t, curve_steps + 1>;
Curve make_curve() {
    Curve curve{};
    for (std::size_t i = 0; i < curve.size(); ++i) {
        const double share = static_cast<double>(i) / static_cast<double>(curve_steps);
        const double light = share < 1.0 ? share / (1.0 - share) : 1e9;
        const double print = light <= 0.5 ? light : 1.0 - 0.25 / light;
        const double code = print <= 0.0031308 ? 12.92 * print : 1.055 * std::pow(print, 1.0 / 2.4) - 0.055;
        curve[i] = static_cast<std::uint8_t>(std::clamp(code * 255.0 + 0.5, 0.0, 255.0));
    }
    return curve;
}

// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t hash(std::uint64_t key) noexcept {
    key += 0x9E3779B97F4A7C15U;
    key = (key ^ (key >> 30U)) * 0xBF58476D1CE4E5B9U;
    key = (key ^ (key >> 27U)) * 0x94D049BB133111EBU;
    return key ^ (key >> 31U);
}

}  // namespace

void develop_some(const float* linear, std::size_t height, std::size_t width, std::size_t first, std::size_t last,
                  const Sensor& sensor, std::uint8_t* out) {
    static const Curve curve = make_curve();
    const double half_width = 0.5 * static_cast<double>(width);
    const double half_height = 0.5 * static_cast<double>(height);
    const double falloff = sensor.vignetting / (half_width * half_width + half_height * half_height);
    const std::uint64_t key = hash(sensor.seed);
    std::array<std::int32_t, 3 * develop_block> steps;
    for (std::size_t y = first; y < last; ++y) {
        for (std::size_t x = 0; x < width; x += develop_block) {
            const std::size_t here = 3 * ((y - first) * width + x);
            const std::size_t count = std::min(develop_block, width - x);
            develop_rows().place({linear + here, count, static_cast<double>(x) + 0.5 - half_width,
                                  static_cast<double>(y) + 0.5 - half_height, sensor.exposure, sensor.electrons,
                                  sensor.read_noise, falloff, key + 3 * (y * width + x)},
                                 steps.data());
            for (std::size_t i = 0; i < 3 * count; ++i) out[here + i] = curve[static_cast<std::size_t>(steps[i])];
        }
    }
}

void develop(const float* linear, std::size_t height, std::size_t width, const Sensor& sensor, std::uint8_t* out) {
    const std::size_t grain = std::max<std::size_t>(1, (std::size_t{1} << 14) / width);
    parallel_for(height, grain, [&](std::size_t begin, std::size_t end) {
        const std::size_t skipped = 3 * begin * width;
        develop_some(linear + skipped, height, width, begin, end, sensor, out + skipped);
    });
}

}  // namespace nearfar::scene
