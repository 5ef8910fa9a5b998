#include "scene/model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/pool.hpp"
#include "scene/vector.hpp"

namespace nearfar::scene {
namespace {

void store(float (&target)[3], const Vec& value) noexcept {
    target[0] = static_cast<float>(value.x);
    target[1] = static_cast<float>(value.y);
    target[2] = static_cast<float>(value.z);
}

Face make_face(const Vertices& vertices, const std::int32_t* face) noexcept {
    Face made{};
    const auto corner = [&](int k) { return load(vertices.positions.data() + 3 * static_cast<std::size_t>(face[k])); };
    const auto along = [&](int k, int axis) {
        return static_cast<double>(
            vertices.coordinates[2 * static_cast<std::size_t>(face[k]) + static_cast<std::size_t>(axis)]);
    };
    store(made.corner, corner(0));
    store(made.edge1, corner(1) - corner(0));
    store(made.edge2, corner(2) - corner(0));
    const Vec edge1 = load(made.edge1);
    const Vec edge2 = load(made.edge2);
    const Vec normal = cross(edge1, edge2);
    const double area = dot(normal, normal);
    const double scale = area > 0.0 ? 1.0 / area : 0.0;
    const Vec u_slope = cross(edge2, normal) * scale;
    const Vec v_slope = cross(normal, edge1) * scale;
    store(made.u_slope, u_slope);
    store(made.v_slope, v_slope);
    store(made.s_slope, u_slope * (along(1, 0) - along(0, 0)) + v_slope * (along(2, 0) - along(0, 0)));
    store(made.t_slope, u_slope * (along(1, 1) - along(0, 1)) + v_slope * (along(2, 1) - along(0, 1)));
    for (std::size_t k = 0; k < 3; ++k) made.vertex[k] = face[k];
    made.material = face[3];
    made.object = face[4];
    made.part = face[5];
    return made;
}

Cluster make_cluster(std::span<const Face> faces) noexcept {
    constexpr float endless = std::numeric_limits<float>::infinity();
    Cluster cluster{{}, endless, faces[0].part, 0, 0};
    Vec least = load(faces[0].corner);
    Vec most = least;
    const auto corners_of = [](const Face& face) {
        const Vec a = load(face.corner);
        return std::array<Vec, 3>{a, a + load(face.edge1), a + load(face.edge2)};
    };
    for (const Face& face : faces) {
        if (face.part != cluster.part) return cluster;
        for (const Vec& corner : corners_of(face)) {
            if (!std::isfinite(corner.x + corner.y + corner.z)) return cluster;
            least = {std::min(least.x, corner.x), std::min(least.y, corner.y), std::min(least.z, corner.z)};
            most = {std::max(most.x, corner.x), std::max(most.y, corner.y), std::max(most.z, corner.z)};
        }
    }
    store(cluster.center, (least + most) * 0.5);
    const Vec center = load(cluster.center);
    double square = 0.0;
    for (const Face& face : faces) {
        for (const Vec& corner : corners_of(face)) square = std::max(square, dot(corner - center, corner - center));
    }
    // A hair more: edges were rounded, and so will be where the camera sees the ball.
    const double hair = 1e-5 * (std::fabs(center.x) + std::fabs(center.y) + std::fabs(center.z));
    cluster.radius = static_cast<float>(std::sqrt(square) * 1.00001 + hair);
    return cluster;
}

// Neighbours share vertices, which a rasteriser places once.
void list_corners(Model& model) {
    constexpr std::uint32_t never = 0xFFFFFFFFU;
    struct Last {
        std::uint32_t cluster;
        std::int32_t part;
        std::uint16_t place;
    };
    std::vector<Last> last(model.vertices.size(), {never, 0, 0});
    model.face_corners.resize(model.faces.size());
    for (std::size_t number = 0; number < model.clusters.size(); ++number) {
        Cluster& cluster = model.clusters[number];
        cluster.first_corner = model.corners.size();
        const std::size_t end = std::min((number + 1) * cluster_size, model.faces.size());
        for (std::size_t i = number * cluster_size; i < end; ++i) {
            const Face& face = model.faces[i];
            for (std::size_t k = 0; k < 3; ++k) {
                Last& seen = last[static_cast<std::size_t>(face.vertex[k])];
                if (seen.cluster != number || seen.part != face.part) {
                    const std::size_t place = model.corners.size() - cluster.first_corner;
                    seen = {static_cast<std::uint32_t>(number), face.part, static_cast<std::uint16_t>(place)};
                    model.corners.push_back({face.vertex[k], face.part});
                }
                model.face_corners[i][k] = seen.place;
            }
        }
        cluster.corners = model.corners.size() - cluster.first_corner;
    }
}

// The rounded root of a fourth, of sums of four squares.
std::vector<std::uint8_t> root_codes() {
    std::vector<std::uint8_t> codes(4 * 255 * 255 + 1);
    for (std::size_t sum = 0; sum < codes.size(); ++sum) {
        codes[sum] = static_cast<std::uint8_t>(std::sqrt(static_cast<float>(sum) / 4.0F) + 0.5F);
    }
    return codes;
}

// The mean light of 2 × 2 texels (or 2 × 1 where a side is 1 already), back in the texture's code. Rows are followed
// by their first texel.
void halve(const std::uint8_t* from, std::size_t height, std::size_t width, std::uint8_t* out) {
    const std::size_t down = height > 1 ? 2 : 1;
    const std::size_t across = width > 1 ? 2 : 1;
    static const std::vector<std::uint8_t> codes = root_codes();
    const std::size_t row_size = 4 * (width / across + 1);
    const auto halve_row = [&](std::size_t y) {
        std::uint8_t* const first_in_row = out + y * row_size;
        std::uint8_t* target = first_in_row;
        for (std::size_t x = 0; x < width / across; ++x) {
            for (std::size_t channel = 0; channel < 4; ++channel) {
                unsigned total = 0;
                for (std::size_t k = 0; k < down * across; ++k) {
                    const std::size_t row = y * down + k / across;
                    const std::size_t column = x * across + k % across;
                    const unsigned code = from[(row * (width + 1) + column) * 4 + channel];
                    total += code * code;
                }
                *target++ = codes[total * (4 / (down * across))];
            }
        }
        std::copy_n(first_in_row, 4, target);
    };
    parallel_for(height / down, std::max<std::size_t>(1, (std::size_t{1} << 14) / width), [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) halve_row(y);
    });
}

}  // namespace

