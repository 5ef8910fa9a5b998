#include "estimate/stereo/pictures.hpp"

#include <cstring>

#include "core/pool.hpp"
#include "estimate/stereo/picture_rows.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 64;

// A grey sample's upper 8 bits, and its place in the 16-bit scale of the luminance.
inline std::uint8_t top(std::uint8_t sample) noexcept { return sample; }
inline std::uint8_t top(std::uint16_t sample) noexcept { return static_cast<std::uint8_t>(sample >> 8); }
inline std::uint16_t grey_of(std::uint8_t v) noexcept { return static_cast<std::uint16_t>(v << 8); }
inline std::uint16_t grey_of(std::uint16_t v) noexcept { return v; }

auto splitter(std::uint8_t) noexcept { return picture_rows().split_8; }
auto splitter(std::uint16_t) noexcept { return picture_rows().split_16; }

}  // namespace

Picture::Picture(PictureSize size, std::size_t channels)
    : size_(size),
      channels_(channels),
      stride_(size.width + 2 * colour_margin),
      luminance_(large_block<std::uint16_t>(size.count())),
      colour_(large_block<std::uint8_t>(channels * size.height * stride_)) {}

template <class Sample>
Picture::Picture(const Sample* samples, PictureSize size, std::size_t channels) : Picture(size, channels) {
    const auto split = splitter(Sample{});
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
                std::uint8_t* const planes[3] = {row(0, y), row(1, y), row(2, y)};
                split(from, size.width, planes, grey);
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
    const PictureRows& level = picture_rows();
    parallel_for(result.size_.height, grain / 2, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const std::uint16_t* const above = luminance_.get() + 2 * y * size_.width;
            level.halve_16(above, above + size_.width, width, result.luminance_.get() + y * width);
            for (std::size_t channel = 0; channel < channels_; ++channel) {
                level.halve_8(row(channel, 2 * y), row(channel, 2 * y + 1), width, result.row(channel, y));
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
