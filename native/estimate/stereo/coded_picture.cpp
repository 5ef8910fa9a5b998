#include "estimate/stereo/coded_picture.hpp"

#include <algorithm>
#include <cstring>

#include "core/pool.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t margin = 64;  // the widest vector; the census reaches 4 columns out
constexpr std::size_t grain = 16;

}  // namespace

CodedPicture::CodedPicture(const std::uint8_t* grey, std::size_t height, std::size_t width, std::size_t before)
    : height_(height),
      width_(width),
      before_(before + margin),
      stride_(before_ + width + 2 * margin),
      data_(new std::uint8_t[static_cast<std::size_t>(census_planes + 1) * height * stride_]) {
    const MatchRows& level = match_rows();
    copy_grey(grey);
    parallel_for(height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const std::uint8_t* rows[7];
            for (std::size_t i = 0; i < 7; ++i) {
                rows[i] = this->grey(std::min(std::max(y + i, std::size_t{3}) - 3, height_ - 1));
            }
            std::uint8_t* planes[census_planes];
            for (int i = 0; i < census_planes; ++i) planes[i] = plane(i, y);
            level.census(rows, width_, planes);
            for (std::uint8_t* row : planes) repeat_ends(row);
        }
    });
}

CodedRow CodedPicture::row(std::size_t y) const noexcept {
    CodedRow row{};
    row.grey = plane(census_planes, y);
    for (int i = 0; i < census_planes; ++i) row.census[i] = plane(i, y);
    return row;
}

std::uint8_t* CodedPicture::plane(int index, std::size_t y) const noexcept {
    return data_.get() + (y * static_cast<std::size_t>(census_planes + 1) + static_cast<std::size_t>(index)) * stride_ +
           before_;
}

void CodedPicture::copy_grey(const std::uint8_t* grey) {
    parallel_for(height_, 4 * grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            std::uint8_t* const row = plane(census_planes, y);
            std::memcpy(row, grey + y * width_, width_);
            repeat_ends(row);
        }
    });
}

void CodedPicture::repeat_ends(std::uint8_t* row) const noexcept {
    std::memset(row - before_, row[0], before_);
    std::memset(row + width_, row[width_ - 1], stride_ - before_ - width_);
}

}  // namespace nearfar::estimate
