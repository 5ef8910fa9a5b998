#include "effects/align_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace nearfar::effects {
namespace {

constexpr int passes = 3;
constexpr float least_weight = 1e-4F;  // of a pixel half way between both sides
constexpr double tint_noise = 0.003;   // variance, added to that of the tints
constexpr double ridge = 0.05;         // of cells, towards the nearest and the farthest of the nine
constexpr double purity = 0.02;        // a cell of one side says more than a mixed one, whose share is an estimate
constexpr double reach = 1.5;          // ranges beyond the nine cells where a side fills none of them
constexpr double mixed = 0.1;          // mean distance to the nearer extreme from which cells count as mixed
constexpr double least_error = 0.002;

using Vector = std::array<double, 3>;

// Solves a symmetric system (rr, rg, rb, gg, gb, bb) for a direction.
Vector solve(const std::array<double, 6>& m, const Vector& d) {
    const double a = m[3] * m[5] - m[4] * m[4], b = m[2] * m[4] - m[1] * m[5], c = m[1] * m[4] - m[2] * m[3];
    const double e = m[0] * m[5] - m[2] * m[2], f = m[1] * m[2] - m[0] * m[4], g = m[0] * m[3] - m[1] * m[1];
    const double over = 1.0 / (m[0] * a + m[1] * b + m[2] * c);
    return {(a * d[0] + b * d[1] + c * d[2]) * over, (b * d[0] + e * d[1] + f * d[2]) * over,
            (c * d[0] + f * d[1] + g * d[2]) * over};
}

// The line between two groups of tints: Fisher's discriminant, 0 half way between their means.
void discriminate(const Vector& near, const Vector& far, std::array<double, 6> variance, Sides& sides) {
    variance[0] += tint_noise, variance[3] += tint_noise, variance[5] += tint_noise;
    const Vector tint = solve(variance, {near[0] - far[0], near[1] - far[1], near[2] - far[2]});
    double offset = 0.0;
    for (std::size_t c = 0; c < 3; ++c) {
        sides.tint[c] = static_cast<float>(tint[c]);
        offset -= tint[c] * (near[c] + far[c]) * 0.5;
    }
    sides.offset = static_cast<float>(offset);
}

std::array<double, 6> products(const Vector& v) {
    return {v[0] * v[0], v[0] * v[1], v[0] * v[2], v[1] * v[1], v[1] * v[2], v[2] * v[2]};
}

Vector mean(const double* sums) { return {sums[1] / sums[0], sums[2] / sums[0], sums[3] / sums[0]}; }

// The two disparities that, mixed by the share of near pixels in each cell, give the cells' values.
void unmix(const double* near_pixels, const double* pixels, const Cells& cells, Sides& sides, double low, double high) {
    const double range = high - low;
    double nn = ridge, ff = ridge, nf = 0.0, near = ridge * high, far = ridge * low;
    double away = 0.0, known = 0.0;
    for (int i = 0; i < 9; ++i) {
        if (!(pixels[i] > 0.0)) continue;
        const double share = near_pixels[i] / pixels[i], value = static_cast<double>(cells.value[i]);
        const double weight = (i == 4 ? 1.0 : 0.5) * (purity + 0.25) / (purity + share * (1.0 - share));
        nn += weight * share * share;
        ff += weight * (1.0 - share) * (1.0 - share);
        nf += weight * share * (1.0 - share);
        near += weight * share * value;
        far += weight * (1.0 - share) * value;
        away += std::min(value - low, high - value) / range;
        known += 1.0;
    }
    const double slack = reach * range * std::min(away / known / mixed, 1.0), over = 1.0 / (nn * ff - nf * nf);
    const double farthest = std::max(static_cast<double>(cells.floor), low - slack);
    const double near_side = std::clamp((near * ff - far * nf) * over, low, high + slack);
    const double far_side = std::clamp((nn * far - nf * near) * over, std::min(farthest, low), high);
    double error = 0.0;
    for (int i = 0; i < 9; ++i) {
        if (!(pixels[i] > 0.0)) continue;
        const double share = near_pixels[i] / pixels[i];
        const double off = (share * near_side + (1.0 - share) * far_side - static_cast<double>(cells.value[i])) / range;
        error += off * off;
    }
    sides.near = static_cast<float>(near_side);
    sides.far = static_cast<float>(far_side);
    sides.trust = static_cast<float>(1.0 / (least_error + error / known));
}

}  // namespace

