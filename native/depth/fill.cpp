#include "depth/fill.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/pool.hpp"
#include "depth/rows.hpp"

namespace nearfar::depth {
namespace {

constexpr std::uint32_t nowhere = 1U << 30;  // steps to a value that is not there; counts on, but never wraps
constexpr std::size_t band = 64;             // rows whose steps downwards are held at once

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

struct Upwards {
    std::uint32_t straight, left, right;
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
    const float* row(std::size_t y) const noexcept { return values + y * width; }
};

// Fills one row from all eight sides. Returns how many holes are left in it.
std::size_t fill_row(const Map& map, std::size_t y, const Upwards* up, const Steps& down, const Weights& weights,
                     float* out) {
    const float* row = map.row(y);
    std::vector<std::uint32_t> ahead(map.width + 1, nowhere);
    for (std::size_t x = map.width; x-- > 0;) ahead[x] = is_hole(row[x]) ? ahead[x + 1] + 1 : 0;
    std::uint32_t behind = nowhere;
    std::size_t left = 0;
    for (std::size_t x = 0; x < map.width; ++x) {
        behind = is_hole(row[x]) ? behind + 1 : 0;
        out[x] = row[x];
        if (behind == 0) continue;
        Sight sight;
        const float* here = row + x;
        const auto look = [&](std::uint32_t steps, std::ptrdiff_t stride, const std::vector<double>& weight) {
            if (steps < nowhere) sight.add(here[static_cast<std::ptrdiff_t>(steps) * stride], weight[steps]);
        };
        const auto pitch = static_cast<std::ptrdiff_t>(map.width);
        look(behind, -1, weights.axis);
        look(ahead[x], 1, weights.axis);
        look(up->straight, -pitch, weights.axis);
        look(down.straight[x + 1], pitch, weights.axis);
        look(up->left, -pitch - 1, weights.diagonal);
        look(up->right, -pitch + 1, weights.diagonal);
        look(down.left[x + 1], pitch - 1, weights.diagonal);
        look(down.right[x + 1], pitch + 1, weights.diagonal);
        ++up;
        if (sight.empty()) {
            ++left;
        } else {
            out[x] = sight.median();
        }
    }
    return left;
}

// The steps upwards of every hole in reading order, and where each row's begin.
struct Above {
    std::vector<Upwards> steps;
    std::vector<std::size_t> row_begin;
};

Above look_up(const Map& map, const Rows& level) {
    Above above;
    Steps before(map.width);
    Steps now(map.width);
    for (std::size_t y = 0; y < map.height; ++y) {
        now.advance(level, map.row(y), map.width, before);
        above.row_begin.push_back(above.steps.size());
        for (std::size_t x = 1; x <= map.width; ++x) {
            if (now.straight[x] != 0) above.steps.push_back({now.straight[x], now.left[x], now.right[x]});
        }
        std::swap(before, now);
    }
    return above;
}

// One pass over the map. Returns how many holes are left.
std::size_t fill_once(const Map& map, float* out) {
    const Rows& level = rows();
    const Above above = look_up(map, level);
    const Weights weights(std::max(map.height, map.width));
    std::vector<Steps> down(std::min(band, map.height), Steps(map.width));
    Steps below(map.width);
    std::atomic<std::size_t> left{0};
    for (std::size_t end = map.height; end > 0;) {
        const std::size_t begin = end > band ? end - band : 0;
        for (std::size_t y = end; y-- > begin;) {
            down[y - begin].advance(level, map.row(y), map.width, y + 1 == end ? below : down[y + 1 - begin]);
        }
        below = down[0];
        const std::size_t per_chunk = std::max<std::size_t>(1, (std::size_t{1} << 13) / map.width);
        parallel_for(end - begin, per_chunk, [&](std::size_t first, std::size_t last) {
            for (std::size_t y = begin + first; y < begin + last; ++y) {
                left += fill_row(map, y, above.steps.data() + above.row_begin[y], down[y - begin], weights,
                                 out + y * map.width);
            }
        });
        end = begin;
    }
    return left;
}

}  // namespace

void fill_holes(const float* values, std::size_t height, std::size_t width, float* out) {
    const std::size_t left = fill_once({values, height, width}, out);
    if (left == 0 || left == height * width) return;
    const std::vector<float> half(out, out + height * width);
    fill_once({half.data(), height, width}, out);
}

}  // namespace nearfar::depth
