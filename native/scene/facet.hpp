// What lies between the hits of a block of samples and their colours, as plain memory: sources that are compiled once
// per SIMD level share it with those that are not.
//
//     Facet ── meet ──▶ Block: depth, texture place and footprint, light, normal ── sample ──▶ texel ── light ──▶ color
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::scene {

inline constexpr int most_levels = 15;  // of a texture of 16384 texels a side

// A picture and its halvings, four bytes a texel: square roots of linear red, green, blue and of a factor of
// reflectance. Each row is followed by its first texel again.
struct Texture {
    std::int32_t width, height, levels;  // sides are powers of two
    std::size_t start[most_levels];      // of each level, in texels
};

// What all samples that see one face share. Axes are the camera's where nothing else is said.
struct Facet {
    double plane[3];     // its product with a ray is one over the depth
    double u[4], v[4];   // barycentric u of a point: its product with the first three, plus the fourth
    float edge_on_depth; // where the plane gives none
    // The value at the first corner, and how it changes towards the second and the third one.
    float s[3], t[3], key[3];
    float light[3][3], normal[3][3];  // by component; normals in the world's axes
    float front[3];                   // points to the side from which the face is seen, in the world's axes
    float s_slope[3], t_slope[3];     // of the texture coordinates, in texels a metre
    float width, height;              // of the texture, in texels
    float albedo[3], emission[3], reflectance;
    std::int32_t sharpness, object, part, face;
    const Texture* texture;     // null: plain
    const std::uint8_t* texels; // of all textures
};

// Neighbouring samples of a block that see the same face.
struct Run {
    const Facet* facet;
    std::size_t begin, end;
};

inline constexpr std::size_t block_size = 128;
inline constexpr std::size_t run_step = 8;  // runs are worked on in such steps, the last of which may reach beyond

struct Block {
    using Values = float[block_size + run_step];
    using Numbers = std::int32_t[block_size + run_step];

    std::size_t count;  // of samples
    std::size_t runs;
    Run run[block_size];
    bool textured, mirroring;

    alignas(64) Values ray[3];
    alignas(64) Values depth;
    // Texture coordinates (1 is a whole picture) and how many texels they move from a pixel to the next; where there
    // is a texture.
    alignas(64) Values s, t, across_s, across_t, down_s, down_t;
    alignas(64) Values light[3], key;
    alignas(64) Values normal[3];       // world axes, towards the camera
    alignas(64) Values albedo[3], emission[3], reflectance;
    alignas(64) Numbers sharpness, part, object;
    alignas(64) Values texel[4];        // linear red, green, blue, factor of reflectance
    alignas(64) Values color[3];
};

}  // namespace nearfar::scene