void AlignWindow::resize(Index pixels) {
    count = pixels;
    const auto size = static_cast<std::size_t>(padded());
    for (auto* plane : {&red, &green, &blue, &base}) plane->assign(size, 0.0F);
    cell.assign(size, 0);
}

// How far to one side of the middle the map is at each pixel, squared.
void SideFitter::weights_of_base(const AlignWindow& window, const Sides& sides) {
    near_.assign(static_cast<std::size_t>(window.padded()), 0.0F);
    far_ = near_;
    for (std::size_t i = 0; i < static_cast<std::size_t>(window.count); ++i) {
        const float t = std::clamp((window.base[i] - sides.low) * sides.steepness, 0.0F, 1.0F) - 0.5F;
        near_[i] = (t > 0.0F ? t * t : 0.0F) + least_weight;
        far_[i] = (t < 0.0F ? t * t : 0.0F) + least_weight;
    }
}

// One step of two-means; false where one side has run empty.
bool SideFitter::part(const AlignWindow& window, Sides& sides, const double* spread) {
    const AlignRows& rows = align_rows();
    rows.part(window.tints(), sides, window.padded(), near_.data());
    std::fill(near_.begin() + window.count, near_.end(), 0.0F);
    double near[4];
    rows.weigh(window.tints(), near_.data(), window.padded(), near);
    const double pixels = static_cast<double>(window.count);
    const double far[4] = {pixels - near[0], spread[0] - near[1], spread[1] - near[2], spread[2] - near[3]};
    if (near[0] < 1.0 || far[0] < 1.0) return false;
    const Vector near_mean = mean(near), far_mean = mean(far);
    const auto of_near = products(near_mean), of_far = products(far_mean);
    std::array<double, 6> within;
    for (std::size_t i = 0; i < 6; ++i) {
        within[i] = (spread[3 + i] - near[0] * of_near[i] - far[0] * of_far[i]) / pixels;
    }
    discriminate(near_mean, far_mean, within, sides);
    return true;
}

Sides SideFitter::fit(const AlignWindow& window, const Cells& cells, Index down, Index across) {
    float low = std::numeric_limits<float>::infinity(), high = -low;
    for (const float value : cells.value) {
        if (value < low) low = value;
        if (value > high) high = value;
    }
    Sides sides{};
    sides.low = low, sides.steepness = 1.0F / (high - low);
    sides.down = static_cast<float>(down), sides.across = static_cast<float>(across);
    const AlignRows& rows = align_rows();
    double spread[9], near[4], far[4];
    rows.spread(window.tints(), window.padded(), spread);
    weights_of_base(window, sides);
    rows.weigh(window.tints(), near_.data(), window.padded(), near);
    rows.weigh(window.tints(), far_.data(), window.padded(), far);
    const double pixels = static_cast<double>(window.count);
    const auto of_all = products({spread[0] / pixels, spread[1] / pixels, spread[2] / pixels});
    std::array<double, 6> variance;
    for (std::size_t i = 0; i < 6; ++i) variance[i] = spread[3 + i] / pixels - of_all[i];
    discriminate(mean(near), mean(far), variance, sides);
    for (int pass = 1; pass < passes && part(window, sides, spread); ++pass) {
    }
    rows.part(window.tints(), sides, window.padded(), near_.data());
    double near_pixels[9] = {}, all[9] = {};
    for (std::size_t i = 0; i < static_cast<std::size_t>(window.count); ++i) {
        near_pixels[window.cell[i]] += static_cast<double>(near_[i]);
        all[window.cell[i]] += 1.0;
    }
    unmix(near_pixels, all, cells, sides, static_cast<double>(low), static_cast<double>(high));
    return sides;
}

}  // namespace nearfar::effects
