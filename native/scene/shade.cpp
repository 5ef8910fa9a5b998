#include "scene/shade.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/pool.hpp"
#include "scene/texture.hpp"

namespace nearfar::scene {
namespace {

// What all pixels that see a face share: neighbours mostly see the same one.
struct Aim {
    const Face* face;
    const PartPlace* part;
    Vec plane;         // normal of the face, of no certain length, in the part's axes
    Vec from_camera;   // the face's corner seen from the camera
    double distance;   // from_camera · plane
    Vec across, down;  // how rays change from a pixel to the next, in the part's axes
    double across_plane, down_plane;
};

struct Point {
    double depth;
    Vec direction;  // of the ray, in the part's axes
    Vec place;      // in the part's axes
    Vecf normal;    // shading normal in the part's axes, towards the camera
    Vecf light;
    float key;
    float s, t;
    Footprint footprint;
};

Vecf mixed(const float* a, const float* b, const float* c, float u, float v) noexcept {
    const float w = 1.0F - u - v;
    return loadf(a) * w + loadf(b) * u + loadf(c) * v;
}

Aim aim_at(const Face& face, const View& view) noexcept {
    Aim aim{};
    aim.face = &face;
    aim.part = &view.parts[static_cast<std::size_t>(face.part)];
    const Motion& motion = aim.part->part_from_camera;
    aim.plane = cross(load(face.edge1), load(face.edge2));
    aim.from_camera = load(face.corner) - motion.at;
    aim.distance = dot(aim.from_camera, aim.plane);
    aim.across = Vec{motion.row[0].x, motion.row[1].x, motion.row[2].x} * view.across;
    aim.down = Vec{motion.row[0].y, motion.row[1].y, motion.row[2].y} * view.down;
    aim.across_plane = dot(aim.across, aim.plane);
    aim.down_plane = dot(aim.down, aim.plane);
    return aim;
}

// Depth in double, from the face's plane: the caster's own float distance is not exact enough.
Point meet(const Model& model, const Aim& aim, const Vec& ray) noexcept {
    const Face& face = *aim.face;
    Point point{};
    point.direction = aim.part->part_from_camera.turn(ray);
    const double towards = dot(point.direction, aim.plane);
    const double inverse = 1.0 / towards;
    point.depth = aim.distance * inverse;
    if (!(point.depth > 0.0 && point.depth < 1e9)) {  // edge-on, or without area
        point.depth = std::max(aim.part->part_from_camera.turn_back(aim.from_camera).z, 1e-9);
    }
    const Vec from_corner = point.direction * point.depth - aim.from_camera;
    point.place = from_corner + load(face.corner);

    const Vecf offset = rounded(from_corner);
    const float u = std::clamp(dot(loadf(face.u_slope), offset), 0.0F, 1.0F);
    const float v = std::clamp(dot(loadf(face.v_slope), offset), 0.0F, 1.0F - u);
    const Vertex& a = model.vertices[static_cast<std::size_t>(face.vertex[0])];
    const Vertex& b = model.vertices[static_cast<std::size_t>(face.vertex[1])];
    const Vertex& c = model.vertices[static_cast<std::size_t>(face.vertex[2])];
    const float w = 1.0F - u - v;
    point.s = a.s * w + b.s * u + c.s * v;
    point.t = a.t * w + b.t * u + c.t * v;
    point.light = mixed(a.light, b.light, c.light, u, v);
    point.key = a.key * w + b.key * u + c.key * v;

    point.normal = unit(mixed(a.normal, b.normal, c.normal, u, v));
    const Vecf plane = rounded(aim.plane);
    const float side = dot(point.normal, plane);
    if ((towards > 0.0) == (side > 0.0F) && side != 0.0F) point.normal = point.normal * -1.0F;

    const double slope = point.depth * inverse;
    const Vecf right = rounded(aim.across * point.depth - point.direction * (aim.across_plane * slope));
    const Vecf below = rounded(aim.down * point.depth - point.direction * (aim.down_plane * slope));
    const Vecf s_slope = loadf(face.s_slope);
    const Vecf t_slope = loadf(face.t_slope);
    point.footprint = {dot(s_slope, right), dot(t_slope, right), dot(s_slope, below), dot(t_slope, below)};
    return point;
}

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

struct Shadow {
    float ambient, key;  // what is left of each light, 0..1
};

Shadow shadow_of(const View& view, std::int32_t part, const Vec& place, const Vecf& normal,
                 const Vecf& to_key) noexcept {
    Shadow left{1.0F, 1.0F};
    for (const Ball& ball : view.balls) {
        if (ball.part == part) continue;
        const Vecf away = rounded(ball.center - place);
        const auto radius = static_cast<float>(ball.radius);
        const float square = std::max(dot(away, away), radius * radius);
        if (square > 1600.0F * radius * radius) continue;
        const float distance = std::sqrt(square);
        const float cosine = std::clamp(dot(normal, away) / distance, 0.0F, 1.0F);
        left.ambient *= 1.0F - cosine * (radius * radius / square);
        const float along = dot(away, to_key);
        if (along > 0.0F) {
            const float beside = std::sqrt(std::max(square - along * along, 0.0F));
            const float blur = 0.25F * along + 0.02F * radius;
            const float share = std::clamp((beside - radius + blur) / (2.0F * blur), 0.0F, 1.0F);
            left.key *= share * share * (3.0F - 2.0F * share);
        }
    }
    return left;
}

struct Texel {
    Vecf color;
    float reflection;
};

Vecf lit(const View& view, const Material& material, const Texel& texel, const Aim& aim, const Point& point) noexcept {
    const PartPlace& part = *aim.part;
    const Vecf albedo = loadf(material.albedo) * texel.color;
    const float reflectance = material.reflectance * texel.reflection;
    if (view.balls.empty() && !(reflectance > 0.0F)) return albedo * point.light + loadf(material.emission) * texel.color;
    const Vec place = part.world_from_part.apply(point.place);
    const auto in_world = [&](const Vecf& a) {
        return rounded(part.world_from_part.turn(
            {static_cast<double>(a.x), static_cast<double>(a.y), static_cast<double>(a.z)}));
    };
    const Vecf normal = in_world(point.normal);
    const Vecf to_key = unit(rounded(view.surroundings.key_place - place));
    const float facing_key = std::max(dot(normal, to_key), 0.0F);
    Vecf light = point.light;
    float key = point.key;
    if (!view.balls.empty()) {
        const Shadow left = shadow_of(view, aim.face->part, place, normal, to_key);
        const Vecf direct = view.surroundings.key_color * (facing_key * key * (1.0F - left.key));
        // A near lamp gives more here and less there than its one colour says: some light is always left.
        light = Vecf{light.x - std::min(direct.x, 0.7F * light.x), light.y - std::min(direct.y, 0.7F * light.y),
                     light.z - std::min(direct.z, 0.7F * light.z)} *
                left.ambient;
        key *= left.key;
    }
    Vecf color = albedo * light + loadf(material.emission) * texel.color;
    if (reflectance > 0.0F) {
        const Vecf view_from = unit(in_world(rounded(point.direction * -1.0)));
        const float cosine = std::clamp(dot(normal, view_from), 0.0F, 1.0F);
        const float grazing = (1.0F - cosine) * (1.0F - cosine);
        const float share = reflectance + (std::max(1.0F - reflectance, 0.0F) * grazing) * (grazing * (1.0F - cosine)) *
                                              std::min(reflectance * 12.0F, 1.0F);
        const Vecf mirrored = normal * (2.0F * cosine) - view_from;
        // What surrounds a point is as dark as the light that reaches it.
        const float open = std::min((light.x + light.y + light.z) * (1.0F / 3.0F), 1.0F);
        color = color * (1.0F - share) + gradient(view.surroundings.mirrored, mirrored) * (share * open);
        float peak = std::clamp(dot(normal, unit(to_key + view_from)), 0.0F, 1.0F);
        for (std::int32_t k = 0; k < material.sharpness; ++k) peak *= peak;
        const float norm = static_cast<float>((1 << material.sharpness) + 8) * 0.125F;
        color = color + view.surroundings.key_color * (share * peak * norm * key * (facing_key > 0.0F ? 1.0F : 0.0F));
    }
    return color;
}

void put(float* target, const Vecf& value) noexcept {
    target[0] = value.x;
    target[1] = value.y;
    target[2] = value.z;
}

void shade_one(const Model& model, const View& view, const Seen& seen, std::size_t i, Aim& aim,
               const Sampler& texels) noexcept {
    const Vec ray = load(view.rays.data() + 3 * i);
    const std::int32_t hit = view.hits[i];
    if (hit < 0) {
        // The sky belongs to the world, in which part 0 stands still.
        const PartPlace& still = view.parts[0];
        const Vec far = still.world_from_part.turn(still.part_from_camera.turn(ray));
        put(seen.color + 3 * i, gradient(view.surroundings.sky, unit(rounded(far))));
        if (seen.depth != nullptr) seen.depth[i] = std::numeric_limits<float>::infinity();
        if (seen.normal != nullptr) put(seen.normal + 3 * i, {});
        if (seen.object != nullptr) seen.object[i] = -1;
        return;
    }
    const Face& face = model.faces[static_cast<std::size_t>(hit)];
    if (aim.face != &face) aim = aim_at(face, view);
    const Point point = meet(model, aim, ray);
    const Material& material = model.materials[static_cast<std::size_t>(face.material)];
    Texel texel{{1.0F, 1.0F, 1.0F}, 1.0F};
    if (material.texture >= 0) {
        const Texture& texture = model.textures[static_cast<std::size_t>(material.texture)];
        float found[4];
        texels.sample({model.texels.data() + 4 * texture.offset, texture.width, texture.height, texture.levels}, point.s,
                      point.t, point.footprint, found);
        texel = {loadf(found), found[3]};
    }
    put(seen.color + 3 * i, lit(view, material, texel, aim, point));
    if (seen.depth != nullptr) seen.depth[i] = static_cast<float>(point.depth);
    if (seen.object != nullptr) seen.object[i] = face.object;
    if (seen.normal != nullptr) {
        const Vec normal{static_cast<double>(point.normal.x), static_cast<double>(point.normal.y),
                         static_cast<double>(point.normal.z)};
        put(seen.normal + 3 * i, rounded(aim.part->part_from_camera.turn_back(normal)));
    }
}

}  // namespace

void shade(const Model& model, const View& view, const Seen& seen) {
    const Sampler& texels = sampler();
    parallel_for(view.hits.size(), 4096, [&](std::size_t begin, std::size_t end) {
        Aim aim{};
        for (std::size_t i = begin; i < end; ++i) shade_one(model, view, seen, i, aim, texels);
    });
}

}  // namespace nearfar::scene
