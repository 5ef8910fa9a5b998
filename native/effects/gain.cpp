#include "effects/gain.hpp"

#include <algorithm>

namespace nearfar::effects {
namespace {

struct Place {
    Index low, high;
    float share;  // of the higher one
};

// Between which samples of `count` a pixel of `total` lies, centre over centre.
Place place_of(Index at, Index total, Index count) {
    const float scale = static_cast<float>(count) / static_cast<float>(total);
    const float wanted = (static_cast<float>(at) + 0.5F) * scale - 0.5F;
    const float held = std::clamp(wanted, 0.0F, static_cast<float>(count - 1));
    const auto low = static_cast<Index>(held);
    return {low, std::min(low + 1, count - 1), held - static_cast<float>(low)};
}

template <class Use>
void over_row(const float* map, const Dimming& size, Index width, Index height, Index x, Index y, Index count, const Use& use) {
    const Place row = place_of(y, height, size.height);
    const float *const above = map + row.low * size.width * 3, *const below = map + row.high * size.width * 3;
    for (Index i = 0; i < count; ++i) {
        const Place column = place_of(x + i, width, size.width);
        for (Index c = 0; c < 3; ++c) {
            const Index left = column.low * 3 + c, right = column.high * 3 + c;
            const float near = above[left] + (below[left] - above[left]) * row.share;
            const float far = above[right] + (below[right] - above[right]) * row.share;
            use(i, c, near + (far - near) * column.share);
        }
    }
}

}  // namespace

void undim(const Dimming& dimming, Index width, Index height, Index x, Index y, Index count, Index plane, float* light) {
    over_row(dimming.before, dimming, width, height, x, y, count,
             [&](Index i, Index c, float factor) { light[c * plane + i] /= factor; });
}

void dim(const Dimming& dimming, Index width, Index height, Index x, Index y, Index count, Index plane, float* light) {
    over_row(dimming.after, dimming, width, height, x, y, count,
             [&](Index i, Index c, float factor) { light[c * plane + i] *= factor; });
}

}  // namespace nearfar::effects
