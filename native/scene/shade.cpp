// Samples are worked on in blocks: what their faces say of them is gathered run by run, the rest is done for all samples
// of a block alike, by sources that are compiled once per SIMD level.
#include "scene/shade.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "core/pool.hpp"
#include "scene/facet.hpp"
#include "scene/light_rows.hpp"
#include "scene/meet_rows.hpp"
#include "scene/texture.hpp"

namespace nearfar::scene {
namespace {

constexpr std::size_t chunk_size = 64 * block_size;
constexpr std::size_t facets_kept = 512;
constexpr std::size_t slots = 2048;

void put(float* target, const Vec& value) noexcept {
    target[0] = static_cast<float>(value.x);
    target[1] = static_cast<float>(value.y);
    target[2] = static_cast<float>(value.z);
}

Motion world_from_camera(const PartPlace& place) noexcept {
    Motion whole{};
    const Motion& world = place.world_from_part;
    const Motion& part = place.part_from_camera;
    for (int k = 0; k < 3; ++k) whole.row[k] = part.turn_back(world.row[k]);
    whole.at = world.apply(part.at);
    return whole;
}

// Lines of the plane and of the barycentric coordinates, in the camera's axes.
void place_facet(const Face& face, const Motion& motion, Facet& facet) noexcept {
    const Vec from_camera = load(face.corner) - motion.at;
    const Vec plane = cross(load(face.edge1), load(face.edge2));
    const double scale = 1.0 / dot(from_camera, plane);
    const Vec nearness = motion.turn_back(plane) * scale;
    const Vec u_slope = load(face.u_slope);
    const Vec v_slope = load(face.v_slope);
    const Vec u = motion.turn_back(u_slope);
    const Vec v = motion.turn_back(v_slope);
    const double lines[3][4] = {{nearness.x, nearness.y, nearness.z, 0.0},
                                {u.x, u.y, u.z, -dot(u_slope, from_camera)},
                                {v.x, v.y, v.z, -dot(v_slope, from_camera)}};
    std::copy_n(lines[0], 3, facet.plane);
    std::copy_n(lines[1], 4, facet.u);
    std::copy_n(lines[2], 4, facet.v);
    facet.edge_on_depth = static_cast<float>(std::max(motion.turn_back(from_camera).z, 1e-9));
}

void fill_corners(const Model& model, const Face& face, const Motion& world_from_part, Facet& facet) noexcept {
    const Vertex* corner[3];
    for (std::size_t k = 0; k < 3; ++k) corner[k] = &model.vertices[static_cast<std::size_t>(face.vertex[k])];
    const auto spread = [&](float (&target)[3], float a, float b, float c) {
        target[0] = a;
        target[1] = b - a;
        target[2] = c - a;
    };
    spread(facet.s, corner[0]->s, corner[1]->s, corner[2]->s);
    spread(facet.t, corner[0]->t, corner[1]->t, corner[2]->t);
    spread(facet.key, corner[0]->key, corner[1]->key, corner[2]->key);
    float normals[3][3];
    for (int k = 0; k < 3; ++k) put(normals[k], world_from_part.turn(load(corner[k]->normal)));
    for (int c = 0; c < 3; ++c) {
        spread(facet.light[c], corner[0]->light[c], corner[1]->light[c], corner[2]->light[c]);
        spread(facet.normal[c], normals[0][c], normals[1][c], normals[2][c]);
    }
}

void fill_material(const Model& model, const Face& face, const Motion& motion, Facet& facet) noexcept {
    const Material& material = model.materials[static_cast<std::size_t>(face.material)];
    std::copy_n(material.albedo, 3, facet.albedo);
    std::copy_n(material.emission, 3, facet.emission);
    facet.reflectance = material.reflectance;
    facet.sharpness = material.sharpness;
    facet.object = face.object;
    facet.part = face.part;
    facet.texture = nullptr;
    facet.width = facet.height = 1.0F;
    if (material.texture < 0) return;
    facet.texture = &model.textures[static_cast<std::size_t>(material.texture)];
    facet.texels = model.texels.data();
    facet.width = static_cast<float>(facet.texture->width);
    facet.height = static_cast<float>(facet.texture->height);
    put(facet.s_slope, motion.turn_back(load(face.s_slope)) * static_cast<double>(facet.width));
    put(facet.t_slope, motion.turn_back(load(face.t_slope)) * static_cast<double>(facet.height));
}

void fill_facet(const Model& model, const View& view, std::int32_t number, Facet& facet) noexcept {
    const Face& face = model.faces[static_cast<std::size_t>(number)];
    const PartPlace& part = view.parts[static_cast<std::size_t>(face.part)];
    const Motion& motion = part.part_from_camera;
    facet.face = number;
    place_facet(face, motion, facet);
    fill_corners(model, face, part.world_from_part, facet);
    fill_material(model, face, motion, facet);
    const Vec plane = cross(load(face.edge1), load(face.edge2));
    const double side = dot(load(face.corner) - motion.at, plane) > 0.0 ? -1.0 : 1.0;
    put(facet.front, part.world_from_part.turn(plane) * side);
}

// The facets that were made last: neighbours mostly see the same one, and so do samples of neighbouring rows. One that
// is given out stays as it is while a block's worth of others are asked for.
class Facets {
public:
    Facets(const Model& model, const View& view) : model_(model), view_(view) { slot_.fill(0); }

