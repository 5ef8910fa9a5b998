// What a straight camera sees, face by face: for a grid of pixels far faster than a ray for each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
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

// The same in bands of whole rows, each handed out on the thread that drew it and then forgotten. Bands are drawn in
// several jobs, so that others come to their turn between.
using TakeBand = std::function<void(std::size_t first_row, std::size_t last_row, std::span<const std::int32_t> faces)>;
void first_faces_in_bands(const Model& model, const StraightCamera& camera, std::span<const PartPlace> parts,
                          const TakeBand& take);

}  // namespace nearfar::scene
