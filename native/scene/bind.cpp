// Kernels of nearfar.scene for Python.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bind.hpp"
#include "scene/develop.hpp"
#include "scene/model.hpp"
#include "scene/picture.hpp"
#include "scene/raster.hpp"
#include "scene/shade.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

using scene::Model;

template <class T>
using PictureIn = nb::ndarray<const T, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
template <class T>
using ListIn = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class T>
using ListOut = nb::ndarray<nb::numpy, const T, nb::ndim<1>, nb::c_contig>;

template <class T>
ListOut<T> hand_over_list(std::unique_ptr<T[]> memory, std::size_t count) {
    T* data = memory.get();
    nb::capsule owner(data, [](void* held) noexcept { delete[] static_cast<T*>(held); });
    static_cast<void>(memory.release());
    return ListOut<T>(data, {count}, owner);
}

void require(bool holds, const char* message) {
    if (!holds) throw std::invalid_argument(message);
}

template <class T>
std::span<const T> columns(const MapIn<T>& array, std::size_t width, const char* message) {
    require(array.shape(1) == width, message);
    return {array.data(), array.size()};
}

void check_faces(std::span<const std::int32_t> faces, std::size_t vertices, std::size_t materials) {
    for (std::size_t i = 0; i < faces.size(); ++i) {
        const std::size_t column = i % 6;
        const std::size_t most = column < 3    ? vertices
                                 : column == 3 ? materials
                                               : static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
        require(faces[i] >= 0 && static_cast<std::size_t>(faces[i]) < most, "a face names what is not there");
    }
}

scene::Material read_material(const float* row, std::size_t textures) {
    scene::Material material{};
    require(row[0] >= -1.0F && row[0] < static_cast<float>(textures), "a material names no texture of the scene");
    require(row[1] >= 0.0F && row[1] <= 12.0F, "the sharpness of a material lies between 0 and 12");
    material.texture = static_cast<std::int32_t>(row[0]);
    material.sharpness = static_cast<std::int32_t>(row[1]);
    std::copy_n(row + 2, 3, material.albedo);
    std::copy_n(row + 5, 3, material.emission);
    material.reflectance = row[8];
    return material;
}

Model* make_model(const MapIn<float>& positions, const MapIn<float>& normals, const MapIn<float>& coordinates,
                  const MapIn<float>& light, const MapIn<std::int32_t>& faces, const MapIn<float>& materials,
                  const std::vector<PictureIn<std::uint8_t>>& textures) {
    const scene::Vertices vertices{columns(positions, 3, "positions are (V, 3)"), columns(normals, 3, "normals are (V, 3)"),
                                   columns(coordinates, 2, "coordinates are (V, 2)"), columns(light, 4, "light is (V, 4)")};
    const std::size_t count = positions.shape(0);
    require(normals.shape(0) == count && coordinates.shape(0) == count && light.shape(0) == count,
            "every vertex has a position, a normal, coordinates and light");
    const auto rows = columns(materials, 9, "materials are (M, 9)");
    const auto indices = columns(faces, 6, "faces are (F, 6)");
    check_faces(indices, count, materials.shape(0));
    auto model = std::make_unique<Model>();
    const KernelScope scope;
    for (std::size_t i = 0; i < rows.size(); i += 9) {
        model->materials.push_back(read_material(rows.data() + i, textures.size()));
    }
    std::size_t texels = 0;
    for (const auto& picture : textures) texels += picture.size() * 2;  // halvings take less than a half
    model->texels.reserve(texels);
    for (const auto& picture : textures) {
        require(picture.shape(2) == 4 && std::has_single_bit(picture.shape(0)) && std::has_single_bit(picture.shape(1)) &&
                    std::max(picture.shape(0), picture.shape(1)) <= 16384,
                "a texture is (H, W, 4), its sides powers of two up to 16384");
        scene::add_texture(*model, picture.data(), picture.shape(0), picture.shape(1));
    }
    scene::fill_faces(*model, vertices, indices);
    for (const scene::Face& face : model->faces) {
        model->parts = std::max(model->parts, static_cast<std::size_t>(face.part) + 1);
    }
    return model.release();
}

// Twelve numbers, row by row of [R | t].
scene::Motion read_motion(const double* row) {
    scene::Motion motion{};
    for (std::size_t k = 0; k < 3; ++k) motion.row[k] = {row[4 * k], row[4 * k + 1], row[4 * k + 2]};
    motion.at = {row[3], row[7], row[11]};
    return motion;
}

scene::Surroundings read_surroundings(const double* row) {
    const auto color = [row](std::size_t k) { return scene::rounded({row[3 * k], row[3 * k + 1], row[3 * k + 2]}); };
    return {{color(0), color(1), color(2)}, {color(3), color(4), color(5)}, color(6), {row[21], row[22], row[23]}};
}

