#include "effects/grain_rows.hpp"

namespace nearfar::effects::NEARFAR_LEVEL {
namespace {

constexpr float pi = 3.14159265F;

// Finalizer of MurmurHash3.
std::uint32_t mixed(std::uint32_t value) noexcept {
    value ^= value >> 16;
    value *= 0x85ebca6bU;
    value ^= value >> 13;
    value *= 0xc2b2ae35U;
    return value ^ (value >> 16);
}

// The sum of four even numbers 0..65535 has the mean 131070 and the variance (2^32 − 1)/3.
void draw(std::uint32_t y, std::uint32_t plane, std::size_t count, float* __restrict out) noexcept {
    constexpr float scale = 1.0F / 37837.227F;
    const std::uint32_t row = mixed(y * 0x9e3779b9U + plane * 0x7f4a7c15U + 1U);
    for (std::size_t x = 0; x < count; ++x) {
        const std::uint32_t first = mixed(row ^ static_cast<std::uint32_t>(x));
        const std::uint32_t second = mixed(first + 0x9e3779b9U);
        const std::uint32_t sum = (first & 0xffffU) + (first >> 16) + (second & 0xffffU) + (second >> 16);
        out[x] = (static_cast<float>(static_cast<std::int32_t>(sum)) - 131070.0F) * scale;
    }
}

void smear(const float* __restrict above, const float* __restrict here, const float* __restrict below, std::size_t count,
           float tap, float scale, float* __restrict down, float* __restrict out) noexcept {
    for (std::size_t x = 0; x < count + 2; ++x) down[x] = (above[x] + below[x]) * tap + here[x];
    for (std::size_t x = 0; x < count; ++x) out[x] = ((down[x] + down[x + 2]) * tap + down[x + 1]) * scale;
}

void removed(const float* __restrict disparity, std::size_t count, float focus, float strength, float area,
             float* __restrict out) noexcept {
    for (std::size_t x = 0; x < count; ++x) {
        const float radius = (disparity[x] - focus) * strength;
        const float square = pi * radius * radius;
        out[x] = square > area ? __builtin_sqrtf(1.0F - area / square) : 0.0F;
    }
}

}  // namespace

extern const GrainRows grain_rows;
const GrainRows grain_rows{draw, smear, removed};

}  // namespace nearfar::effects::NEARFAR_LEVEL
