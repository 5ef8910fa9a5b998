#include "depth/codes.hpp"

#include <array>

#include "core/pool.hpp"
#include "depth/rows.hpp"

namespace nearfar::depth {
namespace {

// Smaller maps than this are done before another thread has woken up.
constexpr std::size_t grain = 1 << 20;

}  // namespace

void decode_codes(const std::uint8_t* codes, std::size_t count, const CodeScale& scale, float* out) {
    std::array<std::uint16_t, 256> every{};
    for (std::size_t code = 0; code < every.size(); ++code) every[code] = static_cast<std::uint16_t>(code);
    std::array<float, 256> table{};
    rows().decode(every.data(), every.size(), scale.code_min, scale.code_max, scale.value_min, scale.value_max,
                  table.data());
    // Not per SIMD level: gathers are slower than plain loads here (measured).
    parallel_for(count, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) out[i] = table[codes[i]];
    });
}

void decode_codes(const std::uint16_t* codes, std::size_t count, const CodeScale& scale, float* out) {
    const Rows& level = rows();
    parallel_for(count, grain, [&](std::size_t begin, std::size_t end) {
        level.decode(codes + begin, end - begin, scale.code_min, scale.code_max, scale.value_min, scale.value_max,
                     out + begin);
    });
}

void encode_codes(const float* values, std::size_t count, double value_min, double value_max, std::uint8_t* out) {
    const Rows& level = rows();
    const double span = value_max - value_min;
    const double scale = span > 0.0 ? 255.0 / span : 0.0;
    parallel_for(count, grain, [&](std::size_t begin, std::size_t end) {
        level.encode(values + begin, end - begin, value_min, scale, out + begin);
    });
}

}  // namespace nearfar::depth
