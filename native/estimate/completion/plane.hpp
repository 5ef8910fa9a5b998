// A plane through weighted samples, by least squares, asked for its height at the origin.
#pragma once

#include <algorithm>
#include <limits>

namespace nearfar::completion {

class Plane {
public:
    void add(double x, double y, double value, double weight) noexcept {
        weight_ += weight;
        x_ += weight * x;
        y_ += weight * y;
        value_ += weight * value;
        xx_ += weight * x * x;
        xy_ += weight * x * y;
        yy_ += weight * y * y;
        xv_ += weight * x * value;
        yv_ += weight * y * value;
        least_ = std::min(least_, value);
        most_ = std::max(most_, value);
    }

    // `ridge`, a variance of x and y, pulls the slopes to 0 where few samples or a single line of them carry the
    // plane. The result leaves the range of the values by at most half of that range, and
    // that of positive values not by more than half of the least: a plane never runs to infinity.
    double at_origin(double ridge) const noexcept {
        if (!(most_ - least_ > 0.0)) return most_;
        const double x = x_ / weight_, y = y_ / weight_, value = value_ / weight_;
        const double xx = xx_ / weight_ - x * x + ridge, yy = yy_ / weight_ - y * y + ridge;
        const double xy = xy_ / weight_ - x * y;
        const double xv = xv_ / weight_ - x * value, yv = yv_ / weight_ - y * value;
        const double area = xx * yy - xy * xy;
        const double across = (xv * yy - yv * xy) / area, along = (yv * xx - xv * xy) / area;
        const double slack = 0.5 * (most_ - least_);
        const double low = least_ >= 0.0 ? std::max(least_ - slack, 0.5 * least_) : least_ - slack;
        return std::min(std::max(value - across * x - along * y, low), most_ + slack);
    }

private:
    double weight_ = 0.0, x_ = 0.0, y_ = 0.0, value_ = 0.0;
    double xx_ = 0.0, xy_ = 0.0, yy_ = 0.0, xv_ = 0.0, yv_ = 0.0;
    double least_ = std::numeric_limits<double>::infinity();
    double most_ = -std::numeric_limits<double>::infinity();
};

}  // namespace nearfar::completion
