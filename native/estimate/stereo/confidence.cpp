#include "estimate/stereo/confidence.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/pool.hpp"
#include "estimate/stereo/aggregate.hpp"
#include "estimate/stereo/checks.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 16;
constexpr std::ptrdiff_t wide = 4, narrow = 2;  // px around a pixel

// Sums over a window of columns that moves along a row whose ends repeat.
template <class Value>
void sum_along(const Value* row, std::ptrdiff_t width, std::ptrdiff_t reach, Value* out) {
    for (std::ptrdiff_t x = 0; x < width; ++x) {
        Value sum = 0;
        if (x >= reach && x + reach < width) {
            for (std::ptrdiff_t i = -reach; i <= reach; ++i) sum += row[x + i];
        } else {
            for (std::ptrdiff_t i = -reach; i <= reach; ++i) {
                sum += row[std::clamp<std::ptrdiff_t>(x + i, 0, width - 1)];
            }
        }
        out[x] = sum;
    }
}

}  // namespace

void rate(const std::int16_t* shift, const std::uint8_t* margin, const std::uint8_t* state, PictureSize size,
          std::uint8_t* confidence) {
    const auto width = static_cast<std::ptrdiff_t>(size.width), height = static_cast<std::ptrdiff_t>(size.height);
    const auto row_of = [&](std::ptrdiff_t y) { return std::clamp<std::ptrdiff_t>(y, 0, height - 1) * width; };
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        std::vector<int> column(size.width), margins(size.width);
        std::vector<float> first(size.width), second(size.width), mean(size.width), square(size.width);
        for (auto y = static_cast<std::ptrdiff_t>(begin); y < static_cast<std::ptrdiff_t>(end); ++y) {
            std::fill(column.begin(), column.end(), 0);
            for (std::ptrdiff_t j = -wide; j <= wide; ++j) {
                const std::uint8_t *const from = margin + row_of(y + j), *const known = state + row_of(y + j);
                for (std::size_t x = 0; x < size.width; ++x) column[x] += known[x] == kept ? from[x] : 0;
            }
            sum_along(column.data(), width, wide, margins.data());
            std::fill(first.begin(), first.end(), 0.0F);
            std::fill(second.begin(), second.end(), 0.0F);
            for (std::ptrdiff_t j = -narrow; j <= narrow; ++j) {
                const std::int16_t* const from = shift + row_of(y + j);
                for (std::size_t x = 0; x < size.width; ++x) {
                    const float value = static_cast<float>(from[x]) * (1.0F / shift_unit);
                    first[x] += value;
                    second[x] += value * value;
                }
            }
            sum_along(first.data(), width, narrow, mean.data());
            sum_along(second.data(), width, narrow, square.data());
            constexpr float few = 1.0F / ((2 * narrow + 1) * (2 * narrow + 1));
            constexpr float many = 1.0F / ((2 * wide + 1) * (2 * wide + 1));
            for (std::size_t x = 0; x < size.width; ++x) {
                const float average = mean[x] * few;
                const float spread = std::sqrt(std::max(0.0F, square[x] * few - average * average));
                const float rated = static_cast<float>(margins[x]) * many / (1 + spread);
                confidence[static_cast<std::size_t>(y) * size.width + x] = static_cast<std::uint8_t>(rated);
            }
        }
    });
}

}  // namespace nearfar::estimate
