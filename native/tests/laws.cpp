#include "tests/laws.hpp"

#include <cstdio>
#include <cstdlib>
#include <limits>

namespace nearfar::tests {

void require(bool law, const char* what) {
    if (law) return;
    std::fprintf(stderr, "violated: %s\n", what);
    std::exit(1);
}

std::mt19937& random_bits() {
    static std::mt19937 bits(7);
    return bits;
}

std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_bits()); }

std::unique_ptr<float[]> map_with_holes(std::size_t count) {
    auto values = block<float>(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t kind = below(20);
        values[i] = kind < 6    ? std::numeric_limits<float>::quiet_NaN()
                    : kind == 6 ? std::numeric_limits<float>::infinity()
                                : static_cast<float>(below(1000)) / 100.0F;
    }
    return values;
}

}  // namespace nearfar::tests
