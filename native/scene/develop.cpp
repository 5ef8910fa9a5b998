#include "scene/develop.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/pool.hpp"

namespace nearfar::scene {
namespace {

constexpr std::size_t curve_steps = 8192;

// x/(x + 1) of the exposed light, in steps, to sRGB: light below a half is kept, what is brighter rolls off softly.
std::array<std::uint8_t, curve_steps + 1> make_curve() {
    std::array<std::uint8_t, curve_steps + 1> curve{};
    for (std::size_t i = 0; i <= curve_steps; ++i) {
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

// Nearly normal, mean 0, variance 1: a sum of eight evenly spread shares of two hashes.
double normal(std::uint64_t key) noexcept {
    std::int64_t sum = 0;
    for (std::uint64_t half = 0; half < 2; ++half) {
        std::uint64_t bits = hash(2 * key + half);
        for (int k = 0; k < 4; ++k, bits >>= 16U) sum += static_cast<std::int64_t>(bits & 0xFFFFU);
    }
    const double mean = 4.0 * 65535.0;
    const double deviation = 53509.8;  // sqrt(8 · (65536² − 1)/12)
    return (static_cast<double>(sum) - mean) / deviation;
}

}  // namespace

void develop(const float* linear, std::size_t height, std::size_t width, const Sensor& sensor, std::uint8_t* out) {
    static const std::array<std::uint8_t, curve_steps + 1> curve = make_curve();
    const double half_width = 0.5 * static_cast<double>(width);
    const double half_height = 0.5 * static_cast<double>(height);
    const double corner = 1.0 / (half_width * half_width + half_height * half_height);
    const std::size_t grain = std::max<std::size_t>(1, (std::size_t{1} << 14) / width);
    parallel_for(height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const double down = static_cast<double>(y) + 0.5 - half_height;
            for (std::size_t x = 0; x < width; ++x) {
                double gain = sensor.exposure;
                if (sensor.vignetting > 0.0) {
                    const double across = static_cast<double>(x) + 0.5 - half_width;
                    gain *= 1.0 - sensor.vignetting * (across * across + down * down) * corner;
                }
                for (std::size_t i = 3 * (y * width + x); i < 3 * (y * width + x) + 3; ++i) {
                    double light = static_cast<double>(linear[i]) * gain;
                    light = light > 0.0 ? std::min(light, 1e6) : 0.0;
                    if (sensor.electrons > 0.0) {
                        const double count = light * sensor.electrons;
                        const double spread = std::sqrt(count + sensor.read_noise * sensor.read_noise);
                        light += spread * normal(hash(sensor.seed) + i) / sensor.electrons;
                        light = std::max(light, 0.0);
                    }
                    const double share = light / (light + 1.0);
                    out[i] = curve[static_cast<std::size_t>(share * static_cast<double>(curve_steps) + 0.5)];
                }
            }
        }
    });
}

}  // namespace nearfar::scene
