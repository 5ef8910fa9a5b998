#include "effects/edges.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "effects/coverage.hpp"

namespace nearfar::effects {
namespace {

constexpr float jump = least_jump;
constexpr Index hidden_reach = 2;          // px from a mixed pixel
constexpr Index reach = hidden_reach + 2;  // beside the tile: every refinement learns from one pixel farther
constexpr Index side = Surroundings::side;
constexpr Index texture_reach = 4;         // px from what hides
constexpr float texture_doubt = 3.0F;
constexpr float least_power = 1e-4F;       // of light: black
static_assert(texture_reach <= Surroundings::margin);
static_assert(Surroundings::margin == reach + 2, "a first guess takes 5×5 pixels");

using Border = EdgeScratch::Border;

struct Neighbour {
    Index at;
    float distance;  // px
    float trust;     // 1 / distance³
};

constexpr std::array<Neighbour, 12> disc{{{-side, 1.0F, 1.0F},
                                          {-1, 1.0F, 1.0F},
                                          {1, 1.0F, 1.0F},
                                          {side, 1.0F, 1.0F},
                                          {-side - 1, 1.414214F, 0.353553F},
                                          {-side + 1, 1.414214F, 0.353553F},
                                          {side - 1, 1.414214F, 0.353553F},
                                          {side + 1, 1.414214F, 0.353553F},
                                          {-2 * side, 2.0F, 0.125F},
                                          {-2, 2.0F, 0.125F},
                                          {2, 2.0F, 0.125F},
                                          {2 * side, 2.0F, 0.125F}}};
constexpr std::size_t adjacent = 8;
constexpr std::array<int, 8> ones{0, 1, 1, 2, 1, 2, 2, 3};  // bits of three

class Splitter {
public:
    Splitter(const Layers& layers, EdgeScratch& scratch) : layers_(layers), scratch_(scratch), around_(scratch.surroundings) {}

    void find_borders(const Picture& picture);
    void refine(Index reach);
    void find_hiding();
    void give(std::vector<MixedPixel>& mixed) const;

private:
    const Border* border(Index at) const {
        const std::int32_t index = scratch_.index[static_cast<std::size_t>(at)];
        return index < 0 ? nullptr : &scratch_.borders[static_cast<std::size_t>(index)];
    }
    bool blurred(float circle) const { return !layers_[layers_.of(circle)].shape.identity; }
    bool mixes(Index at, Border& border) const;
    void guess(Border& border) const;
    Mix learn(const Border& own) const;
    const Border* hidden_beside(Index at, const Neighbour& neighbour) const;
    float texture(Index middle, float circle, Side far) const;
    void give_hiding(Index at, std::vector<MixedPixel>& mixed) const;
    void give(MixedPixel pixel, Index at, float near, float far, std::vector<MixedPixel>& mixed) const;

