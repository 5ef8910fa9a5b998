#include "estimate/stereo/pictures.hpp"

#include <cstring>

#include "core/pool.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 64;

// Eight bits of a sample, and its place in the 16-bit scale of the luminance.
inline std::uint8_t top(std::uint8_t sample) noexcept { return sample; }
inline std::uint8_t top(std::uint16_t sample) noexcept { return static_cast<std::uint8_t>(sample >> 8); }
inline std::uint16_t grey_of(std::uint8_t v) noexcept { return static_cast<std::uint16_t>(v << 8); }
inline std::uint16_t grey_of(std::uint16_t v) noexcept { return v; }
inline std::uint16_t grey_of(std::uint8_t r, std::uint8_t g, std::uint8_t b) noexcept {
    return static_cast<std::uint16_t>(77 * r + 150 * g + 29 * b);
}
inline std::uint16_t grey_of(std::uint16_t r, std::uint16_t g, std::uint16_t b) noexcept {
    return static_cast<std::uint16_t>((77U * r + 150U * g + 29U * b) >> 8);
}

}  // namespace

Picture::Picture(PictureSize size, std::size_t channels)
    : size_(size),
      channels_(channels),
      stride_(size.width + 2 * colour_margin),
      luminance_(large_block<std::uint16_t>(size.count())),
      colour_(large_block<std::uint8_t>(channels * size.height * stride_)) {}

template <class Sample>
Picture::Picture(const Sample* samples, PictureSize size, std::size_t channels) : Picture(size, channels) {
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const Sample* const from = samples + y * size.width * channels;
            std::uint16_t* const grey = luminance_.get() + y * size.width;
            if (channels == 1) {
                std::uint8_t* const to = row(0, y);
                for (std::size_t x = 0; x < size.width; ++x) {
                    to[x] = top(from[x]);
                    grey[x] = grey_of(from[x]);
                }
            } else {
                std::uint8_t *const red = row(0, y), *const green = row(1, y), *const blue = row(2, y);
                for (std::size_t x = 0; x < size.width; ++x) {
                    red[x] = top(from[3 * x]);
                    green[x] = top(from[3 * x + 1]);
                    blue[x] = top(from[3 * x + 2]);
                    grey[x] = grey_of(from[3 * x], from[3 * x + 1], from[3 * x + 2]);
                }
            }
            repeat_ends(y);
        }
    });
}

template Picture::Picture(const std::uint8_t* samples, PictureSize size, std::size_t channels);
template Picture::Picture(const std::uint16_t* samples, PictureSize size, std::size_t channels);

Picture Picture::half() const {
    Picture result(size_.half(), channels_);
    const std::size_t width = result.size_.width;
    parallel_for(result.size_.height, grain / 2, [&](std::size_t begin, std::size_t end) {
        const auto mean = [](const auto* above, const auto* below, std::size_t x) {
            const int sum = above[2 * x] + above[2 * x + 1] + below[2 * x] + below[2 * x + 1];
            return (sum + 2) >> 2;
        };
        for (std::size_t y = begin; y < end; ++y) {
            const std::uint16_t* const above = luminance_.get() + 2 * y * size_.width;
            std::uint16_t* const grey = result.luminance_.get() + y * width;
            for (std::size_t x = 0; x < width; ++x) {
                grey[x] = static_cast<std::uint16_t>(mean(above, above + size_.width, x));
            }
            for (std::size_t channel = 0; channel < channels_; ++channel) {
                const std::uint8_t *const a = row(channel, 2 * y), *const b = row(channel, 2 * y + 1);
                std::uint8_t* const to = result.row(channel, y);
                for (std::size_t x = 0; x < width; ++x) to[x] = static_cast<std::uint8_t>(mean(a, b, x));
            }
            result.repeat_ends(y);
        }
    });
    return result;
}

ColourPlanes Picture::colour() const noexcept {
    return {{row(0, 0), row(channels_ == 1 ? 0 : 1, 0), row(channels_ == 1 ? 0 : 2, 0)}, stride_};
}

std::uint8_t* Picture::row(std::size_t channel, std::size_t y) const noexcept {
    return colour_.get() + (channel * size_.height + y) * stride_ + colour_margin;
}

void Picture::repeat_ends(std::size_t y) const noexcept {
    for (std::size_t channel = 0; channel < channels_; ++channel) {
        std::uint8_t* const to = row(channel, y);
        std::memset(to - colour_margin, to[0], colour_margin);
        std::memset(to + size_.width, to[size_.width - 1], colour_margin);
    }
}

}  // namespace nearfar::estimate
