// What textures are made of and what they become: smooth noise that repeats, and texels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nearfar::scene {

// Random values at the corners of a grid of cells, and how much they count.
struct Octave {
    const double* values;  // (down, across)
    std::size_t down, across;
    double weight;
};

// The sum of the octaves, each spread smoothly and around the edges over (height, width), times `scale`.
void smooth_noise(std::span<const Octave> octaves, double scale, std::size_t height, std::size_t width, double* out);

// The texture's code of a picture of 3 or 4 channels in 0..1: square roots of linear light and of the reflectance.
void texels(const double* picture, std::size_t count, std::size_t channels, std::uint8_t* out);

}  // namespace nearfar::scene
