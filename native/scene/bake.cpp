#include "scene/bake.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "core/pool.hpp"
#include "scene/vector.hpp"

namespace nearfar::scene {
namespace {

constexpr std::size_t grain = 2048;  // vertices

struct Frame {
    Vec across, beside, normal;
};

Vec scaled_to_one(const Vec& a) noexcept {
    const double length = std::sqrt(dot(a, a));
    return a * (1.0 / std::max(length, 1e-12));
}

// Axes about a normal, turned by the golden ratio's share of a circle from one vertex to the next.
Frame frame_of(const float* normal_of_vertex, std::int32_t number) noexcept {
    const Vec normal = load(normal_of_vertex);
    const double turns = static_cast<double>(number) * 0.6180339887;
    const double angle = (turns - std::floor(turns)) * (2.0 * std::numbers::pi);
    const Vec flat = std::fabs(normal.z) < 0.7 ? Vec{0.0, 0.0, 1.0} : Vec{1.0, 0.0, 0.0};
    const Vec across = scaled_to_one(cross(normal, flat));
    const Vec beside = cross(normal, across);
    const double c = std::cos(angle);
    const double s = std::sin(angle);
    return {across * c + beside * s, beside * c - across * s, normal};
}

void put(float* target, const Vec& value) noexcept {
    target[0] = static_cast<float>(value.x);
    target[1] = static_cast<float>(value.y);
    target[2] = static_cast<float>(value.z);
}

}  // namespace

void rays_about(const Surfels& surfels, const Directions& directions, double offset, float* origins, float* ways) {
    parallel_for(surfels.numbers.size(), grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::int32_t number = surfels.numbers[i];
            const std::size_t at = 3 * static_cast<std::size_t>(number);
            const Frame frame = frame_of(surfels.normals + at, number);
            const Vec place = load(surfels.positions + at) + frame.normal * offset;
            const std::size_t set = static_cast<std::size_t>(number) % directions.sets;
            const double* way = directions.values + 3 * set * directions.count;
            for (std::size_t k = 0; k < directions.count; ++k, way += 3) {
                const std::size_t ray = 3 * (i * directions.count + k);
                put(origins + ray, place);
                put(ways + ray, frame.across * way[0] + frame.beside * way[1] + frame.normal * way[2]);
            }
        }
    });
}

void mean_sent(const float* sent, std::span<const std::int32_t> hits, std::size_t count, double* out) {
    parallel_for(hits.size() / count, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            float sum[3] = {0.0F, 0.0F, 0.0F};
            for (const std::int32_t hit : hits.subspan(i * count, count)) {
                if (hit < 0) continue;
                const float* from = sent + 3 * static_cast<std::size_t>(hit);
                for (int c = 0; c < 3; ++c) sum[c] += from[c];
            }
            for (std::size_t c = 0; c < 3; ++c) out[3 * i + c] = static_cast<double>(sum[c] / static_cast<float>(count));
        }
    });
}

void mean_sky(const double* colors, const float* ways, std::span<const std::int32_t> hits, std::size_t count,
              double* out) {
    const auto color = [colors](std::size_t k) { return Vec{colors[3 * k], colors[3 * k + 1], colors[3 * k + 2]}; };
    const Vec overhead = color(0);
    const Vec horizon = color(1);
    const Vec below = color(2);
    parallel_for(hits.size() / count, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            Vec sum{};
            for (std::size_t k = i * count; k < (i + 1) * count; ++k) {
                if (hits[k] >= 0) continue;
                const auto up = static_cast<double>(ways[3 * k + 1]);
                const double left = 1.0 - std::clamp(up, 0.0, 1.0);
                const double share = up >= 0.0 ? 1.0 - left * left : std::clamp(-4.0 * up, 0.0, 1.0);
                sum = sum + horizon * (1.0 - share) + (up >= 0.0 ? overhead : below) * share;
            }
            const Vec mean = sum * (1.0 / static_cast<double>(count));
            out[3 * i] = mean.x;
            out[3 * i + 1] = mean.y;
            out[3 * i + 2] = mean.z;
        }
    });
}

