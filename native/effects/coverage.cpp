#include "effects/coverage.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace nearfar::effects {
namespace {

constexpr unsigned middle = 1U << 4;

// In hundredths, of pixels whose middle is far: bits 0..3 and 5..8 of the pattern. tests/reference/edges.py draws the
// shapes that these are the means of.
constexpr std::array<std::uint8_t, 256> hundredths{
    0, 1, 10, 2, 1, 0, 2, 9, 10, 2, 11, 13, 31, 0, 32, 33, 10, 31, 11, 32, 2, 0, 13, 33,
    14, 18, 24, 28, 18, 1, 28, 29, 1, 0, 31, 0, 0, 7, 0, 9, 2, 9, 32, 33, 0, 9, 0, 26,
    31, 12, 18, 23, 0, 17, 14, 34, 18, 23, 28, 32, 1, 8, 11, 36, 10, 31, 14, 18, 31, 12, 18, 23,
    11, 32, 24, 28, 18, 23, 28, 32, 11, 18, 24, 28, 32, 23, 28, 32, 24, 28, 34, 38, 28, 32, 38, 42,
    2, 0, 18, 1, 0, 17, 1, 8, 13, 33, 28, 29, 14, 34, 11, 36, 32, 23, 28, 32, 0, 27, 11, 33,
    28, 32, 38, 42, 11, 33, 29, 47, 1, 0, 31, 0, 0, 7, 0, 9, 31, 0, 18, 14, 12, 17, 23, 34,
    2, 0, 32, 0, 9, 9, 33, 26, 18, 1, 28, 11, 23, 8, 32, 36, 0, 7, 12, 17, 7, 11, 17, 21,
    0, 9, 23, 34, 17, 21, 27, 31, 0, 17, 23, 27, 9, 21, 34, 31, 1, 8, 32, 33, 8, 24, 33, 46,
    2, 0, 18, 1, 0, 17, 1, 8, 32, 0, 28, 11, 23, 27, 32, 33, 13, 14, 28, 11, 33, 34, 29, 36,
    28, 11, 38, 29, 32, 33, 42, 47, 9, 9, 23, 8, 9, 21, 8, 24, 33, 26, 32, 36, 34, 31, 33, 46,
    33, 34, 32, 33, 26, 31, 36, 46, 29, 36, 42, 47, 36, 46, 47, 53};

float of_far(unsigned near) {
    const std::size_t around = (near & 15U) | (near >> 1 & 240U);
    return 0.01F * static_cast<float>(hundredths[around]);
}

}  // namespace

float expected_coverage(unsigned near) {
    return (near & middle) == 0U ? of_far(near) : 1.0F - of_far(~near & 511U);
}

}  // namespace nearfar::effects
