#include "effects/grain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "core/pool.hpp"
#include "effects/grain_rows.hpp"

namespace nearfar::effects {
namespace {

constexpr std::size_t band_rows = 16;

// Four planes of even grain: one that the channels share, and one for each. A row is one pixel longer at either end.
class Sheets {
public:
    Sheets(std::size_t width, float tap) : width_(width), tap_(tap), scale_(1.0F / (1.0F + 2.0F * tap * tap)),
          rows_(12 * (width + 2)), down_(width + 2), grain_(4 * width) {}

    // The rows of grain of row y; those of y − 1 come before them.
    void draw(std::uint32_t y, bool first) {
        for (std::uint32_t plane = 0; plane < 4; ++plane) {
            for (std::uint32_t i = first ? 0 : 2; i < 3; ++i) grain_rows().draw(y + i, plane, width_ + 2, row(plane, y + i));
            grain_rows().smear(row(plane, y), row(plane, y + 1), row(plane, y + 2), width_, tap_, scale_, down_.data(),
                               grain_.data() + plane * width_);
        }
    }
    const float* plane(std::size_t plane) const { return grain_.data() + plane * width_; }

private:
    float* row(std::uint32_t plane, std::uint32_t y) { return rows_.data() + (plane * 3 + y % 3) * (width_ + 2); }

    std::size_t width_;
    float tap_, scale_;
    std::vector<float> rows_, down_, grain_;
};

template <class Sample>
void add_row(Sample* samples, std::size_t width, const Grain& grain, const float* removed, const Sheets& sheets) {
    constexpr bool whole = std::is_integral_v<Sample>;
    constexpr float top = whole ? static_cast<float>(std::numeric_limits<Sample>::max()) : 1.0F;
    const float together = std::sqrt(grain.shared), apart = std::sqrt(1.0F - grain.shared);
    constexpr auto last = static_cast<float>(Grain::levels - 1);
    for (std::size_t x = 0; x < width; ++x, samples += 3) {
        if (removed[x] == 0.0F) continue;
        const float mean = (static_cast<float>(samples[0]) + static_cast<float>(samples[1]) + static_cast<float>(samples[2])) / (3.0F * top);
        const float level = std::clamp(whole ? mean : std::sqrt(std::max(mean, 0.0F)), 0.0F, 1.0F) * last;
        const auto low = static_cast<std::size_t>(level), high = std::min(low + 1, Grain::levels - 1);
        for (std::size_t c = 0; c < 3; ++c) {
            const std::array<float, Grain::levels>& strength = grain.strength[c];
            const float deviation = strength[low] + (strength[high] - strength[low]) * (level - static_cast<float>(low));
            const float drawn = sheets.plane(0)[x] * together + sheets.plane(c + 1)[x] * apart;
            const float value = static_cast<float>(samples[c]) + drawn * deviation * removed[x] * top;
            if constexpr (whole) {
                samples[c] = static_cast<Sample>(std::clamp(value, 0.0F, top) + 0.5F);
            } else {
                samples[c] = value;
            }
        }
    }
}

template <class Sample>
void add(const Picture& picture, const float* disparity, Focus focus, const Grain& grain, Sample* samples) {
    const auto width = static_cast<std::size_t>(picture.width), height = static_cast<std::size_t>(picture.height);
    // Pixels that grain hangs together over: a blur by a disc of less area leaves it as it is.
    const float reach = (1.0F + 2.0F * grain.tap) * (1.0F + 2.0F * grain.tap) / (1.0F + 2.0F * grain.tap * grain.tap);
    parallel_for(height, band_rows, [&](std::size_t begin, std::size_t end) {
        Sheets sheets(width, grain.tap);
        std::vector<float> removed(width);
        for (std::size_t y = begin; y < end; ++y) {
            grain_rows().removed(disparity + y * width, width, focus.disparity, focus.strength, reach * reach, removed.data());
            sheets.draw(static_cast<std::uint32_t>(y), y == begin);
            add_row(samples + 3 * width * y, width, grain, removed.data(), sheets);
        }
    });
}

}  // namespace

void add_grain(const Picture& picture, const float* disparity, Focus focus, const Grain& grain, void* samples) {
    switch (picture.coding) {
        case Coding::bytes: return add(picture, disparity, focus, grain, static_cast<std::uint8_t*>(samples));
        case Coding::words: return add(picture, disparity, focus, grain, static_cast<std::uint16_t*>(samples));
        case Coding::floats: return add(picture, disparity, focus, grain, static_cast<float*>(samples));
    }
}

}  // namespace nearfar::effects
