#include "effects/rims.hpp"

#include <algorithm>
#include <cmath>

#include "core/pool.hpp"

namespace nearfar::effects {
namespace {

constexpr double growth = 1.5;  // cells by which the near side grows
constexpr double circle[8][2] = {{0.0, 1.0},  {0.7, 0.7},   {1.0, 0.0},  {0.7, -0.7},
                                 {0.0, -1.0}, {-0.7, -0.7}, {-1.0, 0.0}, {-0.7, 0.7}};

struct Step {
    Index down, across;
};

// Where a pixel looks: on two circles around it.
std::vector<Step> steps_of(const MapOf& aligned, Index width, Index height) {
    const auto scaled = [](double cells, Index pixels, Index count) {
        return static_cast<Index>(std::nearbyint(cells * static_cast<double>(pixels) / static_cast<double>(count)));
    };
    std::vector<Step> steps;
    for (const double share : {0.5, 1.0}) {
        for (const auto& [y, x] : circle) {
            steps.push_back({scaled(growth * share * y, aligned.height, height),
                             scaled(growth * share * x, aligned.width, width)});
        }
    }
    return steps;
}

// A row of the map, to be widened from its column `begin` to `end`.
struct Run {
    Index row, begin, end;
};

// The largest of each pixel of the run and of those it looks at.
void look_around(const MapOf& map, const Run& run, const std::vector<Step>& steps, float* rim) {
    const Index count = run.end - run.begin;
    std::copy_n(map.values + run.row * map.width + run.begin, count, rim);
    for (const Step& step : steps) {
        const float* row = map.values + std::clamp<Index>(run.row + step.down, 0, map.height - 1) * map.width;
        const Index left = run.begin + step.across;
        if (left >= 0 && left + count <= map.width) {
            for (Index i = 0; i < count; ++i) rim[i] = rim[i] > row[left + i] ? rim[i] : row[left + i];
        } else {
            for (Index i = 0; i < count; ++i) {
                rim[i] = std::max(rim[i], row[std::clamp<Index>(left + i, 0, map.width - 1)]);
            }
        }
    }
}

}  // namespace

RimCells::RimCells(const MapOf& small, float focus, float jump)
    : width_(small.width), height_(small.height), focus_(focus), jump_(jump) {
    const auto count = static_cast<std::size_t>(small.width * small.height);
    std::vector<float> least(count);
    reached_.resize(count), cells_.resize(count);
    least_within(small, 1, least.data());
    largest_within({least.data(), width_, height_}, 3, reached_.data());  // thick things, and around them
    least_within(small, 2, least.data());
    for (std::size_t i = 0; i < count; ++i) {
        const bool nearer = reached_[i] - focus_ > std::fabs(least[i] - focus_);
        cells_[i] = nearer && reached_[i] > least[i] + jump_ ? 1 : 0;
    }
}

bool RimCells::any() const { return std::find(cells_.begin(), cells_.end(), 1) != cells_.end(); }

void RimCells::widen(const MapOf& aligned, float* out) const {
    const Index width = aligned.width, height = aligned.height;
    const std::vector<Step> steps = steps_of(aligned, width_, height_);
    const auto widen_run = [&](Run run, std::vector<float>& rim) {
        const float* reached = reached_.data() + run.row * height_ / height * width_;
        const float* own = aligned.values + run.row * width;
        const auto may_be = [&](Index x, float grown) {
            return grown > own[x] + jump_ && grown - focus_ > std::fabs(own[x] - focus_);
        };
        while (run.begin < run.end && !may_be(run.begin, reached[run.begin * width_ / width])) ++run.begin;
        while (run.begin < run.end && !may_be(run.end - 1, reached[(run.end - 1) * width_ / width])) --run.end;
        look_around(aligned, run, steps, rim.data());
        for (Index x = run.begin; x < run.end; ++x) {
            const float grown = std::min(rim[static_cast<std::size_t>(x - run.begin)], reached[x * width_ / width]);
            if (may_be(x, grown)) out[run.row * width + x] = grown;
        }
    };
    parallel_for(static_cast<std::size_t>(height_), 4, [&](std::size_t first, std::size_t last) {
        std::vector<float> rim(static_cast<std::size_t>(width));
        for (auto y = static_cast<Index>(first); y < static_cast<Index>(last); ++y) {
            const Index top = y * height / height_, bottom = (y + 1) * height / height_;
            std::copy_n(aligned.values + top * width, (bottom - top) * width, out + top * width);
            const std::uint8_t* cells = cells_.data() + y * width_;
            for (Index begin = 0, end = 0; begin < width_; begin = end + 1) {
                for (end = begin; end < width_ && cells[end] != 0;) ++end;
                for (Index row = top; row < bottom && end > begin; ++row) {
                    widen_run({row, begin * width / width_, end * width / width_}, rim);
                }
            }
        }
    });
}

}  // namespace nearfar::effects
