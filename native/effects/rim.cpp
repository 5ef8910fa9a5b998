#include "effects/rim.hpp"

#include <algorithm>

namespace nearfar::effects {
namespace {

constexpr Index tile = 64;

}  // namespace

Rim::Rim(Index width, Index height, int level, Index planes)
    : width_(width),
      height_(height),
      across_(((width - 1) >> level) + 1),
      down_(((height - 1) >> level) + 1),
      planes_(planes),
      level_(level),
      values_(static_cast<std::size_t>(2 * planes * (across_ + down_)), 0.0F) {}

Index Rim::line(Index plane, bool vertical, bool last) const {
    return plane * 2 * (across_ + down_) + (vertical ? 2 * across_ : 0) + (last ? (vertical ? down_ : across_) : 0);
}

float Rim::share(Index pixel, Index length) const {
    const Index first = pixel >> level_ << level_;
    return 1.0F / static_cast<float>(std::min(length - first, Index{1} << level_));
}

void Rim::add(Index x0, Index y0, Index plane, const float* light, const float* mask) {
    const auto value = [&](Index x, Index y) {
        const Index at = (y - y0) * tile + x - x0;
        return light != nullptr ? light[at] * mask[at] : mask[at];
    };
    const Index right = std::min(x0 + tile, width_), bottom = std::min(y0 + tile, height_);
    for (const bool last : {false, true}) {
        const Index y = last ? height_ - 1 : 0, x = last ? width_ - 1 : 0;
        if (y >= y0 && y < bottom) {
            float* const cells = values_.data() + line(plane, false, last);
            for (Index i = x0; i < right; ++i) cells[i >> level_] += value(i, y) * share(i, width_);
        }
        if (x >= x0 && x < right) {
            float* const cells = values_.data() + line(plane, true, last);
            for (Index i = y0; i < bottom; ++i) cells[i >> level_] += value(x, i) * share(i, height_);
        }
    }
}

void Rim::add_pixel(Index x, Index y, Index plane, float value) {
    for (const bool last : {false, true}) {
        if (y == (last ? height_ - 1 : 0)) {
            values_[static_cast<std::size_t>(line(plane, false, last) + (x >> level_))] += value * share(x, width_);
        }
        if (x == (last ? width_ - 1 : 0)) {
            values_[static_cast<std::size_t>(line(plane, true, last) + (y >> level_))] += value * share(y, height_);
        }
    }
}

void Rim::extend(const Window& window, float* values) const {
    const Index left = std::max<Index>(-window.x0, 0), right = std::min(window.size, across_ - window.x0);
    const Index top = std::max<Index>(-window.y0, 0), bottom = std::min(window.size, down_ - window.y0);
    if (left == 0 && top == 0 && right == window.size && bottom == window.size) return;
    for (Index p = 0; p < planes_; ++p) {
        float* const plane = values + p * window.plane;
        const float *const before = values_.data() + line(p, true, false), *const after = values_.data() + line(p, true, true);
        for (Index y = top; y < bottom; ++y) {
            float* const row = plane + y * window.stride;
            const float first = before[window.y0 + y], last = after[window.y0 + y];
            for (Index x = 0; x < left; ++x) row[x] = beyond(first, row[std::min(2 * left - 1 - x, right - 1)]);
            for (Index x = right; x < window.size; ++x) row[x] = beyond(last, row[std::max(2 * right - 1 - x, left)]);
        }
        for (Index y = 0; y < window.size; ++y) {
            if (y >= top && y < bottom) continue;
            const float* const cells = values_.data() + line(p, false, y >= bottom) + window.x0;
            const Index mirrored = y < top ? std::min(2 * top - 1 - y, bottom - 1) : std::max(2 * bottom - 1 - y, top);
            float* const row = plane + y * window.stride;
            const float* const other = plane + mirrored * window.stride;
            for (Index x = 0; x < window.size; ++x) row[x] = beyond(cells[std::clamp(x, left, right - 1)], other[x]);
        }
    }
}

}  // namespace nearfar::effects
