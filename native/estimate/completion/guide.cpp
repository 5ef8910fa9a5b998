#include "estimate/completion/guide.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/pool.hpp"

namespace nearfar::completion {
namespace {

// The pixels of one axis that a sample sees, and how much each counts.
struct Tent {
    std::size_t first = 0;
    std::vector<double> weights;  // they add up to 1

    Tent(double place, double radius, std::size_t count) {
        const double last = static_cast<double>(count) - 1.0;
        const double begin = std::clamp(std::ceil(place - radius - 0.5), 0.0, last);
        const double end = std::clamp(std::floor(place + radius - 0.5), 0.0, last);
        first = static_cast<std::size_t>(begin);
        double total = 0.0;
        for (double at = begin; at <= end; at += 1.0) {
            weights.push_back(std::max(radius - std::fabs(at + 0.5 - place), 0.0));
            total += weights.back();
        }
        if (total > 0.0) {
            for (double& weight : weights) weight /= total;
        } else {  // a sample beyond the border takes the pixel at the border
            weights.assign(1, 1.0);
        }
    }
};

std::vector<Tent> tents(const Axis& axis, double radius, std::size_t pixels) {
    std::vector<Tent> all;
    for (std::size_t i = 0; i < axis.count; ++i) {
        all.emplace_back(axis.place(i), std::max(radius * axis.step, 1.0), pixels);
    }
    return all;
}

}  // namespace

void sample_guide(const Guide& guide, const Grid& grid, double radius, float* out) {
    const std::vector<Tent> rows = tents(grid.down, radius, guide.height);
    const std::vector<Tent> columns = tents(grid.across, radius, guide.width);
    const std::size_t work = grid.across.count * rows[0].weights.size() * columns[0].weights.size();
    const std::size_t grain = std::max<std::size_t>(1, (std::size_t{1} << 16) / work);
    parallel_for(grid.down.count, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            for (std::size_t x = 0; x < grid.across.count; ++x) {
                double sums[3] = {};
                for (std::size_t j = 0; j < rows[y].weights.size(); ++j) {
                    const std::uint8_t* pixel =
                        guide.pixels + ((rows[y].first + j) * guide.width + columns[x].first) * 3;
                    for (const double across : columns[x].weights) {
                        const double weight = rows[y].weights[j] * across;
                        for (std::size_t c = 0; c < 3; ++c) sums[c] += weight * static_cast<double>(pixel[c]);
                        pixel += 3;
                    }
                }
                float* colour = out + (y * grid.across.count + x) * 3;
                for (std::size_t c = 0; c < 3; ++c) colour[c] = static_cast<float>(sums[c]);
            }
        }
    });
}

}  // namespace nearfar::completion
