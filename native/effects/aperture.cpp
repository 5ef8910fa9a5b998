#include "effects/aperture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace nearfar::effects {
namespace {

constexpr double smallest = 0.3;       // px: a smaller disc is a point
constexpr double smallest_span = 3.4;  // px: from here on whole columns, which cost less than so many pixels
constexpr int fine_slices = 32;         // of a column
constexpr int quick_slices = 8;         // the same where shapes are made for every block
constexpr double flattest = 1e-4;      // radii that a straight side stands out
constexpr double pi = 3.14159265358979323846;
constexpr double infinity = std::numeric_limits<double>::infinity();

// Rows from `low` to `high`, pixel 0 covering −0.5 .. 0.5.
struct Span {
    double low, high;
};

struct Disc {
    double x, y, radius;
};

// The discs whose intersection is the aperture with a radius of 1, as a point behind the focus shows it.
std::vector<Disc> discs_of(const Aperture& aperture, Place place) {
    std::vector<Disc> discs;
    if (aperture.blades == 0) discs.push_back({0.0, 0.0, 1.0});
    const double half_angle = pi / std::max(aperture.blades, 1);
    const double straight = std::cos(half_angle), half_chord = std::sin(half_angle);
    const double height = std::max(aperture.curvature * (1.0 - straight), flattest);
    const double radius = (half_chord * half_chord + height * height) / (2.0 * height);
    for (int blade = 0; blade < aperture.blades; ++blade) {
        const double angle = aperture.rotation + (2 * blade + 1) * half_angle;  // of the side's middle, from the top
        const double distance = straight + height - radius;
        discs.push_back({distance * std::sin(angle), -distance * std::cos(angle), radius});
    }
    if (aperture.cats_eye > 0.0) discs.push_back({-aperture.cats_eye * place.x, -aperture.cats_eye * place.y, 1.0});
    return discs;
}

Span span_at(const std::vector<Disc>& discs, double x) {
    Span span{-infinity, infinity};
    for (const Disc& disc : discs) {
        const double square = disc.radius * disc.radius - (x - disc.x) * (x - disc.x);
        if (square <= 0.0) return {0.0, 0.0};
        const double half = std::sqrt(square);
        span = {std::max(span.low, disc.y - half), std::min(span.high, disc.y + half)};
    }
    return span.low < span.high ? span : Span{0.0, 0.0};
}

double slice_at(Index column, int slice, int slices) {
    return static_cast<double>(column) - 0.5 + (static_cast<double>(slice) + 0.5) / slices;
}

Column as_column(Span span) {
    const double first = std::ceil(span.low + 0.5), last = std::floor(span.high - 0.5);
    return {static_cast<std::int32_t>(first), static_cast<std::int32_t>(last),
            static_cast<float>(first - (span.low + 0.5)), static_cast<float>(span.high - 0.5 - last)};
}

void make_columns(Spread& made, const std::vector<Disc>& discs, int slices) {
    double area = 0.0;
    for (Index column = -made.reach; column <= made.reach; ++column) {
        double covered = 0.0, moment = 0.0;
        for (int slice = 0; slice < slices; ++slice) {
            const auto [low, high] = span_at(discs, slice_at(column, slice, slices));
            covered += (high - low) / slices;
            moment += 0.5 * (high * high - low * low) / slices;
        }
        const double middle = covered > 0.0 ? moment / covered : 0.0;
        area += covered;
        made.columns.push_back(as_column({middle - 0.5 * covered, middle + 0.5 * covered}));
    }
    made.scale = static_cast<float>(1.0 / area);
}

void make_taps(Spread& made, const std::vector<Disc>& discs, int slices) {
    const Index side = 2 * made.reach + 1;
    std::vector<double> covered(static_cast<std::size_t>(side * side), 0.0);
    double area = 0.0;
    for (Index column = -made.reach; column <= made.reach; ++column) {
        for (int slice = 0; slice < slices; ++slice) {
            const auto [low, high] = span_at(discs, slice_at(column, slice, slices));
            for (Index row = -made.reach; row <= made.reach; ++row) {
                const double middle = static_cast<double>(row);
                const double part = std::min(high, middle + 0.5) - std::max(low, middle - 0.5);
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

double variance_of(const Aperture& aperture) {
    constexpr int steps = 256;
    const std::vector<Disc> discs = discs_of(aperture, {});
    double area = 0.0, middle = 0.0, squares = 0.0;
    for (int i = 0; i < steps; ++i) {
        const double x = (i + 0.5) * 2.0 / steps - 1.0;
        const auto [low, high] = span_at(discs, x);
        area += high - low;
        middle += 0.5 * (high * high - low * low);
        squares += x * x * (high - low) + (high * high * high - low * low * low) / 3.0;
    }
    return 0.5 * (squares / area - middle * middle / (area * area));
}

Spread make_spread(const Aperture& aperture, double radius, bool near, Place place) {
    Spread made;
    if (radius < smallest) return made;
    made.identity = false;
    made.reach = static_cast<Index>(std::ceil(radius - 0.5 + 1e-6));
    std::vector<Disc> discs = discs_of(aperture, place);
    // A pixel gathers from where its light was spread: from the other side.
    const double size = near ? radius : -radius;
    for (Disc& disc : discs) disc = {disc.x * size, disc.y * size, disc.radius * radius};
    const int slices = aperture.cats_eye > 0.0 ? quick_slices : fine_slices;
    if (radius < smallest_span) {
        make_taps(made, discs, slices);
    } else {
        make_columns(made, discs, slices);
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

void spread_varying(const std::vector<Spread>& corners, const float* from, const TileShape& tile, float* sums,
                    float* out) {
    constexpr Index side = varying_block;
    constexpr float step = 1.0F / static_cast<float>(side);
    const Index blocks = tile.side / side;
    std::array<float, static_cast<std::size_t>(side * side)> one;
    std::fill_n(out, tile.side * tile.side, 0.0F);
    for (Index at = 0; at < 4 * blocks * blocks; ++at) {
        const Index corner = at % 4, row = at / 4 / blocks, column = at / 4 % blocks;
        const Spread& shape = corners[static_cast<std::size_t>((row + corner / 2) * (blocks + 1) + column + corner % 2)];
        spread(shape, from + (row * tile.stride + column) * side, {side, tile.halo, tile.stride}, sums, one.data());
        for (Index y = 0; y < side; ++y) {
            const float down = (static_cast<float>(y) + 0.5F) * step, share = corner < 2 ? 1.0F - down : down;
            float* const line = out + (row * side + y) * tile.side + column * side;
            for (Index x = 0; x < side; ++x) {
                const float across = (static_cast<float>(x) + 0.5F) * step;
                line[x] += share * (corner % 2 == 0 ? 1.0F - across : across) * one[static_cast<std::size_t>(y * side + x)];
            }
        }
    }
}

}  // namespace nearfar::effects