std::vector<scene::PartPlace> read_parts(const Model& model, const MapIn<double>& parts) {
    static_cast<void>(columns(parts, 24, "parts are (P, 24)"));
    require(parts.shape(0) == model.parts, "every part has a place");
    std::vector<scene::PartPlace> places;
    for (std::size_t i = 0; i < parts.shape(0); ++i) {
        places.push_back({read_motion(parts.data() + 24 * i), read_motion(parts.data() + 24 * i + 12)});
    }
    return places;
}

scene::StraightCamera read_camera(const ListIn<double>& camera, std::size_t height, std::size_t width) {
    require(camera.size() == 4 && camera.data()[0] > 0.0 && camera.data()[1] > 0.0, "a camera is fx, fy, cx, cy");
    require(height > 0 && width > 0 && height < (1U << 20U) && width < (1U << 20U), "a size that no picture has");
    const double* k = camera.data();
    return {k[0], k[1], k[2], k[3], width, height};
}

scene::Sensor read_sensor(double exposure, double electrons, double read_noise, double vignetting, std::uint64_t seed) {
    require(exposure > 0.0 && std::isfinite(exposure), "exposure must be above 0");
    require(electrons >= 0.0 && read_noise >= 0.0 && vignetting >= 0.0 && vignetting <= 1.0, "a sensor that cannot be");
    return {exposure, electrons, read_noise, vignetting, seed};
}

std::vector<scene::Ball> read_balls(const MapIn<double>& balls) {
    static_cast<void>(columns(balls, 5, "balls are (B, 5)"));
    std::vector<scene::Ball> shadows;
    for (const double* row = balls.data(); row != balls.data() + balls.size(); row += 5) {
        shadows.push_back({{row[0], row[1], row[2]}, row[3], static_cast<std::int32_t>(row[4])});
    }
    return shadows;
}

MapOut<std::int32_t> first_faces(const Model& model, const MapIn<double>& parts, const ListIn<double>& camera,
                                 std::size_t height, std::size_t width) {
    const scene::StraightCamera straight = read_camera(camera, height, width);
    const std::vector<scene::PartPlace> places = read_parts(model, parts);
    std::unique_ptr<std::int32_t[]> faces(new std::int32_t[height * width]);
    {
        const KernelScope scope;
        scene::first_faces(model, straight, places, faces.get());
    }
    return hand_over(std::move(faces), height, width);
}

using ShadedOut = std::tuple<MapOut<float>, ListOut<float>, MapOut<float>, ListOut<std::int32_t>>;

// With color_alone the other three come back empty.
ShadedOut shade(const Model& model, const MapIn<float>& rays, const ListIn<std::int32_t>& hits,
                const MapIn<double>& parts, const MapIn<double>& balls, const MapIn<double>& surroundings,
                std::pair<double, double> step, bool color_alone) {
    scene::View view{};
    view.rays = columns(rays, 3, "rays are (N, 3)");
    view.hits = {hits.data(), hits.size()};
    require(rays.shape(0) == hits.size(), "a hit for each ray");
    static_cast<void>(columns(surroundings, 3, "surroundings are (8, 3)"));
    require(surroundings.shape(0) == 8, "surroundings are (8, 3)");
    const std::vector<scene::PartPlace> places = read_parts(model, parts);
    const std::vector<scene::Ball> shadows = read_balls(balls);
    view.parts = places;
    view.balls = shadows;
    view.surroundings = read_surroundings(surroundings.data());
    view.across = step.first;
    view.down = step.second;
    const std::size_t count = hits.size();
    std::unique_ptr<float[]> color(new float[3 * count]);
    const std::size_t rest = color_alone ? 0 : count;
    std::unique_ptr<float[]> depth(new float[rest]);
    std::unique_ptr<float[]> normal(new float[3 * rest]);
    std::unique_ptr<std::int32_t[]> object(new std::int32_t[rest]);
    {
        const KernelScope scope;
        const auto faces = static_cast<std::int32_t>(model.faces.size());
        for (const std::int32_t hit : view.hits) require(hit < faces, "a hit beyond the faces");
        scene::Seen seen{color.get(), nullptr, nullptr, nullptr};
        if (!color_alone) seen = {color.get(), depth.get(), normal.get(), object.get()};
        scene::shade(model, view, seen);
    }
    return {hand_over(std::move(color), count, 3), hand_over_list(std::move(depth), rest),
            hand_over(std::move(normal), rest, 3), hand_over_list(std::move(object), rest)};
}

using PictureOut = nb::ndarray<nb::numpy, const std::uint8_t, nb::ndim<3>, nb::c_contig>;

