// The lens blur of nearfar.effects, with lamps, gains and grain.
#include "tests/packages.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "effects/gain.hpp"
#include "effects/grain.hpp"
#include "effects/highlights.hpp"
#include "effects/lens_blur.hpp"
#include "tests/laws.hpp"

namespace nearfar::tests {
namespace {

// Pictures of every coding, with edges, blurred by radii from a part of a pixel to many times the picture's size.
template <class Sample>
void try_lens_blur(effects::Coding coding, std::size_t height, std::size_t width) {
    const std::size_t count = height * width;
    const auto samples = block<Sample>(3 * count), out = block<Sample>(3 * count);
    const auto disparity = block<float>(count);
    for (std::size_t i = 0; i < 3 * count; ++i) samples[i] = static_cast<Sample>(below(256));
    const std::size_t card = 1 + below(width);
    for (std::size_t i = 0; i < count; ++i) {
        disparity[i] = i % width / card % 2 == 0 ? static_cast<float>(i / width) / static_cast<float>(height) : 1.5F;
    }
    const effects::Picture picture{samples.get(), coding, static_cast<effects::Index>(width),
                                   static_cast<effects::Index>(height)};
    for (const float strength : {0.3F, 4.0F, 30.0F, 300.0F, 1e9F}) {
        const auto effort = static_cast<effects::Effort>(below(3));
        const effects::Aperture aperture{below(2) == 0 ? 0 : 5, 0.3, 0.5, below(2) == 0 ? 0.0 : 1.0};
        effects::lens_blur(picture, disparity.get(), {static_cast<float>(below(3)) * 0.5F, strength}, aperture, effort,
                           effects::Progress(nullptr), out.get());
    }
}

// Depth as no camera gives it: an edge at every pixel, values of any size; with lamps, gains and grain.
template <class Sample>
void try_wild_blur(effects::Coding coding, std::size_t height, std::size_t width) {
    const std::size_t count = height * width;
    const auto samples = block<Sample>(3 * count), out = block<Sample>(3 * count);
    const auto disparity = block<float>(count), light = block<float>(3 * count);
    constexpr float infinity = std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < 3 * count; ++i) {
        samples[i] = below(3) == 0 ? static_cast<Sample>(~std::uint16_t{0}) : static_cast<Sample>(below(65536));
    }
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t kind = below(40);
        disparity[i] = kind == 0 ? infinity : kind == 1 ? -infinity : static_cast<float>(below(2000)) / 1000.0F - 0.5F;
    }
    const auto gains = block<float>(3 * 35);
    for (std::size_t i = 0; i < 3 * 35; ++i) gains[i] = static_cast<float>(1 + below(8)) / 8.0F;
    const effects::Dimming dimming{gains.get(), gains.get(), 7, 5, below(2) == 0 ? 1 : 3};
    effects::Picture picture{samples.get(), coding, static_cast<effects::Index>(width), static_cast<effects::Index>(height)};
    const effects::Highlights highlights = effects::find_highlights(picture);
    for (const auto& [blades, cats_eye] : {std::pair{0, 0.0}, {3, 1.0}, {64, 0.4}}) {
        const effects::Focus focus{below(4) == 0 ? -3.0F : 0.5F, std::ldexp(1.0F, static_cast<int>(below(8)) - 1)};
        picture.highlights = below(2) == 0 ? &highlights : nullptr;
        picture.dimming = below(2) == 0 ? &dimming : nullptr;
        effects::lens_blur(picture, disparity.get(), focus, {blades, static_cast<double>(below(7)), 0.0, cats_eye},
                           static_cast<effects::Effort>(below(3)), effects::Progress([](double) {}), out.get());
        effects::Grain grain{{}, static_cast<float>(below(2)), 0.5F};
        for (auto& channel : grain.strength) channel.fill(0.1F);
        effects::add_grain(picture, disparity.get(), focus, grain, out.get());
    }
    picture.dimming = nullptr;
    effects::recover_highlights(picture, light.get());
}

}  // namespace

void try_lens_blur(std::size_t height, std::size_t width) {
    try_lens_blur<std::uint8_t>(effects::Coding::bytes, height, width);
    try_lens_blur<std::uint16_t>(effects::Coding::words, height, width);
    try_lens_blur<float>(effects::Coding::floats, height, width);
}

void try_wild_blur(std::size_t height, std::size_t width) {
    try_wild_blur<std::uint8_t>(effects::Coding::bytes, height, width);
    try_wild_blur<std::uint16_t>(effects::Coding::words, height, width);
    try_wild_blur<float>(effects::Coding::floats, height, width);
}

}  // namespace nearfar::tests
