#include "estimate/completion/complete.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <vector>

#include "core/pool.hpp"
#include "estimate/completion/falloff.hpp"
#include "estimate/completion/nearest.hpp"

namespace nearfar::completion {
namespace {

constexpr std::size_t voters = 12;
constexpr std::size_t run = 8;  // pixels in a row that look for their voters together
constexpr double pi = 3.141592653589793;
constexpr double colour_scale = 1.0 / (2 * 28 * 28);    // of squared differences of 8-bit RGB
constexpr double way_scale = 1.0 / (2 * 25 * 25);       // the same, of the worst colour on the way
constexpr double distance_scale = 1.0 / (2 * 0.6 * 0.6);  // of squared distances in spacings
constexpr double longest_way = 32.0;                    // looks on the way to a point
constexpr double level_bonus = 1.5;                     // a slope must explain so much more than none
constexpr double narrowest = 0.3;                       // least area of a plane's three points, in squared spacings
constexpr double ridge = 0.02;                          // of a plane's slopes, in squared spacings
constexpr double doubt = 0.25;                          // votes that give half the confidence

struct Slope {
    double x, y;
};

// shares[n][k] is k/n: how far along a way of n looks the k-th one is.
struct Shares {
    double of[static_cast<std::size_t>(longest_way) + 1][static_cast<std::size_t>(longest_way) + 1] = {};

    constexpr Shares() {
        for (std::size_t n = 1; n < std::size(of); ++n) {
            for (std::size_t k = 1; k <= n; ++k) of[n][k] = static_cast<double>(k) / static_cast<double>(n);
        }
    }
};
constexpr Shares shares;

// The squared distance between points, if those that were found are spread evenly; never below a pixel.
double spacing(const std::vector<Near>& near) noexcept {
    return std::max(pi * near.back().distance / static_cast<double>(near.size()), 1.0);
}

class Completer {
public:
    Completer(const Picture& picture, const Points& points, double threshold)
        : picture_(picture), points_(points), threshold_(threshold), tree_(points.x, points.y, points.count) {
        slopes_.resize(points.count);
        parallel_for(points.count, 64, [this](std::size_t begin, std::size_t end) {
            std::vector<Near> near;
            for (std::size_t i = begin; i < end; ++i) slopes_[i] = slope(i, near);
        });
    }

    void row(std::size_t y, double* values, float* confidence) const {
        std::vector<Near> near, around;
        double within = PointTree::anywhere;
        const double aside = 0.5 * static_cast<double>(run - 1);
        for (std::size_t x = 0; x < picture_.width; x += run) {
            const double middle = static_cast<double>(x) + 0.5 + aside, line = static_cast<double>(y) + 0.5;
            tree_.nearest(middle, line, voters, near, within);
            const double reach = std::sqrt(near.back().distance);
            // The nearest points of a pixel of the run are as near to it, and so to the middle, but for the way there.
            tree_.nearest(middle, line, points_.count, around, squared(reach + 2.0 * aside));
            for (std::size_t i = x; i < std::min(x + run, picture_.width); ++i) {
                choose(static_cast<double>(i) + 0.5, line, around, near);
                vote(y, i, near, values + i, confidence + i);
            }
            within = squared(reach + static_cast<double>(run));
        }
    }

private:
    // With room for rounding.
    static double squared(double reach) noexcept { return reach * reach * 1.000001; }

    // The nearest of `around`, nearest first, as PointTree::nearest gives them.
    void choose(double x, double y, const std::vector<Near>& around, std::vector<Near>& near) const {
        near.clear();
        for (const Near& other : around) {
            const double dx = points_.x[other.point] - x, dy = points_.y[other.point] - y;
            keep_nearest({dx * dx + dy * dy, other.point}, voters, near);
        }
    }

    // A point's neighbour, from the point on, and how much it has to say about its plane.
    struct Neighbour {
        double x, y, value, weight;
    };

    const float* colour(double y, double x) const noexcept {
        const auto index = [](double place, std::size_t count) {
            return static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(count) - 0.5));
        };
        return picture_.colours + (index(y, picture_.height) * picture_.width + index(x, picture_.width)) * 3;
    }

    static double unlike(const float* one, const float* two) noexcept {
        const double red = static_cast<double>(one[0]) - static_cast<double>(two[0]);
        const double green = static_cast<double>(one[1]) - static_cast<double>(two[1]);
        const double blue = static_cast<double>(one[2]) - static_cast<double>(two[2]);
        return red * red + green * green + blue * blue;
    }

    // The plane through point i: of those through two of its neighbours, and the level one, the plane that most
    // neighbours lie near, then fitted to them.
    Slope slope(std::size_t i, std::vector<Near>& near) const {
        tree_.nearest(points_.x[i], points_.y[i], voters + 1, near);
        const double square = spacing(near);
        const float* own = colour(points_.y[i], points_.x[i]);
        Neighbour all[voters + 1];
        std::size_t count = 0;
        for (const Near& other : near) {
            const std::size_t j = other.point;
            if (j == i) continue;
            const double odd = unlike(own, colour(points_.y[j], points_.x[j])) * colour_scale;
            all[count++] = {points_.x[j] - points_.x[i], points_.y[j] - points_.y[i],
                            points_.values[j] - points_.values[i],
                            falloff(odd + other.distance / square * distance_scale)};
        }
        Slope best{0.0, 0.0};
        double most = level_bonus * support(all, count, best);
        for (std::size_t j = 0; j < count; ++j) {
            for (std::size_t k = j + 1; k < count; ++k) {
                const double area = all[j].x * all[k].y - all[k].x * all[j].y;
                if (std::fabs(area) < narrowest * square) continue;
                const Slope slope{(all[j].value * all[k].y - all[k].value * all[j].y) / area,
                                  (all[j].x * all[k].value - all[k].x * all[j].value) / area};
                const double found = support(all, count, slope);
                if (found > most) most = found, best = slope;
            }
        }
        for (int pass = 0; pass < 2; ++pass) best = refined(all, count, best, ridge * square);
        return best;
    }

