#include "scene/develop_rows.hpp"

#if !defined(__GNUC__)
#include <cmath>  // there is one level alone
#endif

namespace nearfar::scene::NEARFAR_LEVEL {
namespace {

using Values = double[3 * develop_block];

double root(double value) noexcept {
#if defined(__GNUC__)
    return __builtin_sqrt(value);
#else
    return std::sqrt(value);
#endif
}

// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t hash(std::uint64_t key) noexcept {
    key += 0x9E3779B97F4A7C15U;
    key = (key ^ (key >> 30U)) * 0xBF58476D1CE4E5B9U;
    key = (key ^ (key >> 27U)) * 0x94D049BB133111EBU;
    return key ^ (key >> 31U);
}

// The four 16-bit numbers in one of 64 bits, added up.
std::uint64_t sum_of_words(std::uint64_t bits) noexcept {
    const std::uint64_t pairs = (bits & 0x0000FFFF0000FFFFU) + ((bits >> 16U) & 0x0000FFFF0000FFFFU);
    return (pairs & 0xFFFFFFFFU) + (pairs >> 32U);
}

void expose(const Exposed& exposed, double* __restrict light) noexcept {
    alignas(64) double gain[develop_block];
    for (std::size_t i = 0; i < exposed.count; ++i) {
        const double across = exposed.across + static_cast<double>(static_cast<std::int32_t>(i));
        gain[i] = exposed.exposure * (1.0 - exposed.falloff * (across * across + exposed.down * exposed.down));
    }
    for (std::size_t i = 0; i < exposed.count; ++i) {
        for (std::size_t c = 0; c < 3; ++c) light[3 * i + c] = static_cast<double>(exposed.linear[3 * i + c]) * gain[i];
    }
    for (std::size_t i = 0; i < 3 * exposed.count; ++i) {
        const double positive = light[i] > 0.0 ? light[i] : 0.0;
        light[i] = positive < 1e6 ? positive : 1e6;
    }
}

// Nearly normal, mean 0, variance 1: a sum of eight evenly spread shares of two hashes.
void draw(std::uint64_t key, std::size_t count, double* __restrict out) noexcept {
    constexpr double mean = 4.0 * 65535.0;
    constexpr double deviation = 53509.8;  // sqrt(8 · (65536² − 1)/12)
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t twice = 2 * (key + i);
        const auto sum = static_cast<std::int32_t>(sum_of_words(hash(twice)) + sum_of_words(hash(twice + 1)));
        out[i] = (static_cast<double>(sum) - mean) / deviation;
    }
}

void place(const Exposed& exposed, std::int32_t* __restrict steps) noexcept {
    alignas(64) Values light;
    const std::size_t count = 3 * exposed.count;
    expose(exposed, light);
    if (exposed.electrons > 0.0) {
        alignas(64) Values noise;
        draw(exposed.key, count, noise);
        const double read = exposed.read_noise * exposed.read_noise;
        for (std::size_t i = 0; i < count; ++i) {
            const double spread = root(light[i] * exposed.electrons + read);
            const double noisy = light[i] + spread * noise[i] / exposed.electrons;
            light[i] = noisy > 0.0 ? noisy : 0.0;
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        const double share = light[i] / (light[i] + 1.0);
        steps[i] = static_cast<std::int32_t>(share * static_cast<double>(curve_steps) + 0.5);
    }
}

}  // namespace

extern const DevelopRows develop_rows;
const DevelopRows develop_rows{place};

}  // namespace nearfar::scene::NEARFAR_LEVEL
