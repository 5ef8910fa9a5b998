#include "estimate/stereo/confidence.hpp"

#include <algorithm>
#include <vector>

#include "core/pool.hpp"
#include "estimate/stereo/map_rows.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 16;

}  // namespace

void rate(const std::int16_t* shift, const std::uint8_t* margin, const std::uint8_t* state, PictureSize size,
          std::uint8_t* confidence) {
    const MapRows& level = map_rows();
    const auto start = [&](std::size_t y, std::size_t before) {  // y counts from `before` rows above the first
        return std::min(std::max(y, before) - before, size.height - 1) * size.width;
    };
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        std::vector<std::int16_t> scratch(rating_scratch(size.width));
        for (std::size_t y = begin; y < end; ++y) {
            RatedRows rows{};
            for (std::size_t j = 0; j < rating_window; ++j) {
                rows.margin[j] = margin + start(y + j, rating_window / 2);
                rows.state[j] = state + start(y + j, rating_window / 2);
            }
            for (std::size_t j = 0; j < range_window; ++j) rows.shift[j] = shift + start(y + j, range_window / 2);
            level.rate(rows, size.width, scratch.data(), confidence + y * size.width);
        }
    });
}

}  // namespace nearfar::estimate