    const Layers& layers_;
    EdgeScratch& scratch_;
    Surroundings& around_;
};

void Splitter::find_borders(const Picture& picture) {
    scratch_.index.assign(static_cast<std::size_t>(Surroundings::area), -1);
    scratch_.borders.clear();
    for (Index y = around_.top(reach); y < around_.bottom(reach); ++y) {
        if (!around_.find_bends(y, jump)) continue;
        for (Index x = around_.left(reach); x < around_.right(reach); ++x) {
            Border border{};
            if (around_.bend(x) < jump || !mixes(y * side + x, border)) continue;
            if (scratch_.borders.empty()) around_.read_light(picture);
            guess(border);
            scratch_.index[static_cast<std::size_t>(border.at)] = static_cast<std::int32_t>(scratch_.borders.size());
            scratch_.borders.push_back(border);
        }
    }
}

bool Splitter::mixes(Index at, Border& border) const {
    border.at = at;
    border.least = border.most = around_.circle(at);
    for (std::size_t i = 0; i < adjacent; ++i) {
        const float circle = around_.circle(at + disc[i].at);
        border.least = std::min(border.least, circle);
        border.most = std::max(border.most, circle);
    }
    return border.most - border.least >= jump && (blurred(border.least) || blurred(border.most));
}

// Both sides by 3×3 pixels: each counts by how many of its own neighbours are on its side.
void Splitter::guess(Border& border) const {
    const float middle = 0.5F * (border.least + border.most);
    std::array<unsigned, 5> near{};  // which pixels of 5×5 are: a bit each
    for (Index j = 0; j < 5; ++j) {
        for (Index i = 0; i < 5; ++i) {
            const bool is_near = around_.circle(border.at + (j - 2) * side + i - 2) < middle;
            near[static_cast<std::size_t>(j)] |= (is_near ? 1U : 0U) << i;
        }
    }
    std::array<Side, 2> sides;
    std::array<float, 2> circles{};
    for (Index j = 0; j < 3; ++j) {
        for (Index i = 0; i < 3; ++i) {
            const bool is_far = (near[static_cast<std::size_t>(j + 1)] >> (i + 1) & 1U) == 0U;
            int alike = 0;
            for (Index row = j; row < j + 3; ++row) alike += ones[near[static_cast<std::size_t>(row)] >> i & 7U];
            const float pure = static_cast<float>((is_far ? 9 - alike : alike) - 1) / 8.0F;
            const auto square = static_cast<float>((i - 1) * (i - 1) + (j - 1) * (j - 1));
            const float trust = std::max(1e-4F, pure * pure / (1.0F + square));
            const Index at = border.at + (j - 1) * side + i - 1;
            sides[is_far ? 1 : 0].add(trust, around_.light(at));
            circles[is_far ? 1 : 0] += trust * around_.circle(at);
        }
    }
    border.is_near = (near[2] >> 2 & 1U) != 0U;
    border.near = border.is_near ? around_.circle(border.at) : circles[0] / sides[0].trust;
    border.far = border.is_near ? circles[1] / sides[1].trust : around_.circle(border.at);
    border.drawn = expected_coverage((near[1] >> 1 & 7U) | (near[2] >> 1 & 7U) << 3 | (near[3] >> 1 & 7U) << 6);
    border.mix = unmix(around_.light(border.at), sides[0], sides[1], border.drawn, border.is_near);
}

void Splitter::refine(Index beside) {
    scratch_.mixes.clear();
    for (const Border& own : scratch_.borders) {
        scratch_.mixes.push_back(around_.within(own.at, beside) ? learn(own) : own.mix);
    }
    for (std::size_t i = 0; i < scratch_.mixes.size(); ++i) scratch_.borders[i].mix = scratch_.mixes[i];
}

// Both sides by the samples of the neighbours, mixed or not.
Mix Splitter::learn(const Border& own) const {
    const float middle = 0.5F * (own.least + own.most);
    Side near, far;
    for (std::size_t i = 0; i < adjacent; ++i) {
        const Index at = own.at + disc[i].at;
        if (!around_.within(at, Surroundings::margin)) continue;
        const Border* const other = border(at);
        if (other == nullptr) {
            (around_.circle(at) < middle ? near : far).add(disc[i].trust, around_.light(at));
            continue;
        }
        const float share = other->mix.share, rest = 1.0F - share;
        if (other->near < middle && other->near >= own.least - jump) {
            near.add(std::max(1e-5F, disc[i].trust * share * share), other->mix.near);
        }
        if (other->far >= middle && other->far <= own.most + jump) {
            far.add(std::max(1e-5F, disc[i].trust * rest * rest), other->mix.far);
        }
    }
    if (near.trust <= 0.0F || far.trust <= 0.0F) return own.mix;
    return unmix(around_.light(own.at), near, far, own.drawn, own.is_near);
}

// The mixed pixel beside this one whose nearer side goes on here, if there is one: then its farther side does, too.
const Border* Splitter::hidden_beside(Index at, const Neighbour& neighbour) const {
    const Border* const other = border(at + neighbour.at);
    if (other == nullptr || std::fabs(other->near - around_.circle(at)) > jump) return nullptr;
    return other->far - around_.circle(at) >= jump ? other : nullptr;
}

void Splitter::find_hiding() {
    constexpr std::int32_t found = -2;
    scratch_.hiding.clear();
    for (const Border& own : scratch_.borders) {
        if (!around_.within(own.at, hidden_reach)) continue;
        for (const Neighbour& neighbour : disc) {
            const Index at = own.at + neighbour.at;
            std::int32_t& index = scratch_.index[static_cast<std::size_t>(at)];
            if (index != -1 || !around_.within(at, 0) || hidden_beside(at, {-neighbour.at, 0.0F, 0.0F}) == nullptr) continue;
            index = found;
            scratch_.hiding.push_back(at);
        }
    }
}

void Splitter::give(std::vector<MixedPixel>& mixed) const {
    for (const Border& own : scratch_.borders) {
        if (!around_.within(own.at, 0)) continue;
        const MixedPixel pixel{0, 0, 0, 0, 0, own.mix.share, 1.0F, own.mix.near, own.mix.far};
        give(pixel, own.at, own.near, own.far, mixed);
    }
    for (const Index at : scratch_.hiding) give_hiding(at, mixed);
}

// How much the farther side varies around a pixel that hides it, 0 .. 1: its lines may end or turn there.
float Splitter::texture(Index middle, float circle, Side far) const {
    for (Index y = -texture_reach; y <= texture_reach; y += texture_reach) {
        for (Index x = -texture_reach; x <= texture_reach; x += texture_reach) {
            const Index at = middle + y * side + x;
            if (std::fabs(around_.circle(at) - circle) < jump) far.add(0.5F, around_.light(at));
        }
    }
    return far.variance() / (far.power() + least_power);
}

// What is hidden is as what is nearest to it, and the surer the nearer that is and the less it varies. Where a texture
// goes on across the border, both sides differing less than each varies, it goes on beneath as it does above.
void Splitter::give_hiding(Index at, std::vector<MixedPixel>& mixed) const {
    const Border* nearest = nullptr;
    float certainty = 0.0F, circles = 0.0F, contrast = 0.0F;
    Side hidden, above;
    for (const Neighbour& neighbour : disc) {
        const Border* const other = hidden_beside(at, neighbour);
        if (other == nullptr) continue;
        if (nearest == nullptr) {
            nearest = other;
            certainty = 1.0F - neighbour.distance / 3.0F;
        }
        if (std::fabs(other->far - nearest->far) > std::max(jump, 0.2F * std::fabs(nearest->far))) continue;
        hidden.add(neighbour.trust, other->mix.far);
        above.add(neighbour.trust, other->mix.near);
        circles += neighbour.trust * other->far;
        for (std::size_t p = 0; p < 3; ++p) {
            const float difference = other->mix.near[p] - other->mix.far[p];
            contrast += neighbour.trust * difference * difference;
        }
    }
    circles /= hidden.trust;
    const float varied = texture(at, circles, hidden);
    certainty /= 1.0F + texture_doubt * varied * varied;
    const float noise = 1e-3F * (hidden.power() + least_power), within = hidden.variance() + above.variance() + noise;
    const float alike = within / (within + noise + contrast / hidden.trust);
    certainty += alike * (1.0F - certainty);
    const Light own = around_.light(at);
    Light light = hidden.mean();
    for (std::size_t p = 0; p < 3; ++p) light[p] += alike * (own[p] - light[p]);
    give({0, 0, 0, 0, 0, 1.0F, certainty, own, light}, at, around_.circle(at), circles, mixed);
}

void Splitter::give(MixedPixel pixel, Index at, float near, float far, std::vector<MixedPixel>& mixed) const {
    pixel.x = around_.x_of(at);
    pixel.y = around_.y_of(at);
    pixel.near_layer = layers_.of(near);
    pixel.far_layer = layers_.of(far);
    pixel.middle_layer = std::max(pixel.near_layer, layers_.of(0.5F * (near + far)));
    if (pixel.near_layer < pixel.far_layer && (blurred(near) || blurred(far))) mixed.push_back(pixel);
}

}  // namespace

void split_mixed_pixels(const Picture& picture, const float* disparity, const Layers& layers, Index x0, Index y0,
                        int refinements, EdgeScratch& scratch, std::vector<MixedPixel>& mixed) {
    if (scratch.surroundings.read_circles(picture, disparity, layers.focus, x0, y0) < jump) return;
    Splitter splitter(layers, scratch);
    splitter.find_borders(picture);
    if (scratch.borders.empty()) return;
    for (int step = 1; step <= refinements; ++step) splitter.refine(reach - step);
    splitter.find_hiding();
    splitter.give(mixed);
}

}  // namespace nearfar::effects
