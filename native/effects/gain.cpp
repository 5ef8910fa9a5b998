#include "effects/gain.hpp"

#include <algorithm>
#include <array>

#include "effects/gain_rows.hpp"

namespace nearfar::effects {
namespace {

constexpr Index most = 256;  // pixels at a time

using Apply = void (*)(const float* factors, Index count, float* light) noexcept;

// Between which rows of `map` row y of a picture lies, centre over centre.
GainLines lines_at(const float* map, const Dimming& size, Index y, Index height) {
    const float scale = static_cast<float>(size.height) / static_cast<float>(height);
    const float wanted = (static_cast<float>(y) + 0.5F) * scale - 0.5F;
    const float held = std::clamp(wanted, 0.0F, static_cast<float>(size.height - 1));
    const auto low = static_cast<Index>(held);
    const Index high = std::min(low + 1, size.height - 1), line = size.width * size.channels;
    return {map + low * line, map + high * line, held - static_cast<float>(low), size.width, size.channels};
}

void over_row(GainLines lines, Index width, Index x, Index count, Index plane, float* light, Apply apply) {
    std::array<float, most> factors;
    for (Index channel = 0; channel < lines.channels; ++channel, ++lines.above, ++lines.below) {
        for (Index at = 0; at < count; at += most) {
            const Index length = std::min(count - at, most);
            gain_rows().stretch(lines, width, x + at, length, factors.data());
            for (Index p = channel; p < 3; p += lines.channels) {
                apply(factors.data(), length, light + p * plane + at);
            }
        }
    }
}

}  // namespace

void undim(const Dimming& dimming, Index width, Index height, Index x, Index y, Index count, Index plane, float* light) {
    over_row(lines_at(dimming.before, dimming, y, height), width, x, count, plane, light, gain_rows().divide);
}

void dim(const Dimming& dimming, Index width, Index height, Index x, Index y, Index count, Index plane, float* light) {
    over_row(lines_at(dimming.after, dimming, y, height), width, x, count, plane, light, gain_rows().multiply);
}

}  // namespace nearfar::effects
