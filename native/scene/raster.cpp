// Homogeneous rasterisation (Olano and Greer 1997): a ray d = (x, y, 1) meets the face A, B, C in front of the camera
// where the three edge functions d·(B×C), d·(C×A), d·(A×B) have the sign of A·(B×C); one over the depth is their sum
// over that. Nothing is clipped, and neighbours share their edge bit by bit, so there are no gaps.
#include "scene/raster.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "core/pool.hpp"

namespace nearfar::scene {
namespace {

constexpr std::size_t band_rows = 16;

struct Rows {
    std::int32_t first, last;  // last < first: not seen
};

// Points inside have a product with the normal, plus the offset, of at least 0.
struct Side {
    Vec normal;
    double offset, length;  // of the normal
};

// From a part's axes to pixels, and the five planes that what is in the picture lies inside of.
struct PartView {
    Motion pixels_from_part;
    Side sides[5];
};

// The whole number above and below, of numbers that an int32 can hold.
std::int32_t rounded_up(double value) noexcept {
    const auto towards_zero = static_cast<std::int32_t>(value);
    return towards_zero + (static_cast<double>(towards_zero) < value ? 1 : 0);
}
std::int32_t rounded_down(double value) noexcept { return -rounded_up(-value); }

struct Line {
    double at, slope;  // where an edge crosses a row: at + slope · y
};

class Raster {
public:
    Raster(const Model& model, const StraightCamera& camera, std::span<const PartPlace> parts)
        : model_(model), camera_(camera), corners_(std::make_unique_for_overwrite<Vec[]>(3 * model.faces.size())),
          rows_(std::make_unique_for_overwrite<Rows[]>(model.faces.size())), clusters_(model.clusters.size()) {
        std::vector<PartView> views;
        for (const PartPlace& part : parts) views.push_back(view_of(to_pixels(part.part_from_camera)));
        parallel_for(clusters_.size(), 16, [&](std::size_t begin, std::size_t end) {
            for (std::size_t cluster = begin; cluster < end; ++cluster) place_cluster(cluster, views);
        });
    }

    void draw(std::int32_t* faces) const {
        const std::size_t bands = (camera_.height + band_rows - 1) / band_rows;
        parallel_for(bands, 1, [&](std::size_t begin, std::size_t end) {
            std::vector<float> nearness(band_rows * camera_.width);
            for (std::size_t band = begin; band < end; ++band) draw_band(band, nearness, faces);
        });
    }

private:
    // Camera points become (x·z, y·z, z) with x, y in pixels, counted from the centre of pixel 0.
    Motion to_pixels(const Motion& part_from_camera) const noexcept {
        const Motion& motion = part_from_camera;
        const Vec x{motion.row[0].x, motion.row[1].x, motion.row[2].x};
        const Vec y{motion.row[0].y, motion.row[1].y, motion.row[2].y};
        const Vec z{motion.row[0].z, motion.row[1].z, motion.row[2].z};
        Motion pixels{};
        pixels.row[0] = x * camera_.fx + z * (camera_.cx - 0.5);
        pixels.row[1] = y * camera_.fy + z * (camera_.cy - 0.5);
        pixels.row[2] = z;
        pixels.at = {-dot(pixels.row[0], motion.at), -dot(pixels.row[1], motion.at), -dot(pixels.row[2], motion.at)};
        return pixels;
    }

    PartView view_of(const Motion& pixels) const noexcept {
        const double right = static_cast<double>(camera_.width) - 1.0;
        const double bottom = static_cast<double>(camera_.height) - 1.0;
        const Vec& at = pixels.at;
        const Vec normals[5] = {pixels.row[2], pixels.row[0], pixels.row[2] * right - pixels.row[0], pixels.row[1],
                                pixels.row[2] * bottom - pixels.row[1]};
        const double offsets[5] = {at.z, at.x, at.z * right - at.x, at.y, at.z * bottom - at.y};
        PartView view{pixels, {}};
        for (int k = 0; k < 5; ++k) view.sides[k] = {normals[k], offsets[k], std::sqrt(dot(normals[k], normals[k]))};
        return view;
    }

    void place_cluster(std::size_t number, std::span<const PartView> views) noexcept {
        const Cluster& cluster = model_.clusters[number];
        Rows whole{std::numeric_limits<std::int32_t>::max(), -1};
        clusters_[number] = whole;
        const PartView& common = views[static_cast<std::size_t>(cluster.part)];
        for (const Side& side : common.sides) {
            const double inside = dot(side.normal, load(cluster.center)) + side.offset;
            if (inside < -static_cast<double>(cluster.radius) * side.length) return;
        }
        const std::size_t end = std::min((number + 1) * cluster_size, model_.faces.size());
        for (std::size_t i = number * cluster_size; i < end; ++i) {
            const Face& face = model_.faces[i];
            const Motion& motion = views[static_cast<std::size_t>(face.part)].pixels_from_part;
            const std::size_t at = 3 * i;
            for (std::size_t k = 0; k < 3; ++k) {
                corners_[at + k] = motion.apply(load(model_.vertices[static_cast<std::size_t>(face.vertex[k])].position));
            }
            rows_[i] = rows_of(&corners_[at]);
            if (rows_[i].last < rows_[i].first) continue;
            whole.first = std::min(whole.first, rows_[i].first);
            whole.last = std::max(whole.last, rows_[i].last);
        }
        clusters_[number] = whole;
    }