PictureOut hand_over_picture(std::unique_ptr<std::uint8_t[]> memory, std::size_t height, std::size_t width) {
    std::uint8_t* data = memory.get();
    nb::capsule owner(data, [](void* held) noexcept { delete[] static_cast<std::uint8_t*>(held); });
    static_cast<void>(memory.release());
    return {data, {height, width, 3}, owner};
}

PictureOut develop(const PictureIn<float>& linear, double exposure, double electrons, double read_noise,
                   double vignetting, std::uint64_t seed) {
    require(linear.shape(2) == 3 && linear.size() > 0, "a linear picture is (H, W, 3)");
    const scene::Sensor sensor = read_sensor(exposure, electrons, read_noise, vignetting, seed);
    const std::size_t height = linear.shape(0);
    const std::size_t width = linear.shape(1);
    std::unique_ptr<std::uint8_t[]> out(new std::uint8_t[linear.size()]);
    {
        const KernelScope scope;
        scene::develop(linear.data(), height, width, sensor, out.get());
    }
    return hand_over_picture(std::move(out), height, width);
}

PictureOut picture(const Model& model, const MapIn<double>& parts, const MapIn<double>& balls,
                   const MapIn<double>& surroundings, const ListIn<double>& camera, const ListIn<float>& columns_of,
                   const ListIn<float>& rows_of, double exposure, double electrons, double read_noise,
                   double vignetting, std::uint64_t seed) {
    static_cast<void>(columns(surroundings, 3, "surroundings are (8, 3)"));
    require(surroundings.shape(0) == 8, "surroundings are (8, 3)");
    const std::size_t height = rows_of.size();
    const std::size_t width = columns_of.size();
    const scene::StraightCamera straight = read_camera(camera, height, width);
    const scene::Sensor sensor = read_sensor(exposure, electrons, read_noise, vignetting, seed);
    const std::vector<scene::PartPlace> places = read_parts(model, parts);
    const std::vector<scene::Ball> shadows = read_balls(balls);
    scene::View view{};
    view.columns = {columns_of.data(), width};
    view.rows = {rows_of.data(), height};
    view.parts = places;
    view.balls = shadows;
    view.surroundings = read_surroundings(surroundings.data());
    view.across = 1.0 / straight.fx;
    view.down = 1.0 / straight.fy;
    std::unique_ptr<std::uint8_t[]> out(new std::uint8_t[height * width * 3]);
    {
        const KernelScope scope;
        scene::picture(model, straight, view, sensor, out.get());
    }
    return hand_over_picture(std::move(out), height, width);
}

}  // namespace

void bind_scene(nb::module_& module) {
    nb::class_<Model>(module, "SceneModel", "Faces, materials and textures of a scene, kept for rendering.")
        .def("__init__",
             [](Model* place, const MapIn<float>& positions, const MapIn<float>& normals,
                const MapIn<float>& coordinates, const MapIn<float>& light, const MapIn<std::int32_t>& faces,
                const MapIn<float>& materials, const std::vector<PictureIn<std::uint8_t>>& textures) {
                 const std::unique_ptr<Model> made(
                     make_model(positions, normals, coordinates, light, faces, materials, textures));
                 new (place) Model(std::move(*made));
             },
             nb::arg("positions").noconvert(), nb::arg("normals").noconvert(), nb::arg("coordinates").noconvert(),
             nb::arg("light").noconvert(), nb::arg("faces").noconvert(), nb::arg("materials").noconvert(), "textures"_a)
        .def("first_faces", &first_faces, nb::arg("parts").noconvert(), nb::arg("camera").noconvert(), "height"_a,
             "width"_a, "The face that each pixel of a straight camera sees first, (H, W); -1 for none.")
        .def("shade", &shade, nb::arg("rays").noconvert(), nb::arg("hits").noconvert(), nb::arg("parts").noconvert(),
             nb::arg("balls").noconvert(), nb::arg("surroundings").noconvert(), "step"_a, "color_alone"_a,
             "What each ray sees by the face that it hits: linear colour; depth, normal and object as well.")
        .def("picture", &picture, nb::arg("parts").noconvert(), nb::arg("balls").noconvert(),
             nb::arg("surroundings").noconvert(), nb::arg("camera").noconvert(), nb::arg("columns").noconvert(),
             nb::arg("rows").noconvert(), "exposure"_a, "electrons"_a, "read_noise"_a, "vignetting"_a, "seed"_a,
             "What a straight camera sees as sRGB codes: first_faces, shade and develop in one go, bit for bit.");
    module.def("develop", &develop, nb::arg("linear").noconvert(), "exposure"_a, "electrons"_a, "read_noise"_a,
               "vignetting"_a, "seed"_a, "A linear picture as sRGB codes, with the noise of a sensor.");
}

}  // namespace nearfar