SpotRays rays_to_spots(const float* positions, const float* normals, std::size_t count, std::span<const Spot> spots,
                       double offset, std::size_t each) {
    SpotRays rays;
    const auto share = static_cast<double>(each);
    const auto add = [&rays, share](const Vec& origin, const Vec& way, std::size_t vertex, std::size_t spot, double weight) {
        for (const double value : {origin.x, origin.y, origin.z}) rays.origins.push_back(static_cast<float>(value));
        for (const double value : {way.x, way.y, way.z}) rays.ways.push_back(static_cast<float>(value));
        rays.ends.push_back(static_cast<std::int32_t>(vertex));
        rays.ends.push_back(static_cast<std::int32_t>(spot));
        rays.weight.push_back(weight * share);
        rays.weight.push_back(share);
    };
    for (std::size_t k = 0; k < spots.size(); ++k) {
        const Spot& spot = spots[k];
        const Vec place{spot.place[0], spot.place[1], spot.place[2]};
        const Vec front{spot.front[0], spot.front[1], spot.front[2]};
        for (std::size_t i = 0; i < count; ++i) {
            if ((i + k + k / each) % each != 0) continue;
            const Vec normal = load(normals + 3 * i);
            const Vec origin = load(positions + 3 * i) + normal * offset;
            if (spot.far != 0.0) {
                const double cosine = dot(normal, place);
                if (cosine > 0.0) add(origin, place * 100.0, i, k, cosine);
                continue;
            }
            const Vec away = place - origin;
            const double square = std::max(dot(away, away), 1e-4);
            const double cosine = dot(away, normal);
            const double facing = -dot(away, front);
            if (!(cosine > 0.0 && facing > 0.0)) continue;
            add(origin, away * 0.999, i, k, std::min(cosine * facing / (square * square), spot.most));
        }
    }
    return rays;
}

void light_of_spots(std::span<const std::int32_t> ends, const double* weight, const bool* free,
                    std::span<const Spot> spots, std::size_t count, double* out) {
    std::fill_n(out, 4 * count, 0.0);
    for (std::size_t k = 0; k < ends.size() / 2; ++k) {
        if (!free[k]) continue;
        double* sum = out + 4 * static_cast<std::size_t>(ends[2 * k]);
        const Spot& spot = spots[static_cast<std::size_t>(ends[2 * k + 1])];
        for (std::size_t c = 0; c < 3; ++c) sum[c] += weight[2 * k] * spot.sent[c];
        sum[3] += weight[2 * k + 1] * spot.sent[3];
    }
}

void even_out(double* values, std::size_t count, std::size_t channels, std::span<const std::int32_t> pairs, int rounds) {
    // Whom each vertex shares a pair with, in the order of the pairs.
    std::vector<std::size_t> start(count + 1, 0);
    for (const std::int32_t vertex : pairs) ++start[static_cast<std::size_t>(vertex) + 1];
    for (std::size_t i = 0; i < count; ++i) start[i + 1] += start[i];
    std::vector<std::int32_t> others(pairs.size());
    std::vector<std::size_t> next(start.begin(), start.end() - 1);
    for (std::size_t k = 0; k < pairs.size(); ++k) others[next[static_cast<std::size_t>(pairs[k])]++] = pairs[k ^ 1U];
    std::vector<double> before(count * channels);
    for (int round = 0; round < rounds; ++round) {
        std::copy_n(values, count * channels, before.begin());
        parallel_for(count, grain, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                double* sum = values + i * channels;
                for (std::size_t k = start[i]; k < start[i + 1]; ++k) {
                    const double* other = before.data() + static_cast<std::size_t>(others[k]) * channels;
                    for (std::size_t c = 0; c < channels; ++c) sum[c] += other[c];
                }
                const double weight = 1.0 + static_cast<double>(start[i + 1] - start[i]);
                for (std::size_t c = 0; c < channels; ++c) sum[c] /= weight;
            }
        });
    }
}

}  // namespace nearfar::scene
