#include "estimate/completion/upsample.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/pool.hpp"
#include "estimate/completion/falloff.hpp"
#include "estimate/completion/plane.hpp"
#include "estimate/completion/surfaces.hpp"

namespace nearfar::completion {
namespace {

constexpr std::size_t side = 4;                    // of a window, in samples
constexpr double colour_scale = 1.0 / (2 * 25 * 25);  // of squared differences of 8-bit RGB
constexpr double vote_scale = 1.0 / (2 * 0.6 * 0.6);  // of squared distances in steps, for votes
constexpr double fit_scale = 1.0 / (2 * 0.4 * 0.4);   // and for planes
constexpr double ridge = 0.02;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Where a pixel lies between the samples of an axis. On a sample it has that one alone on either side, so that a
// mirrored picture gives a mirrored map.
struct Between {
    std::size_t low, high;   // the samples on either side, the same one beyond the border
    double share;            // of the higher one
    std::size_t begin, end;  // of the window
    double place;            // in steps from sample 0

    Between(const Axis& axis, std::size_t pixel) noexcept {
        place = (static_cast<double>(pixel) + 0.5 - axis.first) / axis.step;
        const double sample = std::nearbyint(place);
        if (std::fabs(place - sample) < 1e-9) place = sample;
        const double last = static_cast<double>(axis.count) - 1.0;
        const double below = std::floor(place), above = std::ceil(place);
        low = index(below, last), high = index(above, last);
        begin = index(below - 1.0, last), end = index(above + 1.0, last) + 1;
        share = place - below;
    }

private:
    static std::size_t index(double place, double last) noexcept {
        return static_cast<std::size_t>(std::clamp(place, 0.0, last));
    }
};

// The samples around a pixel, grouped by surface; neighbouring pixels often see the same ones.
class Window {
public:
    void look(const Surfaces& surfaces, const double* values, std::size_t width, const Between& y, const Between& x) {
        if (y.begin == y_ && x.begin == x_ && y.end == y_end_ && x.end == x_end_) return;
        y_ = y.begin, x_ = x.begin, y_end_ = y.end, x_end_ = x.end;
        const std::size_t high = y.end - y.begin, wide = x.end - x.begin;
        for (std::size_t i = 0; i < high * wide; ++i) surface[i] = i;
        whole = true;
        for (bool changed = true; changed;) {
            changed = false;
            for (std::size_t j = 0; j < high; ++j) {
                for (std::size_t i = 0; i < wide; ++i) {
                    if (!(values[(y.begin + j) * width + x.begin + i] == values[(y.begin + j) * width + x.begin + i])) {
                        whole = false;
                    }
                    if (i + 1 < wide) join(surfaces.right(y.begin + j, x.begin + i), j * wide + i, 1, changed);
                    if (j + 1 < high) join(surfaces.down(y.begin + j, x.begin + i), j * wide + i, wide, changed);
                }
            }
        }
    }

    std::size_t surface[side * side] = {};  // the first sample of each one's surface
    bool whole = false;                     // no hole and no edge between neighbours

private:
    void join(bool linked, std::size_t one, std::size_t step, bool& changed) noexcept {
        if (!linked) {
            whole = false;
        } else if (surface[one] != surface[one + step]) {
            surface[one] = surface[one + step] = std::min(surface[one], surface[one + step]);
            changed = true;
        }
    }

    std::size_t y_ = ~std::size_t{0}, x_ = 0, y_end_ = 0, x_end_ = 0;
};

struct Result {
    double value, confidence;
};

class Upsampler {
public:
    Upsampler(const Guide& guide, const Grid& grid, const Map& map, double threshold)
        : guide_(guide),
          grid_(grid),
          map_(map),
          values_(linear(map, grid.down.count * grid.across.count)),
          surfaces_({values_.data(), grid.down.count, grid.across.count}, threshold) {}

    void row(std::size_t y, const std::vector<Between>& columns, float* out, float* confidence) const {
        const Between down(grid_.down, y);
        Window window;
        for (std::size_t x = 0; x < guide_.width; ++x) {
            const Between& across = columns[x];
            Result result{nan, 0.0};
            window.look(surfaces_, values_.data(), grid_.across.count, down, across);
            if (window.whole) {
                result = interpolated(down, across);
            } else if (any_near(down, across)) {
                result = picked(window, down, across, y, x);
            }
            out[x] = static_cast<float>(map_.depth ? 1.0 / result.value : result.value);
            if (confidence != nullptr) confidence[x] = static_cast<float>(result.confidence);
        }
    }

private:
    static std::vector<double> linear(const Map& map, std::size_t count) {
        std::vector<double> values(count);
        for (std::size_t i = 0; i < count; ++i) {
            const double value = static_cast<double>(map.values[i]);
            values[i] = map.depth ? 1.0 / value : value;
        }
        return values;
    }

