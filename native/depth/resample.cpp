#include "depth/resample.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/pool.hpp"
#include "depth/rows.hpp"

namespace nearfar::depth {
namespace {

// One axis: target pixel i is the sum of weights[offset[i] + k] · source[first[i] + k], k < offset[i+1] − offset[i].
struct Axis {
    std::vector<std::size_t> first;
    std::vector<std::size_t> offset;
    std::vector<double> weights;  // those of one target pixel add up to 1
};

// Target pixel i covers [i·from, (i+1)·from) and source pixel j covers [j·to, (j+1)·to), in 1/to of a source pixel.
void cover(Axis& axis, std::size_t from, std::size_t to) {
    for (std::size_t i = 0; i < to; ++i) {
        const std::size_t begin = i * from;
        const std::size_t end = begin + from;
        axis.first.push_back(begin / to);
        for (std::size_t j = begin / to; j * to < end; ++j) {
            const std::size_t shared = std::min(end, (j + 1) * to) - std::max(begin, j * to);
            axis.weights.push_back(static_cast<double>(shared) / static_cast<double>(from));
        }
        axis.offset.push_back(axis.weights.size());
    }
}

// The centre of target pixel i lies at (2i + 1)·from/(2·to), that of source pixel j at j + 1/2.
void interpolate(Axis& axis, std::size_t from, std::size_t to) {
    for (std::size_t i = 0; i < to; ++i) {
        const std::size_t centre = (2 * i + 1) * from;  // in 1/(2·to)
        const std::size_t left = centre < to ? 0 : (centre - to) / (2 * to);
        const std::size_t rest = centre < to ? 0 : (centre - to) % (2 * to);
        axis.first.push_back(left);
        if (rest == 0 || left + 1 == from) {
            axis.weights.push_back(1.0);
        } else {
            const double right = static_cast<double>(rest) / static_cast<double>(2 * to);
            axis.weights.push_back(1.0 - right);
            axis.weights.push_back(right);
        }
        axis.offset.push_back(axis.weights.size());
    }
}

Axis make_axis(std::size_t from, std::size_t to) {
    Axis axis;
    axis.offset.push_back(0);
    if (to < from) {
        cover(axis, from, to);
    } else {
        interpolate(axis, from, to);
    }
    return axis;
}

// The three sums of Rows::add_row for one target row, still at the source's width.
struct Sums {
    explicit Sums(std::size_t width) : values(width), finite(width), infinite(width) {}
    std::vector<double> values, finite, infinite;
};

float value_at(const Sums& sums, const Axis& columns, std::size_t x) noexcept {
    double value = 0.0;
    double finite = 0.0;
    double infinite = 0.0;
    std::size_t source = columns.first[x];
    for (std::size_t k = columns.offset[x]; k < columns.offset[x + 1]; ++k, ++source) {
        const double weight = columns.weights[k];
        value += weight * sums.values[source];
        finite += weight * sums.finite[source];
        infinite += weight * sums.infinite[source];
    }
    // The weights of a full cover may add up to a hair less than they should: half a weight is still a value.
    if (finite + infinite < 0.5 - 1e-9) return std::numeric_limits<float>::quiet_NaN();
    if (infinite > finite) return std::numeric_limits<float>::infinity();
    return static_cast<float>(value / finite);
}

void resample_linear(const float* values, Size from, float* out, Size to) {
    const Axis rows_of = make_axis(from.height, to.height);
    const Axis columns = make_axis(from.width, to.width);
    const Rows& level = rows();
    const std::size_t work = from.width * (rows_of.weights.size() / to.height + 1) + columns.weights.size();
    const std::size_t grain = std::max<std::size_t>(1, (std::size_t{1} << 18) / work);
    parallel_for(to.height, grain, [&](std::size_t begin, std::size_t end) {
        Sums sums(from.width);
        for (std::size_t y = begin; y < end; ++y) {
            std::fill(sums.values.begin(), sums.values.end(), 0.0);
            std::fill(sums.finite.begin(), sums.finite.end(), 0.0);
            std::fill(sums.infinite.begin(), sums.infinite.end(), 0.0);
            const float* source = values + rows_of.first[y] * from.width;
            for (std::size_t k = rows_of.offset[y]; k < rows_of.offset[y + 1]; ++k, source += from.width) {
                level.add_row(source, from.width, rows_of.weights[k], sums.values.data(), sums.finite.data(),
                              sums.infinite.data());
            }
            for (std::size_t x = 0; x < to.width; ++x) out[y * to.width + x] = value_at(sums, columns, x);
        }
    });
}

void resample_nearest(const float* values, Size from, float* out, Size to) {
    std::vector<std::size_t> columns(to.width);
    for (std::size_t x = 0; x < to.width; ++x) columns[x] = (2 * x + 1) * from.width / (2 * to.width);
    const std::size_t grain = std::max<std::size_t>(1, (std::size_t{1} << 19) / to.width);
    parallel_for(to.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const float* source = values + (2 * y + 1) * from.height / (2 * to.height) * from.width;
            for (std::size_t x = 0; x < to.width; ++x) out[y * to.width + x] = source[columns[x]];
        }
    });
}

}  // namespace

void resample(const float* values, Size from, float* out, Size to, Resampling method) {
    if (method == Resampling::linear) {
        resample_linear(values, from, out, to);
    } else {
        resample_nearest(values, from, out, to);
    }
}

}  // namespace nearfar::depth
