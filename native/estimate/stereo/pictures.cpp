#include "estimate/stereo/pictures.hpp"

#include <cstring>

#include "core/pool.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 64;
constexpr std::size_t margin = 16;

}  // namespace

std::unique_ptr<std::uint8_t[]> to_grey(const std::uint8_t* picture, PictureSize size, std::size_t channels) {
    std::unique_ptr<std::uint8_t[]> grey(new std::uint8_t[size.height * size.width]);
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        if (channels == 1) {
            std::memcpy(grey.get() + begin * size.width, picture + begin * size.width, (end - begin) * size.width);
            return;
        }
        for (std::size_t i = begin * size.width; i < end * size.width; ++i) {
            const std::uint8_t* const rgb = picture + 3 * i;
            grey[i] = static_cast<std::uint8_t>((77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2] + 128) >> 8);
        }
    });
    return grey;
}

Planes::Planes(const std::uint8_t* picture, PictureSize size, std::size_t channels)
    : stride_(size.width + 2 * margin),
      plane_(size.height * stride_),
      channels_(channels),
      data_(new std::uint8_t[channels * plane_]) {
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const std::uint8_t* const from = picture + y * size.width * channels;
            for (std::size_t channel = 0; channel < channels; ++channel) {
                std::uint8_t* const row = data_.get() + channel * plane_ + y * stride_ + margin;
                for (std::size_t x = 0; x < size.width; ++x) row[x] = from[x * channels + channel];
                std::memset(row - margin, row[0], margin);
                std::memset(row + size.width, row[size.width - 1], margin);
            }
        }
    });
}

ColourPlanes Planes::view() const noexcept {
    ColourPlanes view{};
    for (std::size_t i = 0; i < 3; ++i) view.plane[i] = data_.get() + (channels_ == 1 ? 0 : i) * plane_ + margin;
    view.stride = stride_;
    return view;
}

}  // namespace nearfar::estimate
