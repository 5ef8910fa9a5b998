#include "estimate/stereo/coarse.hpp"

#include <algorithm>
#include <vector>

#include "core/pool.hpp"
#include "estimate/stereo/checks.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 16;
constexpr int reach = 2;              // coarse px around one that must be flat
constexpr int most_texture = 24;      // levels of a channel
constexpr std::uint8_t most_charge = 12;

std::size_t nearby(std::size_t at, int step, std::size_t count) noexcept {
    const auto moved = static_cast<std::ptrdiff_t>(at) + step;
    return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(moved, 0, static_cast<std::ptrdiff_t>(count) - 1));
}

struct Coarse {
    ColourPlanes colour;
    PictureSize size;
    const std::int16_t* shift;
    const std::uint8_t* state;
    int most_range;  // of the shifts around, in 1/64 px

    // Kept, and neither depth nor colour changes around it.
    bool flat(std::size_t x, std::size_t y) const noexcept {
        if (state[y * size.width + x] != kept) return false;
        int low = shift[y * size.width + x], high = low;
        for (int j = -reach; j <= reach; j += 2) {
            const std::size_t row = nearby(y, j, size.height) * size.width;
            for (int i = -reach; i <= reach; i += 2) {
                const int other = shift[row + nearby(x, i, size.width)];
                low = std::min(low, other);
                high = std::max(high, other);
            }
        }
        return high - low <= most_range && texture(x, y) <= most_texture;
    }

    int texture(std::size_t x, std::size_t y) const noexcept {
        int most = 0;
        for (const std::uint8_t* plane : colour.plane) {
            const int centre = plane[y * colour.stride + x];
            for (int j = -reach; j <= reach; ++j) {
                const std::uint8_t* const row = plane + nearby(y, j, size.height) * colour.stride;
                for (int i = -reach; i <= reach; ++i) {
                    const int step = centre - row[nearby(x, i, size.width)];
                    most = std::max({most, step, -step});
                }
            }
        }
        return most;
    }
};

// Between which two coarse pixels the centre of a fine one lies, in 1/(2·factor) of their distance.
struct Between {
    std::size_t first, second;
    int weight;  // of the second

    Between(std::size_t at, int factor, std::size_t count) noexcept {
        const int place = 2 * static_cast<int>(at) + 1 - factor;
        const auto whole = static_cast<std::size_t>(place < 0 ? 0 : place / (2 * factor));
        weight = place < 0 ? 0 : place - static_cast<int>(whole) * 2 * factor;
        first = std::min(whole, count - 1);
        second = std::min(whole + 1, count - 1);
    }
};

}  // namespace

CoarsePrior::CoarsePrior(const Picture& coarse, const std::int16_t* shift, const std::uint8_t* state, PictureSize size,
                         int factor)
    : shift_(new std::int16_t[size.count()]),
      most_(new std::uint8_t[size.count()]),
      prior_{shift_.get(), most_.get(), factor == 4 ? 2 : 1, 1} {
    const Coarse from{coarse.colour(), coarse.size(), shift, state, factor == 4 ? 48 : 32};
    const auto step = static_cast<std::size_t>(factor);
    const std::unique_ptr<std::uint8_t[]> charge(new std::uint8_t[from.size.count()]);
    parallel_for(from.size.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            for (std::size_t x = 0; x < from.size.width; ++x) {
                charge[y * from.size.width + x] = from.flat(x, y) ? most_charge : 0;
            }
        }
    });
    std::vector<Between> columns;
    columns.reserve(size.width);
    for (std::size_t x = 0; x < size.width; ++x) columns.emplace_back(x, factor, from.size.width);
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        const int whole = 2 * factor, unit = shift_unit * whole * whole;
        std::vector<int> column(from.size.width);
        for (std::size_t y = begin; y < end; ++y) {
            const Between rows(y, factor, from.size.height);
            const std::int16_t* const above = shift + rows.first * from.size.width;
            const std::int16_t* const below = shift + rows.second * from.size.width;
            const std::uint8_t* const charges = charge.get() + std::min(y / step, from.size.height - 1) * from.size.width;
            for (std::size_t x = 0; x < from.size.width; ++x) {
                column[x] = (above[x] * (whole - rows.weight) + below[x] * rows.weight) * factor;
            }
            std::int16_t* const to = shift_.get() + y * size.width;
            std::uint8_t* const most = most_.get() + y * size.width;
            for (std::size_t x = 0; x < size.width; ++x) {
                const Between& at = columns[x];
                const int sum = column[at.first] * (whole - at.weight) + column[at.second] * at.weight;
                to[x] = static_cast<std::int16_t>(static_cast<unsigned>(sum + unit / 2) / static_cast<unsigned>(unit));
                most[x] = charges[std::min(x / step, from.size.width - 1)];
            }
        }
    });
}

}  // namespace nearfar::estimate
