// Homogeneous rasterisation (Olano and Greer 1997): a ray d = (x, y, 1) meets the face A, B, C in front of the camera
// where the three edge functions d·(B×C), d·(C×A), d·(A×B) have the sign of A·(B×C); one over the depth is their sum
// over that. Nothing is clipped, and neighbours share their edge bit by bit, so there are no gaps.
#include "scene/raster.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/pool.hpp"

namespace nearfar::scene {
namespace {

constexpr std::size_t band_rows = 16;
constexpr std::size_t chunk_faces = 256;

struct Rows {
    std::int32_t first, last;  // last < first: not seen
};

struct Line {
    double at, slope;  // where an edge crosses a row: at + slope · y
};

class Raster {
public:
    Raster(const Model& model, const StraightCamera& camera, std::span<const PartPlace> parts)
        : model_(model), camera_(camera), corners_(3 * model.faces.size()), rows_(model.faces.size()),
          chunks_((model.faces.size() + chunk_faces - 1) / chunk_faces) {
        std::vector<Motion> pixels_from_part;
        for (const PartPlace& part : parts) pixels_from_part.push_back(to_pixels(part.part_from_camera));
        parallel_for(chunks_.size(), 8, [&](std::size_t begin, std::size_t end) {
            for (std::size_t chunk = begin; chunk < end; ++chunk) place_chunk(chunk, pixels_from_part);
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

    void place_chunk(std::size_t chunk, std::span<const Motion> pixels_from_part) noexcept {
        Rows whole{std::numeric_limits<std::int32_t>::max(), -1};
        const std::size_t end = std::min((chunk + 1) * chunk_faces, model_.faces.size());
        for (std::size_t i = chunk * chunk_faces; i < end; ++i) {
            const Face& face = model_.faces[i];
            const Motion& motion = pixels_from_part[static_cast<std::size_t>(face.part)];
            const std::size_t at = 3 * i;
            for (std::size_t k = 0; k < 3; ++k) {
                corners_[at + k] = motion.apply(load(model_.vertices[static_cast<std::size_t>(face.vertex[k])].position));
            }
            rows_[i] = rows_of(corners_.data() + at);
            if (rows_[i].last < rows_[i].first) continue;
            whole.first = std::min(whole.first, rows_[i].first);
            whole.last = std::max(whole.last, rows_[i].last);
        }
        chunks_[chunk] = whole;
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
        const double y0 = corner[0].y / corner[0].z;
        const double y1 = corner[1].y / corner[1].z;
        const double y2 = corner[2].y / corner[2].z;
        // A hair more than the corners say: rounding must not lose the row of a centre on an edge.
        const double first = std::ceil(std::min({y0, y1, y2}) - 1e-6);
        const double last = std::floor(std::max({y0, y1, y2}) + 1e-6);
        if (!(first <= last && first <= bottom && last >= 0.0)) return none;
        return {static_cast<std::int32_t>(std::max(first, 0.0)), static_cast<std::int32_t>(std::min(last, bottom))};
    }

    void draw_band(std::size_t band, std::vector<float>& nearness, std::int32_t* faces) const {
        const auto first = static_cast<std::int32_t>(band * band_rows);
        const auto last = static_cast<std::int32_t>(std::min((band + 1) * band_rows, camera_.height)) - 1;
        std::fill(nearness.begin(), nearness.end(), 0.0F);
        std::int32_t* target = faces + static_cast<std::size_t>(first) * camera_.width;
        std::fill_n(target, static_cast<std::size_t>(last - first + 1) * camera_.width, -1);
        for (std::size_t chunk = 0; chunk < chunks_.size(); ++chunk) {
            if (chunks_[chunk].first > last || chunks_[chunk].last < first) continue;
            const std::size_t end = std::min((chunk + 1) * chunk_faces, model_.faces.size());
            for (std::size_t i = chunk * chunk_faces; i < end; ++i) {
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
            if (edges[k].x != 0.0) lines[k] = {-edges[k].z / edges[k].x, -edges[k].y / edges[k].x};
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
            const auto begin = static_cast<std::size_t>(std::ceil(from));
            const auto end = static_cast<std::size_t>(std::ceil(to));
            const double start = inverse.y * row + inverse.z + inverse.x * static_cast<double>(begin);
            const std::size_t offset = static_cast<std::size_t>(y - top) * camera_.width + begin;
            fill(nearness + offset, target + offset, end - begin, static_cast<float>(start),
                 static_cast<float>(inverse.x), static_cast<std::int32_t>(index));
        }
    }

    static void fill(float* __restrict nearness, std::int32_t* __restrict target, std::size_t count, float start,
                     float step, std::int32_t face) noexcept {
        for (std::size_t i = 0; i < count; ++i) {
            const float near = start + step * static_cast<float>(static_cast<std::int32_t>(i));
            const bool wins = near > nearness[i];
            nearness[i] = wins ? near : nearness[i];
            target[i] = wins ? face : target[i];
        }
    }

    const Model& model_;
    StraightCamera camera_;
    std::vector<Vec> corners_;
    std::vector<Rows> rows_;
    std::vector<Rows> chunks_;
};

}  // namespace

void first_faces(const Model& model, const StraightCamera& camera, std::span<const PartPlace> parts,
                 std::int32_t* faces) {
    Raster(model, camera, parts).draw(faces);
}

}  // namespace nearfar::scene