    const Facet& operator[](std::int32_t face) noexcept {
        std::uint16_t& slot = slot_[static_cast<std::size_t>(face) % slots];
        const std::size_t left = (slot + facets_kept - next_) % facets_kept;  // others until it is overwritten
        if (slot >= filled_ || kept_[slot].face != face || left < block_size) {
            slot = next_;
            fill_facet(model_, view_, face, kept_[slot]);
            next_ = static_cast<std::uint16_t>((next_ + 1) % facets_kept);
            filled_ = std::max<std::uint16_t>(filled_, static_cast<std::uint16_t>(slot + 1));
        }
        return kept_[slot];
    }

private:
    const Model& model_;
    const View& view_;
    std::array<std::uint16_t, slots> slot_;
    std::uint16_t next_ = 0, filled_ = 0;
    std::array<Facet, facets_kept> kept_;
};

// The colour that comes from a direction (of length 1, world axes, y up).
Vecf gradient(const Vecf (&colors)[3], const Vecf& direction) noexcept {
    const float up = direction.y;
    if (up >= 0.0F) {
        const float share = 1.0F - (1.0F - up) * (1.0F - up);
        return colors[1] * (1.0F - share) + colors[0] * share;
    }
    const float share = std::min(-4.0F * up, 1.0F);
    return colors[1] * (1.0F - share) + colors[2] * share;
}

class Shader {
public:
    Shader(const Model& model, const View& view, const Seen& seen)
        : model_(model), view_(view), seen_(seen), world_from_camera_(world_from_camera(view.parts[0])) {
        const auto row = [](float (&target)[3], const Vecf& value) {
            target[0] = value.x;
            target[1] = value.y;
            target[2] = value.z;
        };
        for (int k = 0; k < 3; ++k) {
            put(lighting_.world_from_camera[k], world_from_camera_.row[k]);
            row(lighting_.mirrored[k], view.surroundings.mirrored[k]);
        }
        row(lighting_.key_color, view.surroundings.key_color);
        put(lighting_.key_place, view.surroundings.key_place - world_from_camera_.at);
        for (const Ball& ball : view.balls) {
            Shade shade{{}, static_cast<float>(ball.radius), ball.part};
            put(shade.center, ball.center - world_from_camera_.at);
            shades_.push_back(shade);
        }
        lighting_.shades = shades_.data();
        lighting_.shade_count = shades_.size();
    }

