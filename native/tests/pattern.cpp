// Structured light of nearfar.estimate.
#include "tests/packages.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "estimate/pattern/known.hpp"
#include "estimate/pattern/light.hpp"
#include "estimate/pattern/measure.hpp"
#include "estimate/pattern/normalise.hpp"
#include "estimate/pattern/refine.hpp"
#include "estimate/pattern/search.hpp"
#include "tests/laws.hpp"

namespace nearfar::tests {

// A random pattern, and a picture that shows it three pixels aside, with ends of the range beyond the reference.
void try_pattern(std::size_t height, std::size_t width) {
    const std::size_t wide = width + 7;
    const auto dots = block<std::uint16_t>(height * wide);
    const auto seen = block<std::uint16_t>(height * width);
    for (std::size_t i = 0; i < height * wide; ++i) {
        dots[i] = static_cast<std::uint16_t>(below(5) == 0 ? 200 : below(20));
    }
    for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x) seen[y * width + x] = dots[y * wide + x + 4];
    }
    const auto image = block<std::int16_t>(height * width);
    const auto reference = block<std::int16_t>(height * wide);
    pattern::normalise(seen.get(), height, width, image.get());
    pattern::normalise(dots.get(), height, wide, reference.get());
    for (const std::ptrdiff_t most : {0, 3, 40}) {
        const pattern::Known known(reference.get(), {height, width, wide, 7, -5, most});
        const auto found = block<std::uint16_t>(pattern::block_rows(height) * width);
        const auto shifts = block<float>(height * width);
        const auto peaks = block<float>(height * width);
        pattern::search(image.get(), known, found.get());
        pattern::refine(image.get(), known, found.get(), shifts.get(), peaks.get());
        const auto depth = block<float>(height * width), confidence = block<float>(height * width);
        pattern::measure(shifts.get(), peaks.get(), height, width, {-5.0F, 40.0F, 0.3F, 43.5F, 0.5F}, depth.get(),
                         confidence.get());
        const std::size_t middle = height / 2 * width + width / 2;
        if (most >= 3 && height > 20 && width > 20) {
            require(std::fabs(shifts[middle] - 3.0F) < 0.1F && peaks[middle] > 0.9F, "a pattern is found");
        }
    }
}

// Light on a map whose values reach from behind infinity to beyond any projector's reach.
void try_pattern_light(std::size_t height, std::size_t width) {
    const auto values = map_with_holes(height * width);
    for (std::size_t i = 0; i < height * width; ++i) {
        if (below(9) == 0) values[i] = below(2) == 0 ? -1.0F : 8192.0F / 43.5F;
    }
    const std::size_t columns = 2 * width + 1;
    const auto sums = block<std::uint32_t>(2 * height * (columns + 1));
    for (std::size_t i = 0; i < 2 * height * (columns + 1); ++i) sums[i] = static_cast<std::uint32_t>(i << 19U);
    const auto down = block<float>(height), across = block<float>(width), weights = block<float>(6);
    std::fill_n(down.get(), height, 0.1F);
    std::fill_n(across.get(), width, 1.0F);
    std::fill_n(weights.get(), 6, 1.0F / 12.0F);
    const auto light = block<float>(height * width);
    const auto shadow = block<bool>(height * width);
    const auto counts = block<std::uint8_t>(height * width);
    for (const float pull : {43.5F, -43.5F, 1e30F}) {
        for (const bool is_depth : {false, true}) {
            pattern::light({values.get(), is_depth, nullptr, height, width}, {sums.get(), columns, 2.0F},
                           {pull, -7.0F, is_depth, 0.8F, 0.1F, down.get(), across.get()}, {{weights.get(), 6}, 2},
                           light.get(), shadow.get());
            pattern::expose(light.get(), height, width, 0.02F, 2500.0F, 7, counts.get());
            for (std::size_t i = 0; i < height * width; ++i) {
                require(light[i] >= -1e-3F && light[i] < 1e30F, "light is finite");
            }
        }
    }
}

}  // namespace nearfar::tests
