// Completion and stereo of nearfar.estimate.
#include "tests/packages.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "estimate/completion/complete.hpp"
#include "estimate/completion/guide.hpp"
#include "estimate/completion/upsample.hpp"
#include "estimate/stereo/match.hpp"
#include "tests/laws.hpp"

namespace nearfar::tests {
namespace {

template <class Sample>
void try_stereo(std::size_t height, std::size_t width, std::size_t channels) {
    const std::size_t count = height * width;
    const auto left = block<Sample>(count * channels), right = block<Sample>(count * channels);
    for (std::size_t i = 0; i < count * channels; ++i) {
        left[i] = static_cast<Sample>(below(std::size_t{1} << 8 * sizeof(Sample)));
        // Half of it shifted, half of it another picture.
        right[i] = i >= 5 * channels && i % 64 < 32 ? left[i - 5 * channels] : static_cast<Sample>(below(200));
    }
    const estimate::PictureSize size{height, width};
    const auto shift = block<float>(count);
    const auto state = block<std::uint8_t>(count), confidence = block<std::uint8_t>(count);
    using estimate::Effort;
    for (const Effort effort : {Effort::fast, Effort::standard, Effort::best}) {
        for (const std::size_t shifts : {std::size_t{1}, std::size_t{2}, width, std::size_t{70}}) {
            estimate::match_stereo({left.get(), size, channels}, {right.get(), size, channels}, shifts, effort,
                                   {shift.get(), state.get(), confidence.get()});
            const auto most = static_cast<float>(shifts - 1);
            for (std::size_t i = 0; i < count; ++i) {
                require(shift[i] >= 0 && shift[i] <= most, "shifts keep their range");
            }
        }
    }
}

}  // namespace

// A map enlarged onto grids that fit a guide, that lie beyond it and that are denser than it; and points, of which
// some lie outside of the picture and some on one another.
void try_completion(std::size_t height, std::size_t width) {
    const std::size_t count = height * width;
    const auto values = map_with_holes(count);
    const auto confidence = block<float>(count);
    for (std::size_t i = 0; i < count; ++i) confidence[i] = 0.5F;
    const std::size_t high = height * 2 + 1, wide = width * 3;
    const auto pixels = block<std::uint8_t>(high * wide * 3);
    for (std::size_t i = 0; i < high * wide * 3; ++i) pixels[i] = static_cast<std::uint8_t>(below(256));
    const completion::Guide guide{pixels.get(), high, wide};
    const auto colours = block<float>(count * 3);
    const auto out = block<float>(high * wide);
    const auto trust = block<float>(high * wide);
    for (const auto& [first, step] : {std::pair{1.5, 3.0}, std::pair{0.5, 2.0}, std::pair{-40.0, 0.25}}) {
        const completion::Grid grid{{height, first, step}, {width, first, step}};
        completion::sample_guide(guide, grid, 0.625, colours.get());
        completion::upsample(guide, grid, {values.get(), confidence.get(), colours.get(), step > 2.0}, 0.1, out.get(),
                             trust.get());
    }
    std::vector<double> x, y, z;
    for (std::size_t i = 0; i < 40; ++i) {
        x.push_back(static_cast<double>(below(wide * 2)) / 1.5 - 1.0);
        y.push_back(static_cast<double>(below(high * 2)) / 1.5 - 1.0);
        z.push_back(static_cast<double>(below(9)));
    }
    const auto dense = block<double>(count);
    for (const std::size_t points : {std::size_t{1}, std::size_t{2}, std::size_t{40}}) {
        completion::complete({colours.get(), height, width}, {x.data(), y.data(), z.data(), points}, 0.1, dense.get(),
                             trust.get());
        for (std::size_t i = 0; i < count; ++i) require(std::isfinite(dense[i]), "completion leaves no hole");
    }
}

void try_stereo(std::size_t height, std::size_t width) {
    try_stereo<std::uint8_t>(height, width, 3);
    try_stereo<std::uint16_t>(height, width, 1);
}

}  // namespace nearfar::tests
