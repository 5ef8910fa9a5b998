// The bell that all weights of this folder have: close to exp(−x), but made of one division and three products, so
// that it has the same bits on every machine and in the NumPy twins. Its tail is longer: no weight is ever 0.
#pragma once

namespace nearfar::completion {

inline double falloff(double x) noexcept {
    const double once = 1.0 / (1.0 + 0.25 * x);
    const double twice = once * once;
    return twice * twice;
}

}  // namespace nearfar::completion