void fill_faces(Model& model, const Vertices& vertices, std::span<const std::int32_t> faces) {
    const std::size_t count = vertices.positions.size() / 3;
    model.vertices.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        Vertex& vertex = model.vertices[i];
        std::copy_n(vertices.positions.data() + 3 * i, 3, vertex.position);
        std::copy_n(vertices.normals.data() + 3 * i, 3, vertex.normal);
        vertex.s = vertices.coordinates[2 * i];
        vertex.t = vertices.coordinates[2 * i + 1];
        std::copy_n(vertices.light.data() + 4 * i, 3, vertex.light);
        vertex.key = vertices.light[4 * i + 3];
    }
    model.faces.resize(faces.size() / 6);
    model.clusters.resize((model.faces.size() + cluster_size - 1) / cluster_size);
    parallel_for(model.clusters.size(), 16, [&](std::size_t begin, std::size_t end) {
        for (std::size_t cluster = begin; cluster < end; ++cluster) {
            const std::size_t first = cluster * cluster_size;
            const std::span<Face> made = std::span(model.faces).subspan(first, std::min(cluster_size, model.faces.size() - first));
            for (std::size_t i = 0; i < made.size(); ++i) made[i] = make_face(vertices, faces.data() + 6 * (first + i));
            model.clusters[cluster] = make_cluster(made);
        }
    });
    list_corners(model);
}

void add_texture(Model& model, const std::uint8_t* picture, std::size_t height, std::size_t width) {
    Texture texture{static_cast<std::int32_t>(width), static_cast<std::int32_t>(height), 1, {model.texels.size() / 4}};
    for (std::size_t y = 0; y < height; ++y, picture += 4 * width) {
        model.texels.insert(model.texels.end(), picture, picture + 4 * width);
        model.texels.insert(model.texels.end(), picture, picture + 4);
    }
    while (height > 1 || width > 1) {
        const std::size_t half_height = std::max<std::size_t>(height / 2, 1);
        const std::size_t half_width = std::max<std::size_t>(width / 2, 1);
        const std::size_t from = 4 * texture.start[texture.levels - 1];
        const std::size_t to = model.texels.size();
        model.texels.resize(to + half_height * (half_width + 1) * 4);
        halve(model.texels.data() + from, height, width, model.texels.data() + to);
        texture.start[texture.levels++] = to / 4;
        height = half_height;
        width = half_width;
    }
    model.textures.push_back(texture);
}

}  // namespace nearfar::scene
