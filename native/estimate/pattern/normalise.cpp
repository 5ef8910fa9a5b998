#include "estimate/pattern/normalise.hpp"

#include <algorithm>
#include <vector>

#include "core/pool.hpp"
#include "estimate/pattern/rows.hpp"

namespace nearfar::pattern {
namespace {

constexpr std::size_t reach = 5;  // the window is 2·reach + 1 wide and high

// Sums over windows that end at the edges, from the sums of single columns. Whole numbers: doubles hold them exactly.
void gather(const std::vector<double>& columns, std::vector<double>& windows) {
    const std::size_t width = columns.size();
    double sum = 0.0;
    for (std::size_t x = 0; x < std::min(reach, width); ++x) sum += columns[x];
    for (std::size_t x = 0; x < width; ++x) {
        if (x + reach < width) sum += columns[x + reach];
        if (x > reach) sum -= columns[x - reach - 1];
        windows[x] = sum;
    }
}

std::size_t inside(std::size_t at, std::size_t size) noexcept {
    return std::min(at + reach + 1, size) - (at > reach ? at - reach : 0);
}

}  // namespace

void normalise(const std::uint16_t* image, std::size_t height, std::size_t width, std::int16_t* out) {
    const Rows& level = rows();
    const std::size_t grain = std::max<std::size_t>(32, (std::size_t{1} << 14) / width);
    parallel_for(height, grain, [&](std::size_t begin, std::size_t end) {
        std::vector<double> sums(width), squares(width), window_sums(width), window_squares(width), counts(width);
        const std::size_t first = begin > reach ? begin - reach : 0;
        for (std::size_t y = first; y < std::min(begin + reach, height); ++y) {
            level.slide(image + y * width, nullptr, width, sums.data(), squares.data());
        }
        for (std::size_t y = begin; y < end; ++y) {
            const std::uint16_t* enters = y + reach < height ? image + (y + reach) * width : nullptr;
            const std::uint16_t* leaves = y > first + reach ? image + (y - reach - 1) * width : nullptr;
            level.slide(enters, leaves, width, sums.data(), squares.data());
            gather(sums, window_sums);
            gather(squares, window_squares);
            for (std::size_t x = 0; x < width; ++x) {
                counts[x] = static_cast<double>(inside(x, width) * inside(y, height));
            }
            level.normalise(image + y * width, counts.data(), window_sums.data(), window_squares.data(), width,
                            out + y * width);
        }
    });
}

}  // namespace nearfar::pattern
