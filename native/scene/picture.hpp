// From a scene to a camera's picture in one go, for pictures so large that what lies between is not worth keeping.
//
//     band of rows ── faces ── light ── codes ──▶ out          a few megabytes for each thread, however large it is
#pragma once

#include <cstdint>

#include "scene/develop.hpp"
#include "scene/raster.hpp"
#include "scene/shade.hpp"

namespace nearfar::scene {

// The bits of first_faces, shade and develop. `view` has the grid of the camera's rays and no hits; `out` holds three
// codes a pixel.
void picture(const Model& model, const StraightCamera& camera, const View& view, const Sensor& sensor,
             std::uint8_t* out);

}  // namespace nearfar::scene
