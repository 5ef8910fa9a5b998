// What an infrared camera gets of a projected pattern: through the geometry, with shadows, blurred and gathered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nearfar::pattern {

// The pattern, one row of it for each row of samples (two to a pixel): running sums, 2^20 to full brightness, which
// may wrap. It repeats to the sides.
struct Dots {
    const std::uint32_t* sums;  // (2·height, columns + 1)
    std::size_t columns;
    float texels;  // samples of it to a pixel
};

struct Ground {
    const float* values;  // (height, width) metres, or 1/metre; NaN in holes
    bool is_depth;
    const float* surface;  // (height, width), what surfaces send back, or null: all of it
    std::size_t height, width;
};

// Light on a white surface, as parts of full scale.
struct Lamps {
    float pull;       // focal length times baseline: pixels of shift of what is 1 m away
    float first;      // camera column of the map's column 0
    bool falls_off;   // with the square of the distance
    float exposure;   // the brightest dot, at 1 m where it falls off
    float ambient;    // the room's light, times 1 + down[y]·across[x]
    const float* down;
    const float* across;
};

// Weights of the samples left and right of a pixel's middle, from `-before` pixels on: what lies k pixels beside a
// pixel counts weights[k + before], for its left sample to the right and for its right sample to the left.
struct Blur {
    std::span<const float> weights;
    std::size_t before;
};

// light (height, width) as parts of full scale; shadow: 1 where more than half of a pixel lies in that of something
// nearer. The shadow is a z-buffer in whole pixels of the projector.
void light(const Ground& ground, const Dots& dots, const Lamps& lamps, const Blur& blur, float* light, bool* shadow);

// Whole numbers from 0 to the greatest of Count, of light with noise. full_well: electrons at full scale.
template <class Count>
void expose(const float* light, std::size_t height, std::size_t width, float read_noise, float full_well,
            std::uint64_t seed, Count* counts);

}  // namespace nearfar::pattern
