#include "depth/fill.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/interrupt.hpp"
#include "core/pool.hpp"
#include "depth/rows.hpp"

namespace nearfar::depth {
namespace {

constexpr std::uint32_t nowhere = 1U << 30;  // steps to a value that is not there; counts on, but never wraps
constexpr std::size_t band = 64;             // rows whose steps are held at once

bool is_hole(float value) noexcept { return value != value; }

// Steps to the nearest value straight ahead and along both diagonals, for one row, as seen from the row before or
// behind it. One cell of margin on either side stands for the outside.
struct Steps {
    explicit Steps(std::size_t width)
        : straight(width + 2, nowhere), left(width + 2, nowhere), right(width + 2, nowhere) {}

    void advance(const Rows& level, const float* row, std::size_t width, const Steps& from) {
        level.count_steps(row, width, from.straight.data() + 1, straight.data() + 1);
        level.count_steps(row, width, from.left.data(), left.data() + 1);
        level.count_steps(row, width, from.right.data() + 2, right.data() + 1);
    }

    std::vector<std::uint32_t> straight, left, right;
};

// Weights by number of steps: 1/√steps along rows and columns, 1/√(steps·√2) along diagonals.
struct Weights {
    explicit Weights(std::size_t most) : axis(most + 1), diagonal(most + 1) {
        for (std::size_t steps = 1; steps <= most; ++steps) {
            axis[steps] = 1.0 / std::sqrt(static_cast<double>(steps));
            diagonal[steps] = 1.0 / std::sqrt(static_cast<double>(steps) * 1.4142135623730951);
        }
    }
    std::vector<double> axis, diagonal;
};

// Up to eight values in ascending order with their weights; equal values keep the order in which they came.
class Sight {
public:
    void add(float value, double weight) noexcept {
        std::size_t at = count_++;
        for (; at > 0 && values_[at - 1] > value; --at) {
            values_[at] = values_[at - 1];
            weights_[at] = weights_[at - 1];
        }
        values_[at] = value;
        weights_[at] = weight;
        total_ += weight;
    }
    bool empty() const noexcept { return count_ == 0; }
    float median() const noexcept {
        double passed = 0.0;
        for (std::size_t i = 0; i < count_; ++i) {
            passed += weights_[i];
            if (passed >= 0.5 * total_) return values_[i];
        }
        return values_[count_ - 1];
    }

private:
    std::array<float, 8> values_{};
    std::array<double, 8> weights_{};
    std::size_t count_ = 0;
    double total_ = 0.0;
};

struct Map {
    const float* values;
    std::size_t height, width;
    const std::uint8_t* wanted;  // null: all
    const float* row(std::size_t y) const noexcept { return values + y * width; }
};

// Fills one row from all eight sides. Returns how many wanted holes are left in it.
std::size_t fill_row(const Map& map, std::size_t y, const Steps& up, const Steps& down, const Weights& weights,
                     float* out) {
    const float* row = map.row(y);
    const std::uint8_t* wanted = map.wanted == nullptr ? nullptr : map.wanted + y * map.width;
    if (wanted != nullptr && std::all_of(wanted, wanted + map.width, [](std::uint8_t asked) { return asked == 0; })) {
        std::copy_n(row, map.width, out);
        return 0;
    }
    std::vector<std::uint32_t> ahead(map.width + 1, nowhere);
    for (std::size_t x = map.width; x-- > 0;) ahead[x] = is_hole(row[x]) ? ahead[x + 1] + 1 : 0;
    std::uint32_t behind = nowhere;
    std::size_t left = 0;
    for (std::size_t x = 0; x < map.width; ++x) {
        behind = is_hole(row[x]) ? behind + 1 : 0;
        out[x] = row[x];
        if (behind == 0 || (wanted != nullptr && wanted[x] == 0)) continue;
        Sight sight;
        const float* here = row + x;
        const auto look = [&](std::uint32_t steps, std::ptrdiff_t stride, const std::vector<double>& weight) {
            if (steps < nowhere) sight.add(here[static_cast<std::ptrdiff_t>(steps) * stride], weight[steps]);
        };
        const auto pitch = static_cast<std::ptrdiff_t>(map.width);
        look(behind, -1, weights.axis);
        look(ahead[x], 1, weights.axis);
        look(up.straight[x + 1], -pitch, weights.axis);
        look(down.straight[x + 1], pitch, weights.axis);
        look(up.left[x + 1], -pitch - 1, weights.diagonal);
        look(up.right[x + 1], -pitch + 1, weights.diagonal);
        look(down.left[x + 1], pitch - 1, weights.diagonal);
        look(down.right[x + 1], pitch + 1, weights.diagonal);
        if (sight.empty()) {
            ++left;
        } else {
            out[x] = sight.median();
        }
    }
    return left;
}

// The steps upwards as seen from the first row of each band; what lies between is counted again band by band, since
// those of a whole map are three times its size.
std::vector<Steps> look_up(const Map& map, const Rows& level) {
    std::vector<Steps> starts{Steps(map.width)};
    Steps now(map.width);
    Steps next(map.width);
    const std::size_t bands = (map.height + band - 1) / band;
    for (std::size_t y = 0; starts.size() < bands; ++y) {
        next.advance(level, map.row(y), map.width, now);
        std::swap(now, next);
        if ((y + 1) % band == 0) starts.push_back(now);
        poll_interrupt();
    }
    return starts;
}

// One pass over the map. Returns how many wanted holes are left.
std::size_t fill_once(const Map& map, float* out) {
    const Rows& level = rows();
    std::vector<Steps> starts = look_up(map, level);
    const Weights weights(std::max(map.height, map.width));
    std::vector<Steps> up(std::min(band, map.height), Steps(map.width));
    std::vector<Steps> down = up;
    Steps below(map.width);
    std::atomic<std::size_t> left{0};
    for (std::size_t end = map.height; end > 0;) {
        const std::size_t begin = (end - 1) / band * band;
        for (std::size_t y = begin; y < end; ++y) {
            up[y - begin].advance(level, map.row(y), map.width, y == begin ? starts.back() : up[y - 1 - begin]);
            poll_interrupt();
        }
        starts.pop_back();
        for (std::size_t y = end; y-- > begin;) {
            down[y - begin].advance(level, map.row(y), map.width, y + 1 == end ? below : down[y + 1 - begin]);
            poll_interrupt();
        }
        below = down[0];
        const std::size_t per_chunk = std::max<std::size_t>(1, (std::size_t{1} << 13) / map.width);
        parallel_for(end - begin, per_chunk, [&](std::size_t first, std::size_t last) {
            for (std::size_t y = begin + first; y < begin + last; ++y) {
                left += fill_row(map, y, up[y - begin], down[y - begin], weights, out + y * map.width);
            }
        });
        end = begin;
    }
    return left;
}

}  // namespace

void fill_holes(const float* values, std::size_t height, std::size_t width, float* out, const std::uint8_t* wanted) {
    std::size_t left = fill_once({values, height, width, wanted}, out);
    if (left != 0 && wanted != nullptr) left = fill_once({values, height, width, nullptr}, out);
    if (left == 0 || left == height * width) return;
    const std::vector<float> half(out, out + height * width);
    fill_once({half.data(), height, width, wanted}, out);
}

}  // namespace nearfar::depth
