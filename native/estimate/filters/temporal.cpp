#include "estimate/filters/temporal.hpp"

#include "core/pool.hpp"

namespace nearfar::filters {
namespace {
constexpr std::size_t chunk = 1 << 16;  // pixels: small enough to share out, large enough to be worth it
}

Belief belief_of(int persistence) noexcept {
    switch (persistence) {
        case 1: return {0xFF, 8};
        case 2: return {0x07, 2};
        case 3: return {0x0F, 2};
        case 4: return {0xFF, 2};
        case 5: return {0x03, 1};
        case 6: return {0x1F, 1};
        case 7: return {0xFF, 1};
        case 8: return {0xFF, 0};
        default: return {0xFF, 9};
    }
}

void blend_frame(const float* values, std::size_t count, Average average, Belief belief, bool zero, float* last,
                 std::uint8_t* history, float* out) {
    const Passes& level = passes();
    parallel_for(count, chunk, [&](std::size_t begin, std::size_t end) {
        level.blend(values + begin, end - begin, average, belief, zero, last + begin, history + begin, out + begin);
    });
}

void blend_frame(const std::uint16_t* values, std::size_t count, Average average, Belief belief, std::uint16_t* last,
                 std::uint8_t* history, std::uint16_t* out) {
    const Passes& level = passes();
    parallel_for(count, chunk, [&](std::size_t begin, std::size_t end) {
        level.blend16(values + begin, end - begin, average, belief, last + begin, history + begin, out + begin);
    });
}

void interpolate_frames(const float* before, const float* now, const float* after, std::size_t count, float delta,
                        float* out) {
    const Passes& level = passes();
    parallel_for(count, chunk, [&](std::size_t begin, std::size_t end) {
        level.between(before + begin, now + begin, after + begin, end - begin, delta, out + begin);
    });
}

}  // namespace nearfar::filters
