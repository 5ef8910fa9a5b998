#include "scene/model.hpp"

#include <algorithm>
#include <cmath>

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

// The mean light of 2 × 2 texels (or 2 × 1 where a side is 1 already), back in the texture's code.
void halve(const std::uint8_t* from, std::size_t height, std::size_t width, std::uint8_t* out) {
    const std::size_t down = height > 1 ? 2 : 1;
    const std::size_t across = width > 1 ? 2 : 1;
    for (std::size_t y = 0; y < height / down; ++y) {
        for (std::size_t x = 0; x < width / across; ++x) {
            for (std::size_t channel = 0; channel < 4; ++channel) {
                unsigned total = 0;
                for (std::size_t k = 0; k < down * across; ++k) {
                    const std::size_t row = y * down + k / across;
                    const std::size_t column = x * across + k % across;
                    const unsigned code = from[(row * width + column) * 4 + channel];
                    total += code * code;
                }
                const double mean = static_cast<double>(total) / static_cast<double>(down * across);
                *out++ = static_cast<std::uint8_t>(std::sqrt(mean) + 0.5);
            }
        }
    }
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
    model.faces.reserve(faces.size() / 6);
    for (std::size_t i = 0; i < faces.size(); i += 6) model.faces.push_back(make_face(vertices, faces.data() + i));
}

void add_texture(Model& model, const std::uint8_t* picture, std::size_t height, std::size_t width) {
    Texture texture{model.texels.size() / 4, static_cast<std::int32_t>(width), static_cast<std::int32_t>(height), 1};
    model.texels.insert(model.texels.end(), picture, picture + height * width * 4);
    while (height > 1 || width > 1) {
        const std::size_t level = model.texels.size() - height * width * 4;
        const std::size_t half_height = std::max<std::size_t>(height / 2, 1);
        const std::size_t half_width = std::max<std::size_t>(width / 2, 1);
        model.texels.resize(model.texels.size() + half_height * half_width * 4);
        halve(model.texels.data() + level, height, width, model.texels.data() + level + height * width * 4);
        height = half_height;
        width = half_width;
        ++texture.levels;
    }
    model.textures.push_back(texture);
}

}  // namespace nearfar::scene
