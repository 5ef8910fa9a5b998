#include "effects/light.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "effects/gain.hpp"
#include "effects/highlights.hpp"
#include "effects/tile_rows.hpp"

namespace nearfar::effects {
namespace {

constexpr Index longest = 64;
constexpr Index byte_steps = 8192;   // of √light: finer by far than a code
constexpr Index word_steps = 65536;  // at most two codes fall into one

double decoded(double code) { return code <= 0.04045 ? code / 12.92 : std::pow((code + 0.055) / 1.055, 2.4); }

double coded(double light) { return light <= 0.0031308 ? light * 12.92 : 1.055 * std::pow(light, 1.0 / 2.4) - 0.055; }

struct ByteTables {
    ByteTables() {
        for (std::size_t i = 0; i < light.size(); ++i) light[i] = static_cast<float>(decoded(static_cast<double>(i) / 255.0));
        for (std::size_t i = 0; i < code.size(); ++i) {
            const double root = static_cast<double>(i) / static_cast<double>(byte_steps);
            code[i] = static_cast<std::uint8_t>(coded(root * root) * 255.0 + 0.5);
        }
    }
    std::array<float, 256> light;
    std::array<std::uint8_t, byte_steps + 1> code;  // by √light
};

struct WordTables {
    WordTables() {
        for (std::size_t i = 0; i < light.size(); ++i) {
            light[i] = static_cast<float>(decoded(static_cast<double>(i) / 65535.0));
            least[i] = i == 0 ? 0.0F : static_cast<float>(decoded((static_cast<double>(i) - 0.5) / 65535.0));
        }
        least[65536] = 2.0F;  // no light gets there
        for (std::size_t i = 0, at = 0; i < code.size(); ++i) {
            const double root = (static_cast<double>(i) - 0.5) / static_cast<double>(word_steps);
            const double lowest = std::max(root, 0.0) * std::max(root, 0.0) * (1.0 - 1e-6);
            while (static_cast<double>(least[at + 1]) <= lowest) ++at;
            code[i] = static_cast<std::uint16_t>(at);
        }
    }
    std::array<float, 65536> light;
    std::array<float, 65537> least;                    // the least light that rounds to a code
    std::array<std::uint16_t, word_steps + 1> code;  // a code that is not above the light's, by √light
};

const ByteTables& byte_tables() {
    static const ByteTables tables;
    return tables;
}

const WordTables& word_tables() {
    static const auto tables = std::make_unique<const WordTables>();
    return *tables;
}

std::uint16_t word_from(const WordTables& tables, float light, std::int32_t index) {
    std::size_t code = tables.code[static_cast<std::size_t>(index)];
    while (light >= tables.least[code + 1]) ++code;
    return static_cast<std::uint16_t>(code);
}

float held(float light) { return std::min(std::max(light, 0.0F), 1.0F); }

template <class Sample, class Decode>
void read_row(const Sample* samples, Index count, Index plane, float* out, Decode decode) {
    for (Index x = 0; x < count; ++x, samples += 3) {
        out[x] = decode(samples[0]);
        out[plane + x] = decode(samples[1]);
        out[2 * plane + x] = decode(samples[2]);
    }
}

}  // namespace

const float* light_of_bytes() { return byte_tables().light.data(); }

const float* light_of_words() { return word_tables().light.data(); }

std::uint16_t word_of_light(float light) {
    std::int32_t index = 0;
    const float value = held(light);
    tile_rows().root_index(&value, 1, static_cast<float>(word_steps), &index);
    return word_from(word_tables(), value, index);
}

void read_pixels(const Picture& picture, Index x, Index y, Index count, Index plane, float* out) {
    const Index first = (y * picture.width + x) * 3;
    switch (picture.coding) {
        case Coding::bytes: {
            const float* const table = light_of_bytes();
            read_row(static_cast<const std::uint8_t*>(picture.samples) + first, count, plane, out,
                     [table](std::uint8_t code) { return table[code]; });
            break;
        }
        case Coding::words: {
            const float* const table = light_of_words();
            read_row(static_cast<const std::uint16_t*>(picture.samples) + first, count, plane, out,
                     [table](std::uint16_t code) { return table[code]; });
            break;
        }
        case Coding::floats:
            read_row(static_cast<const float*>(picture.samples) + first, count, plane, out,
                     [](float light) { return light; });
            break;
    }
    if (picture.highlights != nullptr) brighten(*picture.highlights, x, y, count, plane, out);
    if (picture.dimming != nullptr) undim(*picture.dimming, picture.width, picture.height, x, y, count, plane, out);
}

void read_pixel(const Picture& picture, Index x, Index y, float light[3]) {
    read_pixels(picture, x, y, 1, 1, light);
}

void read_light(const Picture& picture, const Window& window, float* planes) {
    const Index left = std::max<Index>(window.x0, 0), right = std::min(window.x0 + window.size, picture.width);
    for (Index row = 0; row < window.size; ++row) {
        const Index y = window.y0 + row;
        float* const line = planes + row * window.stride;
        const bool inside = y >= 0 && y < picture.height && left < right;
        if (!inside || left > window.x0 || right < window.x0 + window.size) {
            for (Index p = 0; p < 3; ++p) std::fill_n(line + p * window.plane, window.size, 0.0F);
        }
        if (inside) {
            read_pixels(picture, left, y, right - left, window.plane, line + left - window.x0);
        }
    }
}

void write_row(Coding coding, const float* planes, Index plane, Index count, void* samples) {
    if (coding == Coding::floats) {
        auto* const out = static_cast<float*>(samples);
        for (Index x = 0; x < count; ++x) {
            for (Index p = 0; p < 3; ++p) out[3 * x + p] = planes[p * plane + x];
        }
        return;
    }
    std::array<std::array<std::int32_t, longest>, 3> index;
    const float steps = static_cast<float>(coding == Coding::bytes ? byte_steps : word_steps);
    for (Index p = 0; p < 3; ++p) tile_rows().root_index(planes + p * plane, count, steps, index[static_cast<std::size_t>(p)].data());
    if (coding == Coding::bytes) {
        const std::uint8_t* const code = byte_tables().code.data();
        auto* out = static_cast<std::uint8_t*>(samples);
        for (std::size_t x = 0; x < static_cast<std::size_t>(count); ++x, out += 3) {
            for (std::size_t p = 0; p < 3; ++p) out[p] = code[index[p][x]];
        }
    } else {
        const WordTables& tables = word_tables();
        auto* const out = static_cast<std::uint16_t*>(samples);
        for (Index x = 0; x < count; ++x) {
            for (Index p = 0; p < 3; ++p) {
                out[3 * x + p] = word_from(tables, held(planes[p * plane + x]),
                                           index[static_cast<std::size_t>(p)][static_cast<std::size_t>(x)]);
            }
        }
    }
}

}  // namespace nearfar::effects
