#include "scene/light_rows.hpp"

#include "scene/arithmetic.hpp"

namespace nearfar::scene::NEARFAR_LEVEL {
namespace {

using Values = float[block_size];

// Where the samples are and where their light comes from: directions of length 1 in the world's axes.
struct Ways {
    alignas(64) Values place[3];   // seen from the camera, metres
    alignas(64) Values to_key[3];
    alignas(64) Values to_camera[3];
    alignas(64) Values facing_key;  // 0..1
    alignas(64) Values ambient_left, key_left;
};

float length_inverse(float x, float y, float z) noexcept {
    const float length = root(x * x + y * y + z * z);
    return length > 0.0F ? 1.0F / length : 1.0F;
}

void straighten(Block& block) noexcept {
    for (std::size_t i = 0; i < block.count; ++i) {
        const float scale = length_inverse(block.normal[0][i], block.normal[1][i], block.normal[2][i]);
        for (auto& component : block.normal) component[i] *= scale;
    }
}

void find_ways(const Block& block, const Lighting& lighting, Ways& __restrict ways) noexcept {
    const auto& turn = lighting.world_from_camera;
    const auto& normal = block.normal;
    for (std::size_t i = 0; i < block.count; ++i) {
        const float x = block.ray[0][i];
        const float y = block.ray[1][i];
        const float z = block.ray[2][i];
        const float away_x = turn[0][0] * x + turn[0][1] * y + turn[0][2] * z;
        const float away_y = turn[1][0] * x + turn[1][1] * y + turn[1][2] * z;
        const float away_z = turn[2][0] * x + turn[2][1] * y + turn[2][2] * z;
        const float back = -length_inverse(x, y, z);
        ways.to_camera[0][i] = away_x * back;
        ways.to_camera[1][i] = away_y * back;
        ways.to_camera[2][i] = away_z * back;
        const float place_x = away_x * block.depth[i];
        const float place_y = away_y * block.depth[i];
        const float place_z = away_z * block.depth[i];
        const float key_x = lighting.key_place[0] - place_x;
        const float key_y = lighting.key_place[1] - place_y;
        const float key_z = lighting.key_place[2] - place_z;
        const float scale = length_inverse(key_x, key_y, key_z);
        ways.place[0][i] = place_x;
        ways.place[1][i] = place_y;
        ways.place[2][i] = place_z;
        ways.to_key[0][i] = key_x * scale;
        ways.to_key[1][i] = key_y * scale;
        ways.to_key[2][i] = key_z * scale;
        ways.facing_key[i] = larger((normal[0][i] * key_x + normal[1][i] * key_y + normal[2][i] * key_z) * scale, 0.0F);
        ways.ambient_left[i] = 1.0F;
        ways.key_left[i] = 1.0F;
    }
}

void cast_shade(const Block& block, const Shade& shade, Ways& __restrict ways) noexcept {
    const float own = shade.radius * shade.radius;
    const auto& normal = block.normal;
    const auto& to_key = ways.to_key;
    for (std::size_t i = 0; i < block.count; ++i) {
        const float x = shade.center[0] - ways.place[0][i];
        const float y = shade.center[1] - ways.place[1][i];
        const float z = shade.center[2] - ways.place[2][i];
        const float square = larger(x * x + y * y + z * z, own);
        const float distant = square <= 1600.0F * own ? 0.0F : 1.0F;
        const float untouched = block.part[i] == shade.part ? 1.0F : distant;
        const float towards = (normal[0][i] * x + normal[1][i] * y + normal[2][i] * z) / root(square);
        const float open = 1.0F - between(towards, 0.0F, 1.0F) * (own / square);
        const float along = to_key[0][i] * x + to_key[1][i] * y + to_key[2][i] * z;
        const float beside = root(larger(square - along * along, 0.0F));
        const float blur = 0.25F * along + 0.02F * shade.radius;
        const float share = between((beside - shade.radius + blur) / (2.0F * blur), 0.0F, 1.0F);
        const float free = share * share * (3.0F - 2.0F * share);
        const float key_left = along > 0.0F ? free : 1.0F;
        ways.ambient_left[i] *= untouched > 0.0F ? 1.0F : open;
        ways.key_left[i] *= untouched > 0.0F ? 1.0F : key_left;
    }
}

// A near lamp gives more here and less there than its one colour says: some light is always left.
void darken(Block& __restrict block, const Lighting& lighting, const Ways& ways) noexcept {
    for (std::size_t i = 0; i < block.count; ++i) {
        const float lost = ways.facing_key[i] * block.key[i] * (1.0F - ways.key_left[i]);
        for (int c = 0; c < 3; ++c) {
            const float light = block.light[c][i];
            block.light[c][i] = (light - smaller(lighting.key_color[c] * lost, 0.7F * light)) * ways.ambient_left[i];
        }
        block.key[i] *= ways.key_left[i];
    }
}

void send_back(Block& block) noexcept {
    for (int c = 0; c < 3; ++c) {
        for (std::size_t i = 0; i < block.count; ++i) {
            const float texel = block.texel[c][i];
            block.color[c][i] = block.albedo[c][i] * texel * block.light[c][i] + block.emission[c][i] * texel;
        }
    }
}

// A cosine to the power of 2^sharpness.
void sharpen(const Block& block, float* peak) noexcept {
    std::int32_t most = 0;
    for (std::size_t i = 0; i < block.count; ++i) most = block.sharpness[i] > most ? block.sharpness[i] : most;
    for (std::int32_t k = 0; k < most; ++k) {
        for (std::size_t i = 0; i < block.count; ++i) {
            const float value = peak[i] > 1e-15F ? peak[i] : 0.0F;  // squares too small to be normal are slow
            peak[i] = k < block.sharpness[i] ? value * value : value;
        }
    }
}

void mirror(Block& __restrict block, const Lighting& lighting, const Ways& ways) noexcept {
    alignas(64) Values peak;
    alignas(64) Values share;
    alignas(64) Values high;  // how far up what is mirrored lies
    const auto& normal = block.normal;
    const auto& to_camera = ways.to_camera;
    for (std::size_t i = 0; i < block.count; ++i) {
        const float reflectance = block.reflectance[i] * block.texel[3][i];
        const float cosine = between(normal[0][i] * to_camera[0][i] + normal[1][i] * to_camera[1][i] +
                                         normal[2][i] * to_camera[2][i], 0.0F, 1.0F);
        const float grazing = (1.0F - cosine) * (1.0F - cosine);
        const float more = (larger(1.0F - reflectance, 0.0F) * grazing) * (grazing * (1.0F - cosine)) *
                           smaller(reflectance * 12.0F, 1.0F);
        share[i] = reflectance > 0.0F ? reflectance + more : 0.0F;
        high[i] = normal[1][i] * (2.0F * cosine) - to_camera[1][i];
        const float x = ways.to_key[0][i] + to_camera[0][i];
        const float y = ways.to_key[1][i] + to_camera[1][i];
        const float z = ways.to_key[2][i] + to_camera[2][i];
        const float middle = (normal[0][i] * x + normal[1][i] * y + normal[2][i] * z) * length_inverse(x, y, z);
        peak[i] = between(middle, 0.0F, 1.0F);
    }
    sharpen(block, peak);
    for (std::size_t i = 0; i < block.count; ++i) {
        const float norm = (halved(-block.sharpness[i]) + 8.0F) * 0.125F;
        const float glint = share[i] * peak[i] * norm * block.key[i];
        peak[i] = ways.facing_key[i] > 0.0F ? glint : 0.0F;
    }
    const auto& light = block.light;
    for (int c = 0; c < 3; ++c) {
        const float over = lighting.mirrored[0][c];
        const float beside = lighting.mirrored[1][c];
        const float under = lighting.mirrored[2][c];
        const float key = lighting.key_color[c];
        for (std::size_t i = 0; i < block.count; ++i) {
            // What surrounds a point is as dark as the light that reaches it.
            const float open = smaller((light[0][i] + light[1][i] + light[2][i]) * (1.0F / 3.0F), 1.0F);
            const float above = (1.0F - high[i]) * (1.0F - high[i]);
            const float below = 1.0F - smaller(-4.0F * high[i], 1.0F);
            const float level = high[i] >= 0.0F ? above : below;
            const float beyond = high[i] >= 0.0F ? over : under;
            const float mirrored = (beside * level + beyond * (1.0F - level)) * (share[i] * open);
            block.color[c][i] = block.color[c][i] * (1.0F - share[i]) + mirrored + key * peak[i];
        }
    }
}

void light(Block& block, const Lighting& lighting) noexcept {
    straighten(block);
    if (lighting.shade_count == 0 && !block.mirroring) {
        send_back(block);
        return;
    }
    Ways ways;
    find_ways(block, lighting, ways);
    for (std::size_t k = 0; k < lighting.shade_count; ++k) cast_shade(block, lighting.shades[k], ways);
    if (lighting.shade_count > 0) darken(block, lighting, ways);
    send_back(block);
    if (block.mirroring) mirror(block, lighting, ways);
}

void turn_normals(const Block& block, const Lighting& lighting, float* out) noexcept {
    const auto& turn = lighting.world_from_camera;
    for (std::size_t i = 0; i < block.count; ++i) {
        const float x = block.normal[0][i];
        const float y = block.normal[1][i];
        const float z = block.normal[2][i];
        for (std::size_t k = 0; k < 3; ++k) out[3 * i + k] = turn[0][k] * x + turn[1][k] * y + turn[2][k] * z;
    }
}

}  // namespace

extern const LightRows light_rows;
const LightRows light_rows{light, turn_normals};

}  // namespace nearfar::scene::NEARFAR_LEVEL
