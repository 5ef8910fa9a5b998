#include "effects/rims.hpp"

#include <algorithm>
#include <cmath>

#include "core/pool.hpp"

namespace nearfar::effects {
namespace {

constexpr double growth = 1.5;  // cells by which the near side grows
constexpr double circle[8][2] = {{0.0, 1.0},  {0.7, 0.7},   {1.0, 0.0},  {0.7, -0.7},
                                 {0.0, -1.0}, {-0.7, -0.7}, {-1.0, 0.0}, {-0.7, 0.7}};

// Where a pixel looks: on two circles around it.
std::vector<RimStep> steps_of(const MapOf& aligned, Index width, Index height) {
    const auto scaled = [](double cells, Index pixels, Index count) {
        return static_cast<Index>(std::nearbyint(cells * static_cast<double>(pixels) / static_cast<double>(count)));
    };
    std::vector<RimStep> steps;
    for (const double share : {0.5, 1.0}) {
        for (const auto& [y, x] : circle) {
            steps.push_back({scaled(growth * share * y, aligned.height, height),
                             scaled(growth * share * x, aligned.width, width)});
        }
    }
    return steps;
}

// The largest of each of `count` pixels and of those that they look at.
void look_around(const MapOf& map, Index y, Index x, Index count, const std::vector<RimStep>& steps, float* rim) {
    std::copy_n(map.values + y * map.width + x, count, rim);
    for (const RimStep& step : steps) {
        const float* row = map.values + std::clamp<Index>(y + step.down, 0, map.height - 1) * map.width;
        const Index left = x + step.across;
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

// Pixels of a row of the map at photo scale.
struct RimCells::Run {
    Index row, begin, end;
};

void RimCells::widen_run(const MapOf& aligned, Run run, const std::vector<RimStep>& steps, std::vector<float>& rim,
                         std::vector<Change>& changes) const {
    const float* reached = reached_.data() + run.row * height_ / aligned.height * width_;
    const float* own = aligned.values + run.row * aligned.width;
    const auto most = [&](Index x) { return reached[x * width_ / aligned.width]; };
    const auto may_be = [&](Index x, float grown) {
        return grown > own[x] + jump_ && grown - focus_ > std::fabs(own[x] - focus_);
    };
    while (run.begin < run.end && !may_be(run.begin, most(run.begin))) ++run.begin;
    while (run.begin < run.end && !may_be(run.end - 1, most(run.end - 1))) --run.end;
    if (run.begin == run.end) return;
    look_around(aligned, run.row, run.begin, run.end - run.begin, steps, rim.data());
    for (Index x = run.begin; x < run.end; ++x) {
        const float grown = std::min(rim[static_cast<std::size_t>(x - run.begin)], most(x));
        if (may_be(x, grown)) changes.push_back({run.row * aligned.width + x, grown});
    }
}

void RimCells::widen(float* aligned, Index width, Index height) const {
    const MapOf map{aligned, width, height};
    const std::vector<RimStep> steps = steps_of(map, width_, height_);
    std::vector<std::vector<Change>> changes(static_cast<std::size_t>(height_));
    parallel_for(changes.size(), 4, [&](std::size_t first, std::size_t last) {
        std::vector<float> rim(static_cast<std::size_t>(width));
        for (std::size_t i = first; i < last; ++i) {
            const auto y = static_cast<Index>(i);
            const std::uint8_t* cells = cells_.data() + y * width_;
            for (Index begin = 0, end = 0; begin < width_; begin = end + 1) {
                for (end = begin; end < width_ && cells[end] != 0;) ++end;
                if (end == begin) continue;
                for (Index row = y * height / height_; row < (y + 1) * height / height_; ++row) {
                    widen_run(map, {row, begin * width / width_, end * width / width_}, steps, rim, changes[i]);
                }
            }
        }
    });
    for (const auto& row : changes) {
        for (const Change& change : row) aligned[change.pixel] = change.value;
    }
}

}  // namespace nearfar::effects
