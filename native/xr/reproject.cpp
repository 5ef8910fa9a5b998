#include "xr/reproject.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/interrupt.hpp"

namespace nearfar::xr {
namespace {

constexpr double nearest_metres = 0.001;
constexpr double least_metres = 1e-9;
constexpr double most_metres = 1e9;
constexpr double edge = 0.05;
constexpr double slack = 1.0 / 64.0;
constexpr double longest_reach = 16.0;
constexpr double least_area = 1e-6;
constexpr double far_outside = 1e6;

struct Point {
    double x, y, i;  // pixels, pixels, 1 / metres; i = 0: not in front of the camera, or far beside it
};

Point moved(const Motion& motion, double u, double v, double d) noexcept {
    const auto& a = motion.a;
    const double depth = ((a[6] * u + a[7] * v) + a[8]) * d + motion.b[2];
    if (!(depth >= nearest_metres)) return {0.0, 0.0, 0.0};
    const double i = 1.0 / depth;
    const double x = (((a[0] * u + a[1] * v) + a[2]) * d + motion.b[0]) * i;
    const double y = (((a[3] * u + a[4] * v) + a[5]) * d + motion.b[1]) * i;
    if (!(std::abs(x) <= far_outside && std::abs(y) <= far_outside)) return {0.0, 0.0, 0.0};
    return {x, y, i};
}

Point half_way(const Point& from, const Point& to) noexcept {
    if (to.i == 0.0) return {0.0, 0.0, 0.0};
    return {(to.x - from.x) * 0.5, (to.y - from.y) * 0.5, (to.i - from.i) * 0.5};
}

// Whether neighbours a and b of a line lie on one surface; `before` and `after` are next to them. All are 1 / metres, 0
// for a hole.
bool linked(double before, double a, double b, double after) noexcept {
    const double least = std::min(a, b);
    if (!(least > 0.0)) return false;
    const double jump = b - a;
    const double allowed = edge * least;
    if (std::abs(jump) <= allowed) return true;
    if (!(std::abs(jump) <= least)) return false;
    return (before > 0.0 && std::abs(jump - (a - before)) <= allowed) ||
           (after > 0.0 && std::abs((after - b) - jump) <= allowed);
}

struct Steps {
    Point forth, back;  // half a step each way
};

class Splatting {
public:
    Splatting(const double* metres, BufferSize size, const Motion& motion, double* out)
        : metres_(metres), size_(size), motion_(motion), out_(out), inverse_(size.height * size.width),
          points_(inverse_.size()), right_(inverse_.size()), down_(inverse_.size()) {}

    void run() {
        const std::size_t height = size_.height;
        for (std::size_t r = 0; r < height; ++r) project_row(r);
        for (std::size_t r = 0; r < height; ++r) link_row(r);
        std::fill(out_, out_ + inverse_.size(), 0.0);
        for (std::size_t r = 0; r < height; ++r) {
            if (r % 64 == 0) poll_interrupt();
            for (std::size_t c = 0; c < size_.width; ++c) {
                if (points_[r * size_.width + c].i > 0.0) draw(c, r);
            }
        }
    }

private:
    void project_row(std::size_t r) {
        for (std::size_t c = 0; c < size_.width; ++c) {
            const std::size_t k = r * size_.width + c;
            const double d = metres_[k];
            if (!(d >= least_metres && d <= most_metres)) continue;
            inverse_[k] = 1.0 / d;
            points_[k] = moved(motion_, static_cast<double>(c) + 0.5, static_cast<double>(r) + 0.5, d);
        }
    }

    void link_row(std::size_t r) {
        const std::size_t w = size_.width;
        const double* s = inverse_.data() + r * w;
        for (std::size_t c = 0; c + 1 < w; ++c) {
            right_[r * w + c] = linked(c > 0 ? s[c - 1] : 0.0, s[c], s[c + 1], c + 2 < w ? s[c + 2] : 0.0);
        }
        if (r + 1 == size_.height) return;
        const double* before = r > 0 ? s - w : nullptr;
        const double* after = r + 2 < size_.height ? s + 2 * w : nullptr;
        for (std::size_t c = 0; c < w; ++c) {
            down_[r * w + c] =
                linked(before != nullptr ? before[c] : 0.0, s[c], s[c + w], after != nullptr ? after[c] : 0.0);
        }
    }

