// What a straight camera sees, face by face: for a grid of pixels far faster than a ray for each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "scene/model.hpp"
#include "scene/shade.hpp"

namespace nearfar::scene {

// A camera without lens distortion: pixel (x, y), its centre at +0.5, sees along ((x − cx)/fx, (y − cy)/fy, 1).
struct StraightCamera {
    double fx, fy, cx, cy;
    std::size_t width, height;
};

// The first face that each pixel centre sees, or −1. Faces are seen from both sides; a centre on the edge between two
// belongs to one of them. Every part that a face names is in `parts`.
void first_faces(const Model& model, const StraightCamera& camera, std::span<const PartPlace> parts,
                 std::int32_t* faces);

}  // namespace nearfar::scene
