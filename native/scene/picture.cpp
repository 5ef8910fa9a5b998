#include "scene/picture.hpp"

#include <memory>

namespace nearfar::scene {

void picture(const Model& model, const StraightCamera& camera, const View& view, const Sensor& sensor,
             std::uint8_t* out) {
    const auto take = [&](std::size_t first, std::size_t last, std::span<const std::int32_t> faces) {
        const auto light = std::make_unique_for_overwrite<float[]>(3 * faces.size());
        View band = view;
        band.hits = faces;
        band.rows = view.rows.subspan(first, last - first);
        shade_here(model, band, {light.get(), nullptr, nullptr, nullptr});
        develop_some(light.get(), camera.height, camera.width, first, last, sensor, out + 3 * first * camera.width);
    };
    first_faces_in_bands(model, camera, view.parts, take);
}

}  // namespace nearfar::scene