    void shade(std::size_t begin, std::size_t end) const {
        const auto facets = std::make_unique<Facets>(model_, view_);
        const auto block = std::make_unique<Block>();
        for (std::size_t first = begin; first < end; first += block_size) {
            block->count = std::min(block_size, end - first);
            gather(first, *facets, *block);
            if (block->runs > 0) {
                meet_rows().meet(*block, static_cast<float>(view_.across), static_cast<float>(view_.down));
                sampler().sample(*block);
                light_rows().light(*block, lighting_);
            }
            hand_out(first, *block);
        }
    }

private:
    void gather(std::size_t first, Facets& facets, Block& block) const noexcept {
        const std::int32_t* hits = view_.hits.data() + first;
        block.runs = 0;
        block.textured = block.mirroring = false;
        look(first, block);
        for (std::size_t i = 0; i < block.count;) {
            const std::size_t begin = i;
            const std::int32_t hit = hits[i];
            while (i < block.count && hits[i] == hit) ++i;
            if (hit < 0) continue;
            const Facet& facet = facets[hit];
            block.run[block.runs++] = {&facet, begin, i};
            block.textured = block.textured || facet.texture != nullptr;
            block.mirroring = block.mirroring || facet.reflectance > 0.0F;
        }
    }

    void look(std::size_t first, Block& block) const noexcept {
        if (!view_.rays.empty()) {
            const float* rays = view_.rays.data() + 3 * first;
            for (std::size_t i = 0; i < block.count; ++i) {
                for (std::size_t c = 0; c < 3; ++c) block.ray[c][i] = rays[3 * i + c];
            }
            return;
        }
        const std::size_t width = view_.columns.size();
        std::size_t x = first % width;
        std::size_t y = first / width;
        for (std::size_t i = 0; i < block.count;) {
            const std::size_t end = std::min(block.count, i + width - x);
            std::copy_n(view_.columns.data() + x, end - i, block.ray[0] + i);
            std::fill(block.ray[1] + i, block.ray[1] + end, view_.rows[y++]);
            std::fill(block.ray[2] + i, block.ray[2] + end, 1.0F);
            i = end;
            x = 0;
        }
    }

    void hand_out(std::size_t first, const Block& block) const noexcept {
        float* color = seen_.color + 3 * first;
        for (std::size_t i = 0; i < block.count; ++i) {
            for (std::size_t c = 0; c < 3; ++c) color[3 * i + c] = block.color[c][i];
        }
        if (seen_.depth != nullptr) std::copy_n(block.depth, block.count, seen_.depth + first);
        if (seen_.object != nullptr) std::copy_n(block.object, block.count, seen_.object + first);
        if (seen_.normal != nullptr) light_rows().turn_normals(block, lighting_, seen_.normal + 3 * first);
        for (std::size_t i = 0; i < block.count; ++i) {
            const float ray[3] = {block.ray[0][i], block.ray[1][i], block.ray[2][i]};
            if (view_.hits[first + i] < 0) show_sky(first + i, ray);
        }
    }

    void show_sky(std::size_t i, const float (&ray)[3]) const noexcept {
        const Vecf direction = unit(rounded(world_from_camera_.turn(load(ray))));
        const Vecf color = gradient(view_.surroundings.sky, direction);
        const float numbers[3] = {color.x, color.y, color.z};
        std::copy_n(numbers, 3, seen_.color + 3 * i);
        if (seen_.depth != nullptr) seen_.depth[i] = std::numeric_limits<float>::infinity();
        if (seen_.normal != nullptr) std::fill_n(seen_.normal + 3 * i, 3, 0.0F);
        if (seen_.object != nullptr) seen_.object[i] = -1;
    }

    const Model& model_;
    const View& view_;
    const Seen& seen_;
    Motion world_from_camera_;
    Lighting lighting_{};
    std::vector<Shade> shades_;
};

}  // namespace

void shade(const Model& model, const View& view, const Seen& seen) {
    const Shader shader(model, view, seen);
    parallel_for(view.hits.size(), chunk_size, [&](std::size_t begin, std::size_t end) { shader.shade(begin, end); });
}

void shade_here(const Model& model, const View& view, const Seen& seen) {
    Shader(model, view, seen).shade(0, view.hits.size());
}

}  // namespace nearfar::scene
