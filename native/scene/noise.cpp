#include "scene/noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/pool.hpp"

namespace nearfar::scene {
namespace {

// Between which two cells a sample lies, and how near the second one.
struct Place {
    std::size_t first, second;
    double share;
};

std::vector<Place> places(std::size_t cells, std::size_t samples) {
    const double step = static_cast<double>(cells) / static_cast<double>(samples);
    std::vector<Place> found(samples);
    for (std::size_t i = 0; i < samples; ++i) {
        const double at = (static_cast<double>(i) + 0.5) * step;
        const double cell = std::floor(at);
        const double share = at - cell;
        const auto first = static_cast<std::size_t>(cell);
        found[i] = {first, (first + 1) % cells, share * share * (3.0 - 2.0 * share)};
    }
    return found;
}

// An octave spread along its rows.
struct Spread {
    std::vector<double> rows;  // (down, width)
    std::vector<Place> down;
};

Spread spread(const Octave& octave, std::size_t height, std::size_t width) {
    Spread made{std::vector<double>(octave.down * width), places(octave.down, height)};
    const std::vector<Place> across = places(octave.across, width);
    parallel_for(octave.down, std::max<std::size_t>(1, (std::size_t{1} << 14) / width), [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const double* values = octave.values + y * octave.across;
            double* row = made.rows.data() + y * width;
            for (std::size_t x = 0; x < width; ++x) {
                const Place& place = across[x];
                row[x] = values[place.first] * (1.0 - place.share) + values[place.second] * place.share;
            }
        }
    });
    return made;
}

constexpr std::size_t code_steps = 4096;

// A code is the picture's value to the power of 1.1: sRGB is close to one of 2.2, and its square root to that.
struct Codes {
    std::array<float, 257> least;  // the least value that has the code
    std::array<std::uint8_t, code_steps + 1> first;  // the code of each step's least value

    Codes() : least{}, first{} {
        for (std::size_t code = 1; code < 256; ++code) {
            least[code] = static_cast<float>(std::pow((static_cast<double>(code) - 0.5) / 255.0, 1.0 / 1.1));
        }
        least[256] = 2.0F;
        std::size_t code = 0;
        for (std::size_t step = 0; step <= code_steps; ++step) {
            while (least[code + 1] <= static_cast<float>(step) / static_cast<float>(code_steps)) ++code;
            first[step] = static_cast<std::uint8_t>(code);
        }
    }

    std::uint8_t operator()(float value) const noexcept {
        std::size_t code = first[static_cast<std::size_t>(value * static_cast<float>(code_steps))];
        while (least[code + 1] <= value) ++code;
        return static_cast<std::uint8_t>(code);
    }
};

// NaN is 0.
float within(double value) noexcept { return static_cast<float>(value > 0.0 ? std::min(value, 1.0) : 0.0); }

}  // namespace

void smooth_noise(std::span<const Octave> octaves, double scale, std::size_t height, std::size_t width, double* out) {
    std::vector<Spread> spreads;
    for (const Octave& octave : octaves) spreads.push_back(spread(octave, height, width));
    parallel_for(height, std::max<std::size_t>(1, (std::size_t{1} << 14) / width), [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            double* __restrict row = out + y * width;
            std::fill_n(row, width, 0.0);
            for (std::size_t k = 0; k < octaves.size(); ++k) {
                const Place& place = spreads[k].down[y];
                const double* upper = spreads[k].rows.data() + place.first * width;
                const double* lower = spreads[k].rows.data() + place.second * width;
                const double weight = octaves[k].weight;
                for (std::size_t x = 0; x < width; ++x) {
                    row[x] += weight * (upper[x] * (1.0 - place.share) + lower[x] * place.share);
                }
            }
            for (std::size_t x = 0; x < width; ++x) row[x] *= scale;
        }
    });
}

void texels(const double* picture, std::size_t count, std::size_t channels, std::uint8_t* out) {
    static const Codes code;
    parallel_for(count, std::size_t{1} << 15, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const double* from = picture + i * channels;
            std::uint8_t* to = out + 4 * i;
            for (std::size_t c = 0; c < 3; ++c) to[c] = code(within(from[c]));
            const float gloss = channels == 4 ? std::sqrt(within(from[3])) : 1.0F;
            to[3] = static_cast<std::uint8_t>(gloss * 255.0F + 0.5F);
        }
    });
}

}  // namespace nearfar::scene
