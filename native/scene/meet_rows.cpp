#include "scene/meet_rows.hpp"

#include "scene/arithmetic.hpp"

namespace nearfar::scene::NEARFAR_LEVEL {
namespace {

float at(const float (&values)[3], float u, float v) noexcept { return values[0] + values[1] * u + values[2] * v; }

// Depth and barycentric coordinates in double: a caster's own float distance is not exact enough.
void place(const Facet& __restrict facet, Block& __restrict block, std::size_t first, float* u, float* v) noexcept {
    const auto edge_on_depth = static_cast<double>(facet.edge_on_depth);
    for (std::size_t k = 0; k < run_step; ++k) {
        const std::size_t i = first + k;
        const auto x = static_cast<double>(block.ray[0][i]);
        const auto y = static_cast<double>(block.ray[1][i]);
        const auto z = static_cast<double>(block.ray[2][i]);
        double depth = 1.0 / (facet.plane[0] * x + facet.plane[1] * y + facet.plane[2] * z);
        depth = depth > 0.0 ? depth : edge_on_depth;
        depth = depth < 1e9 ? depth : edge_on_depth;
        block.depth[i] = static_cast<float>(depth);
        u[k] = static_cast<float>((facet.u[0] * x + facet.u[1] * y + facet.u[2] * z) * depth + facet.u[3]);
        v[k] = static_cast<float>((facet.v[0] * x + facet.v[1] * y + facet.v[2] * z) * depth + facet.v[3]);
    }
    for (std::size_t k = 0; k < run_step; ++k) {
        u[k] = between(u[k], 0.0F, 1.0F);
        v[k] = between(v[k], 0.0F, 1.0F - u[k]);
    }
}

void look(const Facet& __restrict facet, Block& __restrict block, std::size_t first, const float* u, const float* v) noexcept {
    for (std::size_t k = 0; k < run_step; ++k) {
        const std::size_t i = first + k;
        block.key[i] = at(facet.key, u[k], v[k]);
        block.light[0][i] = at(facet.light[0], u[k], v[k]);
        block.light[1][i] = at(facet.light[1], u[k], v[k]);
        block.light[2][i] = at(facet.light[2], u[k], v[k]);
    }
    for (std::size_t k = 0; k < run_step; ++k) {
        const std::size_t i = first + k;
        const float x = at(facet.normal[0], u[k], v[k]);
        const float y = at(facet.normal[1], u[k], v[k]);
        const float z = at(facet.normal[2], u[k], v[k]);
        const float side = x * facet.front[0] + y * facet.front[1] + z * facet.front[2];
        const float sign = side < 0.0F ? -1.0F : 1.0F;
        block.normal[0][i] = x * sign;
        block.normal[1][i] = y * sign;
        block.normal[2][i] = z * sign;
    }
    for (std::size_t k = 0; k < run_step; ++k) {
        const std::size_t i = first + k;
        for (int c = 0; c < 3; ++c) {
            block.albedo[c][i] = facet.albedo[c];
            block.emission[c][i] = facet.emission[c];
        }
        block.reflectance[i] = facet.reflectance;
        block.sharpness[i] = facet.sharpness;
        block.part[i] = facet.part;
        block.object[i] = facet.object;
    }
}

void spread(const Facet& __restrict facet, Block& __restrict block, std::size_t first, const float* u, const float* v, float across,
            float down) noexcept {
    const auto plane_x = static_cast<float>(facet.plane[0]);
    const auto plane_y = static_cast<float>(facet.plane[1]);
    for (std::size_t k = 0; k < run_step; ++k) {
        const std::size_t i = first + k;
        block.s[i] = at(facet.s, u[k], v[k]);
        block.t[i] = at(facet.t, u[k], v[k]);
        const float x = block.ray[0][i];
        const float y = block.ray[1][i];
        const float z = block.ray[2][i];
        const float s = facet.s_slope[0] * x + facet.s_slope[1] * y + facet.s_slope[2] * z;
        const float t = facet.t_slope[0] * x + facet.t_slope[1] * y + facet.t_slope[2] * z;
        const float depth = block.depth[i];
        const float step_x = depth * across;
        const float step_y = depth * down;
        const float nearer_x = depth * plane_x;
        const float nearer_y = depth * plane_y;
        block.across_s[i] = (facet.s_slope[0] - s * nearer_x) * step_x;
        block.across_t[i] = (facet.t_slope[0] - t * nearer_x) * step_x;
        block.down_s[i] = (facet.s_slope[1] - s * nearer_y) * step_y;
        block.down_t[i] = (facet.t_slope[1] - t * nearer_y) * step_y;
    }
}

void meet(Block& block, float across, float down) noexcept {
    for (std::size_t k = 0; k < block.runs; ++k) {
        const Run& run = block.run[k];
        for (std::size_t first = run.begin; first < run.end; first += run_step) {
            float u[run_step];
            float v[run_step];
            place(*run.facet, block, first, u, v);
            look(*run.facet, block, first, u, v);
            if (run.facet->texture != nullptr) spread(*run.facet, block, first, u, v, across, down);
        }
    }
}

}  // namespace

extern const MeetRows meet_rows;
const MeetRows meet_rows{meet};

}  // namespace nearfar::scene::NEARFAR_LEVEL