    Steps steps(std::size_t k, bool forth, bool back, std::size_t stride, double u, double v, double du,
                double dv) const noexcept {
        const Point& here = points_[k];
        const Point next = forth ? half_way(here, points_[k + stride]) : Point{};
        const Point last = back ? half_way(here, points_[k - stride]) : Point{};
        if (forth && back) return {next, last};
        if (forth) return {next, {-next.x, -next.y, -next.i}};
        if (back) return {{-last.x, -last.y, -last.i}, last};
        return {half_way(here, moved(motion_, u + du, v + dv, metres_[k])),
                half_way(here, moved(motion_, u - du, v - dv, metres_[k]))};
    }

    void draw(std::size_t c, std::size_t r) noexcept {
        const std::size_t w = size_.width;
        const std::size_t k = r * w + c;
        const Point& here = points_[k];
        const double u = static_cast<double>(c) + 0.5;
        const double v = static_cast<double>(r) + 0.5;
        const Steps across = steps(k, right_[k] != 0, c > 0 && right_[k - 1] != 0, 1, u, v, 1.0, 0.0);
        const Steps along = steps(k, down_[k] != 0, r > 0 && down_[k - w] != 0, w, u, v, 0.0, 1.0);

        const auto least = [&](double Point::* part) {
            return std::min(std::min(across.forth.*part, across.back.*part), 0.0) +
                   std::min(std::min(along.forth.*part, along.back.*part), 0.0);
        };
        const auto most = [&](double Point::* part) {
            return std::max(std::max(across.forth.*part, across.back.*part), 0.0) +
                   std::max(std::max(along.forth.*part, along.back.*part), 0.0);
        };
        const double last_column = static_cast<double>(w - 1);
        const double last_row = static_cast<double>(size_.height - 1);
        const double left = std::ceil(here.x + std::max(least(&Point::x), -longest_reach) - slack - 0.5);
        const double right = std::floor(here.x + std::min(most(&Point::x), longest_reach) + slack - 0.5);
        const double top = std::ceil(here.y + std::max(least(&Point::y), -longest_reach) - slack - 0.5);
        const double bottom = std::floor(here.y + std::min(most(&Point::y), longest_reach) + slack - 0.5);
        if (!(left <= last_column && right >= 0.0 && top <= last_row && bottom >= 0.0)) return;

        const double hx = across.forth.x - across.back.x;
        const double hy = across.forth.y - across.back.y;
        const double hi = across.forth.i - across.back.i;
        const double vx = along.forth.x - along.back.x;
        const double vy = along.forth.y - along.back.y;
        const double vi = along.forth.i - along.back.i;
        const double area = hx * vy - hy * vx;
        const bool flat = !(std::abs(area) >= least_area);
        const double gx = flat ? 0.0 : (hi * vy - vi * hy) / area;
        const double gy = flat ? 0.0 : (vi * hx - hi * vx) / area;
        const double low = std::max(here.i + least(&Point::i), here.i * 0.5);
        const double high = here.i + most(&Point::i);

        const auto c0 = static_cast<std::size_t>(std::max(left, 0.0));
        const auto c1 = static_cast<std::size_t>(std::min(right, last_column));
        const auto r0 = static_cast<std::size_t>(std::max(top, 0.0));
        const auto r1 = static_cast<std::size_t>(std::min(bottom, last_row));
        for (std::size_t row = r0; row <= r1; ++row) {
            const double y = static_cast<double>(row) + 0.5;
            for (std::size_t column = c0; column <= c1; ++column) {
                const double x = static_cast<double>(column) + 0.5;
                const double i = (here.i + gx * (x - here.x)) + gy * (y - here.y);
                const double kept = std::min(std::max(i, low), high);
                double& seen = out_[row * w + column];
                if (kept > seen) seen = kept;
            }
        }
    }

    const double* metres_;
    BufferSize size_;
    const Motion& motion_;
    double* out_;
    std::vector<double> inverse_;
    std::vector<Point> points_;
    std::vector<std::uint8_t> right_, down_;
};

}  // namespace

void reproject(const double* metres, BufferSize size, const Motion& motion, double* out) {
    Splatting(metres, size, motion, out).run();
}

}  // namespace nearfar::xr
