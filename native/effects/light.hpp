// Between a picture's samples and linear light: sRGB-coded bytes or 16-bit words, or floats that are linear already.
#pragma once

#include <cstddef>
#include <cstdint>

#include "effects/grids.hpp"

namespace nearfar::effects {

enum class Coding { bytes, words, floats };

struct Dimming;
struct Highlights;

struct Picture {
    const void* samples;  // interleaved red, green, blue
    Coding coding;
    Index width, height;
    const Highlights* highlights = nullptr;  // what is brighter than its codes say; null: nothing
    const Dimming* dimming = nullptr;        // by how much all of it is; null: not at all
};

// Linear light 0..1 of each code, rounded from double.
const float* light_of_bytes();
const float* light_of_words();

// The nearest code; light is held to 0..1.
std::uint16_t word_of_light(float light);

// Three planes of `count` pixels of row y, from column x on.
void read_pixels(const Picture& picture, Index x, Index y, Index count, Index plane, float* light);

// The light of one pixel.
void read_pixel(const Picture& picture, Index x, Index y, float light[3]);

// Three planes of the window; beyond the picture it is dark.
void read_light(const Picture& picture, const Window& window, float* planes);

// Codes `count` pixels of three planes into a row of samples; count <= 64.
void write_row(Coding coding, const float* planes, Index plane, Index count, void* samples);

}  // namespace nearfar::effects
