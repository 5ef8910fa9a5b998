#include "estimate/stereo/coded_picture.hpp"

#include <algorithm>
#include <cstring>

#include "core/pool.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t margin = 64;  // the widest vector
constexpr std::size_t grain = 16;
constexpr std::size_t window = 7;  // rows of the census

constexpr std::size_t grey_plane = census_planes;
constexpr std::size_t low_plane = census_planes + 1;

std::size_t round_up(std::size_t count) { return (count + margin - 1) / margin * margin; }

}  // namespace

WidePlanes::WidePlanes(std::size_t planes, PictureSize size, std::size_t before)
    : planes_(planes),
      width_(size.width),
      before_(round_up(before) + margin),
      stride_(before_ + round_up(size.width) + 2 * margin),
      data_(large_block<std::uint8_t>(planes * size.height * stride_)) {}

void WidePlanes::repeat_ends(std::uint8_t* row) const noexcept {
    std::memset(row - before_, row[0], before_);
    std::memset(row + width_, row[width_ - 1], stride_ - before_ - width_);
}

void WidePlanes::clear_ends(std::uint8_t* row) const noexcept {
    std::memset(row - before_, 0, before_);
    std::memset(row + width_, 0, stride_ - before_ - width_);
}

CodedPicture::CodedPicture(const Picture& picture, std::size_t before)
    : planes_(census_planes + 2, picture.size(), before) {
    const PictureSize size = picture.size();
    parallel_for(size.height, 4 * grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const std::uint16_t* const from = picture.luminance() + y * size.width;
            std::uint8_t *const grey = planes_.row(grey_plane, y), *const low = planes_.row(low_plane, y);
            for (std::size_t x = 0; x < size.width; ++x) {
                grey[x] = static_cast<std::uint8_t>(from[x] >> 8);
                low[x] = static_cast<std::uint8_t>(from[x] & 255);
            }
            planes_.repeat_ends(grey);
            planes_.repeat_ends(low);
        }
    });
    const CostRows& level = cost_rows();
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const std::uint8_t* high[window];
            const std::uint8_t* low[window];
            for (std::size_t i = 0; i < window; ++i) {
                const std::size_t at = std::min(std::max(y + i, window / 2) - window / 2, size.height - 1);
                high[i] = planes_.row(grey_plane, at);
                low[i] = planes_.row(low_plane, at);
            }
            std::uint8_t* codes[census_planes];
            for (std::size_t i = 0; i < census_planes; ++i) codes[i] = planes_.row(i, y);
            level.census(high, low, size.width, codes);
            for (std::uint8_t* row : codes) planes_.repeat_ends(row);
        }
    });
}

CodedRow CodedPicture::row(std::size_t y) const noexcept {
    CodedRow row{};
    row.grey = planes_.row(grey_plane, y);
    for (std::size_t i = 0; i < census_planes; ++i) row.census[i] = planes_.row(i, y);
    return row;
}

ColourStepPlanes::ColourStepPlanes(const Picture& picture)
    : planes_(4, {picture.size().height + 1, picture.size().width}, 0) {
    const CostRows& level = cost_rows();
    const PictureSize size = picture.size();
    const ColourPlanes colour = picture.colour();
    parallel_for(size.height + 1, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const std::size_t here = std::min(y, size.height - 1) * colour.stride;
            const std::size_t above = std::min(y ? y - 1 : 0, size.height - 1) * colour.stride;
            const std::size_t others[4] = {here - 1, above, above - 1, above + 1};
            for (std::size_t i = 0; i < 4; ++i) {
                const std::uint8_t *a[3], *b[3];
                for (std::size_t k = 0; k < 3; ++k) {
                    a[k] = colour.plane[k] + here;
                    b[k] = colour.plane[k] + others[i];
                }
                level.colour_steps(a, b, size.width, planes_.row(i, y));
                planes_.clear_ends(planes_.row(i, y));
            }
        }
    });
}

ColourSteps ColourStepPlanes::row(std::size_t y) const noexcept {
    return {planes_.row(0, y), {planes_.row(1, y), planes_.row(2, y), planes_.row(3, y)}};
}

}  // namespace nearfar::estimate
