#include "effects/aperture.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace nearfar::effects {
namespace {

constexpr double smallest = 0.3;       // px: a smaller disc is a point
constexpr double smallest_span = 2.0;  // px: from here on whole columns
constexpr int slices = 32;             // of a column

// Rows from `low` to `high`, pixel 0 covering −0.5 .. 0.5.
struct Span {
    double low, high;
};

Span disc_at(double x, double radius) {
    const double half = std::sqrt(std::max(0.0, radius * radius - x * x));
    return {-half, half};
}

double slice_at(Index column, int slice) {
    return static_cast<double>(column) - 0.5 + (static_cast<double>(slice) + 0.5) / slices;
}

Column as_column(Span span) {
    const double first = std::ceil(span.low + 0.5), last = std::floor(span.high - 0.5);
    return {static_cast<std::int32_t>(first), static_cast<std::int32_t>(last),
            static_cast<float>(first - (span.low + 0.5)), static_cast<float>(span.high - 0.5 - last)};
}

void make_columns(Spread& made, double radius) {
    double area = 0.0;
    for (Index column = -made.reach; column <= made.reach; ++column) {
        Span mean{0.0, 0.0};
        for (int slice = 0; slice < slices; ++slice) {
            const Span span = disc_at(slice_at(column, slice), radius);
            mean.low += span.low / slices;
            mean.high += span.high / slices;
        }
        area += mean.high - mean.low;
        made.columns.push_back(as_column(mean));
    }
    made.scale = static_cast<float>(1.0 / area);
}

void make_taps(Spread& made, double radius) {
    const Index side = 2 * made.reach + 1;
    std::vector<double> covered(static_cast<std::size_t>(side * side), 0.0);
    double area = 0.0;
    for (Index column = -made.reach; column <= made.reach; ++column) {
        for (int slice = 0; slice < slices; ++slice) {
            const Span span = disc_at(slice_at(column, slice), radius);
            for (Index row = -made.reach; row <= made.reach; ++row) {
                const double middle = static_cast<double>(row);
                const double part = std::min(span.high, middle + 0.5) - std::max(span.low, middle - 0.5);
                if (part <= 0.0) continue;
                covered[static_cast<std::size_t>((row + made.reach) * side + column + made.reach)] += part;
                area += part;
            }
        }
    }
    for (Index row = -made.reach; row <= made.reach; ++row) {
        for (Index column = -made.reach; column <= made.reach; ++column) {
            const double part = covered[static_cast<std::size_t>((row + made.reach) * side + column + made.reach)];
            if (part <= 0.0) continue;
            made.taps.push_back({static_cast<std::int32_t>(row), static_cast<std::int32_t>(column),
                                 static_cast<float>(part / area)});
        }
    }
}

}  // namespace

Spread make_disc(float radius, double variance) {
    Spread made;
    const double square = static_cast<double>(radius) * static_cast<double>(radius) - 4.0 * variance;
    if (square < smallest * smallest) return made;
    const double shrunk = std::sqrt(square);
    made.identity = false;
    made.reach = static_cast<Index>(std::ceil(shrunk - 0.5 + 1e-6));
    if (shrunk < smallest_span) {
        make_taps(made, shrunk);
    } else {
        make_columns(made, shrunk);
    }
    return made;
}

void spread(const Spread& shape, const float* from, const TileShape& tile, float* sums, float* out) {
    if (shape.identity) {
        for (Index y = 0; y < tile.side; ++y) {
            const float* const row = from + (y + tile.halo) * tile.stride + tile.halo;
            std::copy(row, row + tile.side, out + y * tile.side);
        }
    } else if (shape.taps.empty()) {
        spread_rows().columns(shape.columns.data(), shape.reach, shape.scale, from, tile, sums, out);
    } else {
        spread_rows().taps(shape.taps.data(), static_cast<Index>(shape.taps.size()), from, tile, out);
    }
}

}  // namespace nearfar::effects
