#include "depth/rows.hpp"

namespace nearfar::depth::NEARFAR_LEVEL {
namespace {

constexpr float infinity = __builtin_inff();

void decode(const std::uint16_t* __restrict codes, std::size_t count, double code_min, double code_max, double low,
            double high, float* __restrict out) noexcept {
    const double span = code_max - code_min;
    for (std::size_t i = 0; i < count; ++i) {
        double t = (static_cast<double>(codes[i]) - code_min) / span;
        t = t > 0.0 ? t : 0.0;
        t = t < 1.0 ? t : 1.0;
        out[i] = static_cast<float>(low * (1.0 - t) + high * t);
    }
}

void encode(const float* __restrict values, std::size_t count, double low, double scale,
            std::uint8_t* __restrict out) noexcept {
    constexpr double to_even = 6755399441055744.0;  // 1.5·2^52: adding it rounds to a whole number, half to even
    for (std::size_t i = 0; i < count; ++i) {
        double code = (static_cast<double>(values[i]) - low) * scale;
        code = code > 0.0 ? code : 0.0;  // false for NaN
        code = code < 255.0 ? code : 255.0;
        out[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>((code + to_even) - to_even));
    }
}

void add_row(const float* __restrict values, std::size_t count, double weight, double* __restrict sums,
             double* __restrict finite, double* __restrict infinite) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const float value = values[i];
        const bool known = __builtin_fabsf(value) < infinity;
        sums[i] += weight * (known ? static_cast<double>(value) : 0.0);
        finite[i] += known ? weight : 0.0;
        infinite[i] += value == infinity ? weight : 0.0;
    }
}

void count_steps(const float* __restrict values, std::size_t count, const std::uint32_t* __restrict before,
                 std::uint32_t* __restrict after) noexcept {
    for (std::size_t i = 0; i < count; ++i) after[i] = values[i] == values[i] ? 0 : before[i] + 1;
}

}  // namespace

extern const Rows rows;
const Rows rows{decode, encode, add_row, count_steps};

}  // namespace nearfar::depth::NEARFAR_LEVEL