    std::size_t at(std::size_t y, std::size_t x) const noexcept { return y * grid_.across.count + x; }
    bool known(std::size_t i) const noexcept { return values_[i] == values_[i]; }

    bool any_near(const Between& y, const Between& x) const noexcept {
        return known(at(y.low, x.low)) || known(at(y.low, x.high)) || known(at(y.high, x.low)) ||
               known(at(y.high, x.high));
    }

    template <class T>
    double mix(const T* values, const Between& y, const Between& x) const noexcept {
        const double above = blend(values[at(y.low, x.low)], values[at(y.low, x.high)], x.share);
        const double below = blend(values[at(y.high, x.low)], values[at(y.high, x.high)], x.share);
        return blend(above, below, y.share);
    }

    template <class T>
    static double blend(T low, T high, double share) noexcept {
        if (low == high) return static_cast<double>(low);  // infinities too
        return static_cast<double>(low) * (1.0 - share) + static_cast<double>(high) * share;
    }

    Result interpolated(const Between& y, const Between& x) const noexcept {
        return {mix(values_.data(), y, x), map_.confidence != nullptr ? mix(map_.confidence, y, x) : 0.0};
    }

    Result picked(const Window& window, const Between& down, const Between& across, std::size_t y,
                  std::size_t x) const noexcept {
        const std::uint8_t* own = guide_.pixels + (y * guide_.width + x) * 3;
        double votes[side * side] = {};
        std::size_t index = 0;
        for (std::size_t j = down.begin; j < down.end; ++j) {
            for (std::size_t i = across.begin; i < across.end; ++i, ++index) {
                if (!known(at(j, i))) continue;
                const float* theirs = map_.colours + at(j, i) * 3;
                const double red = static_cast<double>(own[0]) - static_cast<double>(theirs[0]);
                const double green = static_cast<double>(own[1]) - static_cast<double>(theirs[1]);
                const double blue = static_cast<double>(own[2]) - static_cast<double>(theirs[2]);
                const double unlike = red * red + green * green + blue * blue;
                const double off = distance(down, across, j, i);
                votes[window.surface[index]] += falloff(unlike * colour_scale + off * vote_scale);
            }
        }
        std::size_t winner = 0;
        for (std::size_t i = 1; i < index; ++i) winner = votes[i] > votes[winner] ? i : winner;
        return fitted(window, winner, down, across);
    }

    Result fitted(const Window& window, std::size_t winner, const Between& down, const Between& across) const noexcept {
        Plane plane;
        double trust = 0.0, total = 0.0;
        std::size_t index = 0;
        for (std::size_t j = down.begin; j < down.end; ++j) {
            for (std::size_t i = across.begin; i < across.end; ++i, ++index) {
                if (window.surface[index] != winner) continue;
                const double weight = falloff(distance(down, across, j, i) * fit_scale);
                plane.add(static_cast<double>(i) - across.place, static_cast<double>(j) - down.place,
                          values_[at(j, i)], weight);
                if (map_.confidence != nullptr) trust += weight * static_cast<double>(map_.confidence[at(j, i)]);
                total += weight;
            }
        }
        return {plane.at_origin(ridge), trust / total};
    }

    static double distance(const Between& down, const Between& across, std::size_t j, std::size_t i) noexcept {
        const double dy = static_cast<double>(j) - down.place, dx = static_cast<double>(i) - across.place;
        return dx * dx + dy * dy;
    }

    const Guide& guide_;
    const Grid& grid_;
    const Map& map_;
    std::vector<double> values_;
    Surfaces surfaces_;
};

}  // namespace

void upsample(const Guide& guide, const Grid& grid, const Map& map, double threshold, float* out, float* confidence) {
    const Upsampler upsampler(guide, grid, map, threshold);
    std::vector<Between> columns;
    for (std::size_t x = 0; x < guide.width; ++x) columns.emplace_back(grid.across, x);
    const std::size_t grain = (std::size_t{1} << 14) / guide.width + 1;
    parallel_for(guide.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const std::size_t row = y * guide.width;
            upsampler.row(y, columns, out + row, confidence != nullptr ? confidence + row : nullptr);
        }
    });
}

}  // namespace nearfar::completion