    // 1 for a neighbour on the plane, less for one off it.
    double agreement(const Neighbour& other, const Slope& slope) const noexcept {
        const double off = (other.value - slope.x * other.x - slope.y * other.y) / (0.5 * threshold_);
        return 1.0 / (1.0 + off * off);
    }

    double support(const Neighbour* all, std::size_t count, const Slope& slope) const noexcept {
        double sum = 0.0;
        for (std::size_t i = 0; i < count; ++i) sum += all[i].weight * agreement(all[i], slope);
        return sum;
    }

    Slope refined(const Neighbour* all, std::size_t count, const Slope& slope, double pull) const noexcept {
        double xx = pull, xy = 0.0, yy = pull, xv = 0.0, yv = 0.0;
        for (std::size_t i = 0; i < count; ++i) {
            const Neighbour& other = all[i];
            const double agrees = agreement(other, slope);
            const double weight = other.weight * agrees * agrees;
            xx += weight * other.x * other.x;
            xy += weight * other.x * other.y;
            yy += weight * other.y * other.y;
            xv += weight * other.x * other.value;
            yv += weight * other.y * other.value;
        }
        const double area = xx * yy - xy * xy;
        return {(xv * yy - yv * xy) / area, (yv * xx - xv * xy) / area};
    }

    // The worst difference to `own` on the straight way from (x, y), a pixel's middle, over (dx, dy).
    double worst_on_the_way(const float* own, double x, double y, double dx, double dy) const noexcept {
        const double reach = std::min(std::ceil(std::max(std::fabs(dx), std::fabs(dy))), longest_way);
        const auto steps = static_cast<std::size_t>(reach);
        const double* share = shares.of[steps];
        double worst = 0.0;
        if (!inside(x + dx, picture_.width) || !inside(y + dy, picture_.height)) {
            for (std::size_t k = 1; k <= steps; ++k) {
                worst = std::max(worst, unlike(own, colour(y + dy * share[k], x + dx * share[k])));
            }
            return worst;
        }
        // What lies between two places inside the picture need not be held inside it.
        const auto width = static_cast<std::int32_t>(picture_.width);
        for (std::size_t k = 1; k <= steps; ++k) {
            const auto row = static_cast<std::int32_t>(y + dy * share[k]);
            const auto column = static_cast<std::int32_t>(x + dx * share[k]);
            const auto index = static_cast<std::ptrdiff_t>(row * width + column);
            worst = std::max(worst, unlike(own, picture_.colours + 3 * index));
        }
        return worst;
    }

    static bool inside(double place, std::size_t count) noexcept {
        return place >= 0.0 && place <= static_cast<double>(count) - 0.5;
    }

    void vote(std::size_t row, std::size_t column, const std::vector<Near>& near, double* value,
              float* confidence) const {
        const double x = static_cast<double>(column) + 0.5, y = static_cast<double>(row) + 0.5;
        const double square = spacing(near);
        const float* own = colour(y, x);
        double says[voters] = {}, weights[voters] = {}, total = 0.0;
        double least = points_.values[near[0].point], most = least;
        for (std::size_t k = 0; k < near.size(); ++k) {
            const std::size_t i = near[k].point;
            const double dx = points_.x[i] - x, dy = points_.y[i] - y;
            const double odd = unlike(own, colour(points_.y[i], points_.x[i])) * colour_scale +
                               worst_on_the_way(own, x, y, dx, dy) * way_scale;
            weights[k] = falloff(odd + near[k].distance / square * distance_scale);
            says[k] = points_.values[i] - slopes_[i].x * dx - slopes_[i].y * dy;
            total += weights[k];
            least = std::min(least, points_.values[i]), most = std::max(most, points_.values[i]);
        }
        std::size_t winner = 0;
        double votes = -1.0;
        for (std::size_t k = 0; k < near.size(); ++k) {
            double sum = 0.0;
            for (std::size_t m = 0; m < near.size(); ++m) {
                if (std::fabs(says[m] - says[k]) <= threshold_) sum += weights[m];
            }
            if (sum > votes) votes = sum, winner = k;
        }
        double sum = 0.0;
        for (std::size_t m = 0; m < near.size(); ++m) {
            if (std::fabs(says[m] - says[winner]) <= threshold_) sum += weights[m] * (says[m] - says[winner]);
        }
        const double slack = 0.5 * (most - least);
        const double low = least >= 0.0 ? std::max(least - slack, 0.5 * least) : least - slack;
        *value = std::clamp(says[winner] + sum / votes, low, most + slack);
        *confidence = static_cast<float>(votes / total * (votes / (votes + doubt)));
    }

    const Picture& picture_;
    const Points& points_;
    double threshold_;
    PointTree tree_;
    std::vector<Slope> slopes_;
};

}  // namespace

void complete(const Picture& picture, const Points& points, double threshold, double* values, float* confidence) {
    const Completer completer(picture, points, threshold);
    const std::size_t grain = (std::size_t{1} << 11) / picture.width + 1;
    parallel_for(picture.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            completer.row(y, values + y * picture.width, confidence + y * picture.width);
        }
    });
}

}  // namespace nearfar::completion
