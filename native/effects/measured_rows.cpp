#include "effects/measured_rows.hpp"

namespace nearfar::effects::NEARFAR_LEVEL {
namespace {

void least(const float* __restrict from, Index count, float* __restrict into) noexcept {
    for (Index i = 0; i < count; ++i) into[i] = into[i] < from[i] ? into[i] : from[i];
}

void largest(const float* __restrict from, Index count, float* __restrict into) noexcept {
    for (Index i = 0; i < count; ++i) into[i] = into[i] > from[i] ? into[i] : from[i];
}

void add_bytes(const std::uint8_t* __restrict samples, Index count, std::uint32_t* __restrict sums) noexcept {
    for (Index i = 0; i < count; ++i) sums[i] += samples[i];
}

void add_words(const std::uint16_t* __restrict samples, Index count, std::uint32_t* __restrict sums) noexcept {
    for (Index i = 0; i < count; ++i) sums[i] += static_cast<std::uint32_t>(samples[i] >> 8);
}

}  // namespace

extern const MeasuredRows measured_rows;
const MeasuredRows measured_rows{least, largest, add_bytes, add_words};

}  // namespace nearfar::effects::NEARFAR_LEVEL
