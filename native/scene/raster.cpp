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
#include "scene/raster_rows.hpp"

namespace nearfar::scene {
namespace {

constexpr std::size_t bands_in_turn = 16;

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

// What is known of a corner once it is placed: the sides of the picture that it is beyond, and where it is seen.
struct Seen {
    enum : unsigned { behind = 1, left = 2, right = 4, above = 8, below = 16 };
    unsigned beyond;
    double x, y;  // pixels; of a corner before the camera
};

class Raster {
public:
    Raster(const Model& model, const StraightCamera& camera, std::span<const PartPlace> parts)
        : model_(model), camera_(camera), corners_(std::make_unique_for_overwrite<Vec[]>(model.corners.size())),
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
            const auto batch = std::make_unique<Batch>();
            for (std::size_t band = begin; band < end; ++band) {
                const std::size_t first = band * band_rows;
                draw_band(first, end_of(first), nearness, *batch, faces + first * camera_.width);
            }
        });
    }

    void hand_out(const TakeBand& take) const {
        const std::size_t bands = (camera_.height + band_rows - 1) / band_rows;
        for (std::size_t turn = 0; turn < bands; turn += bands_in_turn) {
            parallel_for(std::min(bands_in_turn, bands - turn), 1, [&](std::size_t begin, std::size_t end) {
                std::vector<float> nearness(band_rows * camera_.width);
                std::vector<std::int32_t> faces(band_rows * camera_.width);
                const auto batch = std::make_unique<Batch>();
                for (std::size_t band = turn + begin; band < turn + end; ++band) {
                    const std::size_t first = band * band_rows;
                    const std::size_t beyond = end_of(first);
                    draw_band(first, beyond, nearness, *batch, faces.data());
                    take(first, beyond, {faces.data(), (beyond - first) * camera_.width});
                }
            });
        }
    }

private:
    std::size_t end_of(std::size_t first) const noexcept { return std::min(first + band_rows, camera_.height); }

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
        Seen seen[3 * cluster_size];
        for (std::size_t k = 0; k < cluster.corners; ++k) {
            const Corner& corner = model_.corners[cluster.first_corner + k];
            const Motion& motion = views[static_cast<std::size_t>(corner.part)].pixels_from_part;
            const Vec placed = motion.apply(load(model_.vertices[static_cast<std::size_t>(corner.vertex)].position));
            corners_[cluster.first_corner + k] = placed;
            seen[k] = see(placed);
        }
        const std::size_t end = std::min((number + 1) * cluster_size, model_.faces.size());
        for (std::size_t i = number * cluster_size; i < end; ++i) {
            const auto& own = model_.face_corners[i];
            rows_[i] = rows_of(seen[own[0]], seen[own[1]], seen[own[2]]);
            if (rows_[i].last < rows_[i].first) continue;
            whole.first = std::min(whole.first, rows_[i].first);
            whole.last = std::max(whole.last, rows_[i].last);
        }
        clusters_[number] = whole;
    }

    Seen see(const Vec& corner) const noexcept {
        const double right = static_cast<double>(camera_.width) - 1.0;
        const double bottom = static_cast<double>(camera_.height) - 1.0;
        const double scale = 1.0 / corner.z;
        const unsigned beyond = (corner.z > 0.0 ? 0U : Seen::behind) | (corner.x < 0.0 ? Seen::left : 0U) |
                                (corner.x > right * corner.z ? Seen::right : 0U) | (corner.y < 0.0 ? Seen::above : 0U) |
                                (corner.y > bottom * corner.z ? Seen::below : 0U);
        return {beyond, corner.x * scale, corner.y * scale};
    }

    // The rows that a face may cover; none where it lies beside the picture, behind the camera or between centres.
    Rows rows_of(const Seen& a, const Seen& b, const Seen& c) const noexcept {
        constexpr Rows none{0, -1};
        const double right = static_cast<double>(camera_.width) - 1.0;
        const double bottom = static_cast<double>(camera_.height) - 1.0;
        // Beside the picture on one side even where the face passes through the camera's plane.
        if ((a.beyond & b.beyond & c.beyond) != 0) return none;
        if (((a.beyond | b.beyond | c.beyond) & Seen::behind) != 0) {
            return {0, static_cast<std::int32_t>(camera_.height) - 1};
        }
        const double least_x = std::min(std::min(a.x, b.x), c.x);
        const double least_y = std::min(std::min(a.y, b.y), c.y);
        const double most_x = std::max(std::max(a.x, b.x), c.x);
        const double most_y = std::max(std::max(a.y, b.y), c.y);
        // A hair more than the corners say: rounding must not lose a centre on an edge.
        constexpr double hair = 1e-6;
        const Rows columns{rounded_up(std::max(least_x, 0.0) - hair), rounded_down(std::min(most_x, right) + hair)};
        const Rows rows{rounded_up(std::max(least_y, 0.0) - hair), rounded_down(std::min(most_y, bottom) + hair)};
        return columns.first <= columns.last ? rows : none;
    }

    // `target` begins with the band.
    void draw_band(std::size_t begin, std::size_t beyond, std::vector<float>& nearness, Batch& batch,
                   std::int32_t* target) const {
        const auto first = static_cast<std::int32_t>(begin);
        const auto last = static_cast<std::int32_t>(beyond) - 1;
        std::fill(nearness.begin(), nearness.end(), 0.0F);
        std::fill_n(target, (beyond - begin) * camera_.width, -1);
        const Band whole{first, camera_.width, nearness.data(), target};
        batch.count = 0;
        for (std::size_t cluster = 0; cluster < clusters_.size(); ++cluster) {
            if (clusters_[cluster].first > last || clusters_[cluster].last < first) continue;
            const std::size_t end = std::min((cluster + 1) * cluster_size, model_.faces.size());
            for (std::size_t i = cluster * cluster_size; i < end; ++i) {
                const Rows rows{std::max(rows_[i].first, first), std::min(rows_[i].last, last)};
                if (rows.first > rows.last) continue;
                add(i, cluster, {rows.first - first, rows.last - first}, batch);
                if (batch.count < batch_size) continue;
                raster_rows().draw(batch, whole);
                batch.count = 0;
            }
        }
        raster_rows().draw(batch, whole);
    }

    void add(std::size_t face, std::size_t cluster, Rows rows, Batch& batch) const noexcept {
        const Vec* corners = corners_.get() + model_.clusters[cluster].first_corner;
        const auto& own = model_.face_corners[face];
        const std::size_t i = batch.count++;
        for (std::size_t k = 0; k < 3; ++k) {
            const Vec& corner = corners[own[k]];
            batch.corner[k][0][i] = corner.x;
            batch.corner[k][1][i] = corner.y;
            batch.corner[k][2][i] = corner.z;
        }
        batch.first_row[i] = rows.first;
        batch.last_row[i] = rows.last;
        batch.face[i] = static_cast<std::int32_t>(face);
    }

    const Model& model_;
    StraightCamera camera_;
    std::unique_ptr<Vec[]> corners_;  // of clusters that may be seen
    std::unique_ptr<Rows[]> rows_;  // of a cluster that is not seen: none
    std::vector<Rows> clusters_;
};

}  // namespace

void first_faces(const Model& model, const StraightCamera& camera, std::span<const PartPlace> parts,
                 std::int32_t* faces) {
    Raster(model, camera, parts).draw(faces);
}

void first_faces_in_bands(const Model& model, const StraightCamera& camera, std::span<const PartPlace> parts,
                          const TakeBand& take) {
    Raster(model, camera, parts).hand_out(take);
}

}  // namespace nearfar::scene
