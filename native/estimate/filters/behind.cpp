#include "estimate/filters/behind.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>
#include <vector>

#include "core/interrupt.hpp"
#include "core/pool.hpp"

namespace nearfar::filters {
namespace {

constexpr float edge = 0.02F;         // 1/m by which disparities of one surface differ at most,
constexpr float edge_share = 0.2F;    // besides this share of theirs,
constexpr float slope = 0.01F;        // and this from one pixel to the next,
constexpr float most_slope = 0.3F;    // but no more than this in a coarse cell
constexpr float alike = 25.0F;        // distance of colours, in steps of 8 bits, that halves a weight twice
constexpr float unlike = 0.02F;       // weight of a cell whose colour is another
constexpr float convincing = 8.0F;    // by so much must the nearer cells outweigh the farther ones
constexpr float nearby[4] = {9.0F, 3.0F, 3.0F, 1.0F};

struct Level {
    Level(std::size_t rows, std::size_t columns)
        : height(rows), width(columns), values(rows * columns), weights(rows * columns), colors(3 * rows * columns) {}
    std::size_t height, width;
    std::vector<float> values, weights, colors;
};

bool is_hole(float value) noexcept { return value != value; }

// Up to which disparity what is seen belongs to the surface of the farthest one.
float limit_of(float farthest, float step) noexcept {
    const float share = edge_share * farthest;
    return (farthest + share) + step;
}

std::size_t grain(std::size_t width) { return std::max<std::size_t>(1, (std::size_t{1} << 13) / width); }

// One cell from up to four.
void join(const Level& fine, std::size_t y, std::size_t x, float step, Level& coarse) {
    std::size_t kids[4];
    std::size_t count = 0;
    float farthest = std::nanf("");
    for (std::size_t row = 2 * y; row < std::min(2 * y + 2, fine.height); ++row) {
        for (std::size_t column = 2 * x; column < std::min(2 * x + 2, fine.width); ++column) {
            const std::size_t at = row * fine.width + column;
            kids[count++] = at;
            const float value = fine.values[at];
            if (!is_hole(value) && !(value >= farthest)) farthest = value;
        }
    }
    const bool hole = is_hole(farthest);
    const float limit = limit_of(farthest, step);
    float sum = 0.0F, total = 0.0F, counted = 0.0F;
    float color[3] = {0.0F, 0.0F, 0.0F};
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = kids[i];
        if (!hole && !(fine.values[at] <= limit)) continue;
        const float weight = hole ? 1.0F : fine.weights[at];
        counted += weight;
        for (std::size_t c = 0; c < 3; ++c) color[c] += fine.colors[3 * at + c] * weight;
        if (hole) continue;
        total += weight;
        sum += fine.values[at] * weight;
    }
    const std::size_t to = y * coarse.width + x;
    coarse.values[to] = hole ? farthest : sum / total;
    coarse.weights[to] = total;
    for (std::size_t c = 0; c < 3; ++c) coarse.colors[3 * to + c] = color[c] / counted;
}

// What a hole takes from the four coarser cells around it.
float behind(const Level& fine, std::size_t y, std::size_t x, const Level& coarse, float step) {
    const auto aside = [](std::size_t at, std::size_t size) {
        const std::size_t half = at / 2;
        if (at % 2 == 0) return half == 0 ? half : half - 1;
        return std::min(half + 1, size - 1);
    };
    const std::size_t rows[2] = {y / 2, aside(y, coarse.height)};
    const std::size_t columns[2] = {x / 2, aside(x, coarse.width)};
    const float* color = fine.colors.data() + 3 * (y * fine.width + x);
    float values[4];
    float weights[4];
    for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t at = rows[i / 2] * coarse.width + columns[i % 2];
        values[i] = coarse.values[at];
        float apart = 0.0F;
        for (std::size_t c = 0; c < 3; ++c) {
            const float step_of = coarse.colors[3 * at + c] - color[c];
            apart += step_of * step_of;
        }
        const float likeness = 1.0F / (1.0F + apart / (alike * alike));
        weights[i] = nearby[i] * (likeness * likeness + unlike);
    }
    const float limit = limit_of(std::min({values[0], values[1], values[2], values[3]}), step);
    float far_weight = 0.0F, far_sum = 0.0F, near_weight = 0.0F, near_sum = 0.0F;
    for (std::size_t i = 0; i < 4; ++i) {
        const bool far = values[i] <= limit;
        (far ? far_weight : near_weight) += weights[i];
        (far ? far_sum : near_sum) += weights[i] * values[i];
    }
    return near_weight > convincing * far_weight ? near_sum / near_weight : far_sum / far_weight;
}

float step_of_level(std::size_t level) {
    return edge + std::min(most_slope, slope * static_cast<float>(std::size_t{1} << std::min<std::size_t>(level, 20)));
}

// A level half as large; and how many holes are left in it.
std::pair<Level, std::size_t> coarser(const Level& fine, float step) {
    Level coarse((fine.height + 1) / 2, (fine.width + 1) / 2);
    std::atomic<std::size_t> holes{0};
    parallel_for(coarse.height, grain(coarse.width), [&](std::size_t first, std::size_t last) {
        std::size_t found = 0;
        for (std::size_t y = first; y < last; ++y) {
            for (std::size_t x = 0; x < coarse.width; ++x) {
                join(fine, y, x, step, coarse);
                found += is_hole(coarse.values[y * coarse.width + x]) ? 1U : 0U;
            }
            poll_interrupt();
        }
        holes += found;
    });
    return {std::move(coarse), holes.load()};
}

}  // namespace

void fill_behind(const float* values, const std::uint8_t* colors, std::size_t height, std::size_t width, float* out) {
    const std::size_t size = height * width;
    std::copy_n(values, size, out);
    auto holes = static_cast<std::size_t>(std::count_if(values, values + size, is_hole));
    if (holes == 0 || holes == size) return;
    std::vector<Level> levels;
    levels.emplace_back(height, width);
    std::copy_n(values, size, levels[0].values.begin());
    std::transform(values, values + size, levels[0].weights.begin(), [](float v) { return is_hole(v) ? 0.0F : 1.0F; });
    std::copy_n(colors, 3 * size, levels[0].colors.begin());
    while (holes > 0) {
        std::pair<Level, std::size_t> next = coarser(levels.back(), step_of_level(levels.size() - 1));
        levels.push_back(std::move(next.first));
        holes = next.second;
    }
    for (std::size_t level = levels.size() - 1; level-- > 0;) {
        Level& fine = levels[level];
        const Level& coarse = levels[level + 1];
        const float step = step_of_level(level);
        parallel_for(fine.height, grain(fine.width), [&](std::size_t first, std::size_t last) {
            for (std::size_t y = first; y < last; ++y) {
                for (std::size_t x = 0; x < fine.width; ++x) {
                    float& value = fine.values[y * fine.width + x];
                    if (is_hole(value)) value = behind(fine, y, x, coarse, step);
                }
                poll_interrupt();
            }
        });
    }
    std::copy_n(levels[0].values.begin(), size, out);
}

}  // namespace nearfar::filters
