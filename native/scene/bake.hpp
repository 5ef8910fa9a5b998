// Light that is worked out once, when a scene is built: where to look for it, and what was found put together.
//
//     vertices ── rays about the normals ──▶ (a caster) ──▶ hits ── mean of what they send, and of the sky ──▶ light
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nearfar::scene {

struct Surfels {
    const float* positions;  // 3 a vertex
    const float* normals;
    std::span<const std::int32_t> numbers;  // of the vertices that are asked for
};

// Sets of directions about +z, of which vertex number n takes set n modulo `sets`.
struct Directions {
    const double* values;  // (sets, count, 3)
    std::size_t sets, count;
};

// Rays from a little above each vertex, turned about its normal by an angle of the vertex's own: `origins` and `ways`
// are (vertices, directions, 3).
void rays_about(const Surfels& surfels, const Directions& directions, double offset, float* origins, float* ways);

// The mean over each row of `hits` (rows, count) of three numbers a face; −1 gives 0.
void mean_sent(const float* sent, std::span<const std::int32_t> hits, std::size_t count, double* out);

// The same of the sky where nothing was hit: `colors` overhead, at the horizon, below; three numbers each.
void mean_sky(const double* colors, const float* ways, std::span<const std::int32_t> hits, std::size_t count, double* out);

// A point that shines, or the direction of a far one; the linear light that it sends and its share of the key light; and
// how much of its light a vertex gets at most.
struct Spot {
    double place[3];
    double front[3];  // area over pi of what it stands for, and where that faces; not of a far one
    double sent[4];
    double most;
    double far;  // not 0: a direction
};

// Ways from a little above vertices to the spots that they face.
struct SpotRays {
    std::vector<float> origins, ways;  // 3 a ray
    std::vector<std::int32_t> ends;  // vertex and spot
    std::vector<double> weight;  // of the light, and of the key light
};

// Of `count` vertices, each of which asks one spot in `each`, its neighbour in the list the next.
SpotRays rays_to_spots(const float* positions, const float* normals, std::size_t count, std::span<const Spot> spots,
                       double offset, std::size_t each);

// What arrives along the rays that are free: 4 numbers for each of `count` vertices.
void light_of_spots(std::span<const std::int32_t> ends, const double* weight, const bool* free,
                    std::span<const Spot> spots, std::size_t count, double* out);

// Rounds in which each of `count` vertices becomes the mean of itself and of what it shares a pair with, in place.
// Each number of `pairs` is below `count`.
void even_out(double* values, std::size_t count, std::size_t channels, std::span<const std::int32_t> pairs, int rounds);

}  // namespace nearfar::scene
