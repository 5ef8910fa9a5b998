#include "scene/raster_rows.hpp"

namespace nearfar::scene::NEARFAR_LEVEL {
namespace {

constexpr std::int32_t row_step = 8;  // rows that are cut together

using Numbers = double[batch_size];
using Rows = double[band_rows];

// What drawing needs of each face. On row y it lies right of the largest at + slope · y of `left`, left of the smallest
// of `right`; there, one over its depth is inverse · (x, y, 1).
struct Outlines {
    alignas(64) Numbers left_at[3], left_slope[3], right_at[3], right_slope[3];
    alignas(64) Numbers inverse[3];
    std::int32_t flat[batch_size];     // has an edge along the rows
    std::int32_t edge_on[batch_size];  // is seen edge-on
};

// The pixels of a face, row by row.
struct Spans {
    alignas(64) std::int32_t begin[band_rows];
    alignas(64) std::int32_t end[band_rows];
    alignas(64) float start[band_rows];  // one over the depth at the first
};

struct Edge {
    double x, y, z;
};

inline Edge edge_of(const Batch& batch, std::size_t k, std::size_t i) noexcept {
    const auto& a = batch.corner[(k + 1) % 3];
    const auto& b = batch.corner[(k + 2) % 3];
    return {a[1][i] * b[2][i] - a[2][i] * b[1][i], a[2][i] * b[0][i] - a[0][i] * b[2][i],
            a[0][i] * b[1][i] - a[1][i] * b[0][i]};
}

inline double volume_of(const Batch& batch, const Edge& opposite, std::size_t i) noexcept {
    const auto& a = batch.corner[0];
    return a[0][i] * opposite.x + a[1][i] * opposite.y + a[2][i] * opposite.z;
}

inline double larger(double a, double b) noexcept { return a < b ? b : a; }
inline double smaller(double a, double b) noexcept { return b < a ? b : a; }

// The whole number above, of numbers that an int32 can hold.
inline std::int32_t rounded_up(double value) noexcept {
    const auto towards_zero = static_cast<std::int32_t>(value);
    return towards_zero + (static_cast<double>(towards_zero) < value ? 1 : 0);
}

// Which side of an edge a face lies on is anyone's guess: what is not an edge of a side is beyond the row's end there.
void outline(const Batch& batch, double width, Outlines& __restrict out) noexcept {
    for (std::size_t i = 0; i < batch.count; ++i) {
        const Edge edges[3] = {edge_of(batch, 0, i), edge_of(batch, 1, i), edge_of(batch, 2, i)};
        const double volume = volume_of(batch, edges[0], i);
        const double scale = 1.0 / volume;
        out.inverse[0][i] = (edges[0].x + edges[1].x + edges[2].x) * scale;
        out.inverse[1][i] = (edges[0].y + edges[1].y + edges[2].y) * scale;
        out.inverse[2][i] = (edges[0].z + edges[1].z + edges[2].z) * scale;
        out.edge_on[i] = (volume > 0.0) | (volume < 0.0) ? 0 : 1;
        out.flat[i] = (edges[0].x == 0.0) | (edges[1].x == 0.0) | (edges[2].x == 0.0) ? 1 : 0;
        const double side = volume < 0.0 ? -1.0 : 1.0;
        for (std::size_t k = 0; k < 3; ++k) {
            const double inward = edges[k].x * side;
            const double inverse_x = -1.0 / inward;
            const double at = edges[k].z * side * inverse_x;
            const double slope = edges[k].y * side * inverse_x;
            out.left_at[k][i] = inward > 0.0 ? at : 0.0;
            out.left_slope[k][i] = inward > 0.0 ? slope : 0.0;
            out.right_at[k][i] = inward < 0.0 ? at : width;
            out.right_slope[k][i] = inward < 0.0 ? slope : 0.0;
        }
    }
}

// Rows in steps of row_step, from the one that holds `first` to the one that holds `last`. Centres on the left edge
// belong to the face, those on the right edge to its neighbour.
void cut(const Outlines& faces, std::size_t i, const Rows& rows, std::int32_t first, std::int32_t last, double width,
         Spans& __restrict spans) noexcept {
    const double at[6] = {faces.left_at[0][i],  faces.left_at[1][i],  faces.left_at[2][i],
                          faces.right_at[0][i], faces.right_at[1][i], faces.right_at[2][i]};
    const double slope[6] = {faces.left_slope[0][i],  faces.left_slope[1][i],  faces.left_slope[2][i],
                             faces.right_slope[0][i], faces.right_slope[1][i], faces.right_slope[2][i]};
    const double inverse[3] = {faces.inverse[0][i], faces.inverse[1][i], faces.inverse[2][i]};
    for (std::int32_t step = first & -row_step; step <= last; step += row_step) {
        for (std::int32_t y = step; y < step + row_step; ++y) {
            const double row = rows[y];
            double from = larger(larger(at[0] + slope[0] * row, at[1] + slope[1] * row), at[2] + slope[2] * row);
            double to = smaller(smaller(at[3] + slope[3] * row, at[4] + slope[4] * row), at[5] + slope[5] * row);
            from = smaller(width, larger(from, 0.0));  // not a number: the row is empty
            to = larger(0.0, smaller(width, to));
            const std::int32_t begin = rounded_up(from);
            spans.begin[y] = begin;
            spans.end[y] = rounded_up(to);
            spans.start[y] =
                static_cast<float>(inverse[1] * row + inverse[2] + inverse[0] * static_cast<double>(begin));
        }
    }
}

// The rows inside of edges that run along them.
void keep(const Batch& batch, std::size_t i, const Rows& rows, std::int32_t& first, std::int32_t& last) noexcept {
    const double side = volume_of(batch, edge_of(batch, 0, i), i) < 0.0 ? -1.0 : 1.0;
    for (std::size_t k = 0; k < 3; ++k) {
        const Edge edge = edge_of(batch, k, i);
        if (edge.x != 0.0) continue;
        const auto outside = [&](std::int32_t y) { return edge.y * side * rows[y] + edge.z * side < 0.0; };
        while (first <= last && outside(first)) ++first;
        while (first <= last && outside(last)) --last;
    }
}

inline void fill(float* __restrict nearness, std::int32_t* __restrict target, std::size_t count, float start, float step,
                 std::int32_t face) noexcept {
    if (count < 8) {  // most: vectors would cost more than they save
        for (std::size_t i = 0; i < count; ++i) {
            const float near = start + step * static_cast<float>(static_cast<std::int32_t>(i));
            if (!(near > nearness[i])) continue;
            nearness[i] = near;
            target[i] = face;
        }
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const float near = start + step * static_cast<float>(static_cast<std::int32_t>(i));
        const bool wins = near > nearness[i];
        nearness[i] = wins ? near : nearness[i];
        target[i] = wins ? face : target[i];
    }
}

void draw(const Batch& batch, const Band& band) noexcept {
    Outlines faces;
    const auto width = static_cast<double>(static_cast<std::int32_t>(band.width));
    outline(batch, width, faces);
    alignas(64) Rows rows;
    for (std::size_t y = 0; y < band_rows; ++y) rows[y] = static_cast<double>(band.top + static_cast<std::int32_t>(y));
    for (std::size_t i = 0; i < batch.count; ++i) {
        if (faces.edge_on[i] != 0) continue;
        std::int32_t first = batch.first_row[i];
        std::int32_t last = batch.last_row[i];
        if (faces.flat[i] != 0) keep(batch, i, rows, first, last);
        Spans spans;
        cut(faces, i, rows, first, last, width, spans);
        const auto step = static_cast<float>(faces.inverse[0][i]);
        std::int32_t covered[band_rows];  // listed without a branch: hair covers one row in four of those it may
        std::size_t count = 0;
        for (std::int32_t y = first; y <= last; ++y) {
            covered[count] = y;
            count += spans.begin[y] < spans.end[y] ? 1 : 0;
        }
        for (std::size_t k = 0; k < count; ++k) {
            const std::int32_t y = covered[k];
            const std::size_t at = static_cast<std::size_t>(y) * band.width + static_cast<std::size_t>(spans.begin[y]);
            fill(band.nearness + at, band.face + at, static_cast<std::size_t>(spans.end[y] - spans.begin[y]),
                 spans.start[y], step, batch.face[i]);
        }
    }
}

}  // namespace

extern const RasterRows raster_rows;
const RasterRows raster_rows{draw};

}  // namespace nearfar::scene::NEARFAR_LEVEL
