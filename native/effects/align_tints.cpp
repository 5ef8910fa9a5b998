#include "effects/align_tints.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace nearfar::effects {
namespace {

float tint(std::uint8_t code) { return static_cast<float>(code) * (1.0F / 255.0F); }
float tint(std::uint16_t code) { return static_cast<float>(code) * (1.0F / 65535.0F); }
float tint(float light) { return light > 0.0F ? std::sqrt(std::min(light, 1.0F)) : 0.0F; }

template <class Sample>
void read_as(const Picture& picture, Index pixel, Index step, Index count, const TintsOut& out) {
    const Sample* from = static_cast<const Sample*>(picture.samples) + 3 * pixel;
    for (Index i = 0; i < count; ++i, from += 3 * step) {
        out.red[i] = tint(from[0]), out.green[i] = tint(from[1]), out.blue[i] = tint(from[2]);
    }
}

}  // namespace

void read_tints(const Picture& picture, Index pixel, Index step, Index count, const TintsOut& out) {
    switch (picture.coding) {
        case Coding::bytes: read_as<std::uint8_t>(picture, pixel, step, count, out); break;
        case Coding::words: read_as<std::uint16_t>(picture, pixel, step, count, out); break;
        case Coding::floats: read_as<float>(picture, pixel, step, count, out); break;
    }
}

}  // namespace nearfar::effects