    // The rows that a face may cover; none where it lies beside the picture, behind the camera or between centres.
    Rows rows_of(const Vec* corner) const noexcept {
        constexpr Rows none{0, -1};
        const double right = static_cast<double>(camera_.width) - 1.0;
        const double bottom = static_cast<double>(camera_.height) - 1.0;
        bool behind = true, left_of = true, right_of = true, above = true, below = true, before = true;
        for (int k = 0; k < 3; ++k) {
            const Vec& c = corner[k];
            behind = behind && c.z <= 0.0;
            before = before && c.z > 0.0;
            left_of = left_of && c.x < 0.0;
            right_of = right_of && c.x > right * c.z;
            above = above && c.y < 0.0;
            below = below && c.y > bottom * c.z;
        }
        // Beside the picture on one side even where the face passes through the camera's plane.
        if (behind || left_of || right_of || above || below) return none;
        if (!before) return {0, static_cast<std::int32_t>(camera_.height) - 1};
        double least_x = right, least_y = bottom, most_x = 0.0, most_y = 0.0;
        for (int k = 0; k < 3; ++k) {
            const double scale = 1.0 / corner[k].z;
            least_x = std::min(least_x, corner[k].x * scale);
            least_y = std::min(least_y, corner[k].y * scale);
            most_x = std::max(most_x, corner[k].x * scale);
            most_y = std::max(most_y, corner[k].y * scale);
        }
        // A hair more than the corners say: rounding must not lose a centre on an edge.
        constexpr double hair = 1e-6;
        const Rows columns{rounded_up(std::max(least_x, 0.0) - hair), rounded_down(std::min(most_x, right) + hair)};
        const Rows rows{rounded_up(std::max(least_y, 0.0) - hair), rounded_down(std::min(most_y, bottom) + hair)};
        return columns.first <= columns.last ? rows : none;
    }

    void draw_band(std::size_t band, std::vector<float>& nearness, std::int32_t* faces) const {
        const auto first = static_cast<std::int32_t>(band * band_rows);
        const auto last = static_cast<std::int32_t>(std::min((band + 1) * band_rows, camera_.height)) - 1;
        std::fill(nearness.begin(), nearness.end(), 0.0F);
        std::int32_t* target = faces + static_cast<std::size_t>(first) * camera_.width;
        std::fill_n(target, static_cast<std::size_t>(last - first + 1) * camera_.width, -1);
        for (std::size_t cluster = 0; cluster < clusters_.size(); ++cluster) {
            if (clusters_[cluster].first > last || clusters_[cluster].last < first) continue;
            const std::size_t end = std::min((cluster + 1) * cluster_size, model_.faces.size());
            for (std::size_t i = cluster * cluster_size; i < end; ++i) {
                const Rows rows{std::max(rows_[i].first, first), std::min(rows_[i].last, last)};
                if (rows.first <= rows.last) draw_face(i, rows, first, nearness.data(), target);
            }
        }
    }

    void draw_face(std::size_t index, Rows rows, std::int32_t top, float* nearness, std::int32_t* target) const noexcept {
        const Vec& a = corners_[3 * index];
        const Vec& b = corners_[3 * index + 1];
        const Vec& c = corners_[3 * index + 2];
        Vec edges[3] = {cross(b, c), cross(c, a), cross(a, b)};
        const double volume = dot(a, edges[0]);
        if (!(std::fabs(volume) > 0.0)) return;  // seen edge-on
        const Vec inverse = (edges[0] + edges[1] + edges[2]) * (1.0 / volume);
        Line lines[3]{};
        for (int k = 0; k < 3; ++k) {
            if (volume < 0.0) edges[k] = edges[k] * -1.0;
            if (edges[k].x == 0.0) continue;
            const double inverse_x = -1.0 / edges[k].x;
            lines[k] = {edges[k].z * inverse_x, edges[k].y * inverse_x};
        }
        const double width = static_cast<double>(camera_.width);
        for (std::int32_t y = rows.first; y <= rows.last; ++y) {
            const auto row = static_cast<double>(y);
            double from = 0.0;
            double to = width;  // beyond the last pixel
            for (int k = 0; k < 3; ++k) {
                if (edges[k].x == 0.0) {
                    if (edges[k].y * row + edges[k].z < 0.0) to = -1.0;
                    continue;
                }
                const double crossing = lines[k].at + lines[k].slope * row;
                if (edges[k].x > 0.0) {
                    from = std::max(from, crossing);
                } else {
                    to = std::min(to, crossing);
                }
            }
            // Centres on the left edge belong to the face, those on the right edge to its neighbour.
            if (!(to > from)) continue;
            const auto begin = static_cast<std::size_t>(rounded_up(from));
            const auto end = static_cast<std::size_t>(rounded_up(to));
            const double start = inverse.y * row + inverse.z + inverse.x * static_cast<double>(begin);
            const std::size_t offset = static_cast<std::size_t>(y - top) * camera_.width + begin;
            fill(nearness + offset, target + offset, end - begin, static_cast<float>(start),
                 static_cast<float>(inverse.x), static_cast<std::int32_t>(index));
        }
    }

    static void fill(float* __restrict nearness, std::int32_t* __restrict target, std::size_t count, float start,
                     float step, std::int32_t face) noexcept {
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

    const Model& model_;
    StraightCamera camera_;
    std::unique_ptr<Vec[]> corners_;
    std::unique_ptr<Rows[]> rows_;  // of a cluster that is not seen: none
    std::vector<Rows> clusters_;
};

}  // namespace

void first_faces(const Model& model, const StraightCamera& camera, std::span<const PartPlace> parts,
                 std::int32_t* faces) {
    Raster(model, camera, parts).draw(faces);
}

}  // namespace nearfar::scene
