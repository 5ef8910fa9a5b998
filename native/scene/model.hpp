// What a scene is made of, checked once and kept for any number of renderings.
//
//     vertices ─┐
//     faces ────┼─▶ Model: per face its corner, edges and the slopes of its texture coordinates in space
//     textures ─┘
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "scene/facet.hpp"

namespace nearfar::scene {

struct Vertex {
    float position[3];
    float normal[3];
    float s, t;      // texture coordinates; 1 is a whole picture, t counts downwards
    float light[3];  // linear light that falls here, divided by pi: times the albedo it is what leaves
    float key;       // how much of the key light is seen from here, 0..1
};

struct Face {
    float corner[3], edge1[3], edge2[3];
    float u_slope[3], v_slope[3];  // barycentric u = u_slope · (p − corner): how far along edge1; v along edge2
    float s_slope[3], t_slope[3];  // the same of the texture coordinates
    std::int32_t vertex[3];
    std::int32_t material, object, part;
};

struct Material {
    std::int32_t texture;     // −1: plain
    std::int32_t sharpness;   // the highlight is a cosine to the power of 2^sharpness, 0..12
    float albedo[3];          // times the texture
    float emission[3];        // times the texture
    float reflectance;        // share of light mirrored head-on
};

struct Vertices {
    std::span<const float> positions, normals, coordinates, light;  // 3, 3, 2 and 4 numbers a vertex
};

// Neighbours in the list of faces, and a ball around them where they move together.
inline constexpr std::size_t cluster_size = 128;
struct Cluster {
    float center[3], radius;  // infinite where they do not
    std::int32_t part;
    std::size_t first_corner, corners;  // in the model's list
};

// A vertex, and the part whose faces of the cluster have it.
struct Corner {
    std::int32_t vertex, part;
};

struct Model {
    std::vector<Vertex> vertices;
    std::vector<Face> faces;
    std::vector<Cluster> clusters;
    std::vector<Corner> corners;                              // of each cluster, each once
    std::vector<std::array<std::uint16_t, 3>> face_corners;  // of each face, counted from its cluster's first one
    std::vector<Material> materials;
    std::vector<Texture> textures;
    std::vector<std::uint8_t> texels;
    std::size_t parts = 1;  // one more than the highest that a face names
};

// `faces` holds six numbers a face: three vertices, material, object, part. All indices have been checked.
void fill_faces(Model& model, const Vertices& vertices, std::span<const std::int32_t> faces);

// Adds a picture (height, width, 4) of the texture's code, and its halvings. Sides are powers of two.
void add_texture(Model& model, const std::uint8_t* picture, std::size_t height, std::size_t width);

}  // namespace nearfar::scene
