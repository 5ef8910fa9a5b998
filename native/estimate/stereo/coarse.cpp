#include "estimate/stereo/coarse.hpp"

#include <algorithm>
#include <vector>

#include "core/large_block.hpp"
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

// The least and the greatest of `step`-th neighbours up to `reach` away, for each pixel of a row whose ends repeat.
template <class Value>
class Extremes {
public:
    explicit Extremes(std::size_t width)
        : width_(width), low_(width + 2 * reach), high_(width + 2 * reach), least_(width), most_(width) {}

    // `row(j)` is the row j below this one.
    template <class F>
    void find(const F& row, int step) {
        Value *const low = low_.data() + reach, *const high = high_.data() + reach;
        std::copy(row(0), row(0) + width_, low);
        std::copy(row(0), row(0) + width_, high);
        for (int j = -reach; j <= reach; j += step) join(row(j), low, high);
        std::fill(low - reach, low, low[0]);
        std::fill(high - reach, high, high[0]);
        std::fill(low + width_, low + width_ + reach, low[width_ - 1]);
        std::fill(high + width_, high + width_ + reach, high[width_ - 1]);
        std::copy(low, low + width_, least_.begin());
        std::copy(high, high + width_, most_.begin());
        for (int i = -reach; i <= reach; i += step) {
            for (std::size_t x = 0; x < width_; ++x) least_[x] = std::min(least_[x], (low + i)[x]);
            for (std::size_t x = 0; x < width_; ++x) most_[x] = std::max(most_[x], (high + i)[x]);
        }
    }

    int least(std::size_t x) const noexcept { return least_[x]; }
    int most(std::size_t x) const noexcept { return most_[x]; }

private:
    void join(const Value* from, Value* low, Value* high) const {
        for (std::size_t x = 0; x < width_; ++x) {
            low[x] = std::min(low[x], from[x]);
            high[x] = std::max(high[x], from[x]);
        }
    }

    std::size_t width_;
    std::vector<Value> low_, high_, least_, most_;
};

// Where a coarse match may say something: it was kept, and neither shift nor colour changes around it.
void mark_flat(const Picture& picture, const std::int16_t* shift, const std::uint8_t* state, int most_range,
               std::uint8_t* charge) {
    const PictureSize size = picture.size();
    const ColourPlanes colour = picture.colour();
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        Extremes<std::int16_t> shifts(size.width);
        Extremes<std::uint8_t> levels(size.width);
        for (std::size_t y = begin; y < end; ++y) {
            std::uint8_t* const row = charge + y * size.width;
            shifts.find([&](int j) { return shift + nearby(y, j, size.height) * size.width; }, 2);
            for (std::size_t x = 0; x < size.width; ++x) {
                const bool flat = state[y * size.width + x] == kept && shifts.most(x) - shifts.least(x) <= most_range;
                row[x] = flat ? most_charge : 0;
            }
            for (const std::uint8_t* plane : colour.plane) {
                levels.find([&](int j) { return plane + nearby(y, j, size.height) * colour.stride; }, 1);
                const std::uint8_t* const centre = plane + y * colour.stride;
                for (std::size_t x = 0; x < size.width; ++x) {
                    const int step = std::max(levels.most(x) - centre[x], centre[x] - levels.least(x));
                    row[x] = step <= most_texture ? row[x] : 0;
                }
            }
        }
    });
}

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
    : shift_(large_block<std::int16_t>(size.count())),
      most_(large_block<std::uint8_t>(size.count())),
      prior_{shift_.get(), most_.get(), factor == 4 ? 2 : 1, 1} {
    const PictureSize from = coarse.size();
    const auto step = static_cast<std::size_t>(factor);
    const LargeBlock<std::uint8_t> charge = large_block<std::uint8_t>(from.count());
    mark_flat(coarse, shift, state, factor == 4 ? 48 : 32, charge.get());
    std::vector<Between> columns;
    columns.reserve(size.width);
    for (std::size_t x = 0; x < size.width; ++x) columns.emplace_back(x, factor, from.width);
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        const int whole = 2 * factor, unit = shift_unit * whole * whole;
        std::vector<int> column(from.width);
        for (std::size_t y = begin; y < end; ++y) {
            const Between rows(y, factor, from.height);
            const std::int16_t* const above = shift + rows.first * from.width;
            const std::int16_t* const below = shift + rows.second * from.width;
            const std::uint8_t* const charges = charge.get() + std::min(y / step, from.height - 1) * from.width;
            for (std::size_t x = 0; x < from.width; ++x) {
                column[x] = (above[x] * (whole - rows.weight) + below[x] * rows.weight) * factor;
            }
            std::int16_t* const to = shift_.get() + y * size.width;
            std::uint8_t* const most = most_.get() + y * size.width;
            for (std::size_t x = 0; x < size.width; ++x) {
                const Between& at = columns[x];
                const int sum = column[at.first] * (whole - at.weight) + column[at.second] * at.weight;
                to[x] = static_cast<std::int16_t>(static_cast<unsigned>(sum + unit / 2) / static_cast<unsigned>(unit));
                most[x] = charges[std::min(x / step, from.width - 1)];
            }
        }
    });
}

}  // namespace nearfar::estimate
