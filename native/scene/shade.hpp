// From what each ray hits to what it sees: exact depth, normal, object and linear colour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "scene/model.hpp"
#include "scene/vector.hpp"

namespace nearfar::scene {

// Where a part of the scene is in this moment. Its own ball neither shades it nor is shaded by it.
struct PartPlace {
    Motion part_from_camera;
    Motion world_from_part;
};

// A moving thing's shadow is that of a ball.
struct Ball {
    Vec center;
    double radius;
    std::int32_t part;
};

// Linear colours of what is not a face: the sky overhead and at the horizon, the ground below, and the same three as
// glossy things mirror them; and where the key light comes from (a far point for the sun).
struct Surroundings {
    Vecf sky[3];
    Vecf mirrored[3];
    Vecf key_color;  // what a white face turned towards the light sends back
    Vec key_place;
};

struct View {
    std::span<const float> rays;         // x, y, 1 in camera axes, per sample; none: samples lie on the grid
    std::span<const float> columns, rows;  // x and y of the grid's rays, row by row
    std::span<const std::int32_t> hits;  // face, or −1
    std::span<const PartPlace> parts;
    std::span<const Ball> balls;
    Surroundings surroundings;
    double across, down;  // how much x and y of a ray change from a pixel to the next
};

// Memory for one value a sample; colour always, the rest where it is not null.
struct Seen {
    float* color;    // 3, linear
    float* depth;    // metres along the camera's axis; +inf: nothing there
    float* normal;   // 3, camera axes, towards the camera; 0: nothing there
    std::int32_t* object;  // −1: nothing there
};

// Every hit is below the number of faces and every part that a face names is in `parts`.
void shade(const Model& model, const View& view, const Seen& seen);

// The same on this thread alone, for callers that are part of a job.
void shade_here(const Model& model, const View& view, const Seen& seen);

}  // namespace nearfar::scene
