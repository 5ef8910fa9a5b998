// Light that was lost in clipped pixels, guessed back.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "effects/light.hpp"

namespace nearfar::effects {

// Columns begin .. end of a row are `gain` times brighter than their codes say: at least 1, in red, green and blue.
struct Glow {
    std::uint32_t begin, end;
    std::array<float, 3> gain;
};

struct Highlights {
    std::vector<Glow> glows;
    std::vector<std::size_t> first;  // those of row y, from left to right, are first[y] .. first[y + 1]

    std::span<const Glow> row(std::size_t y) const { return std::span(glows).subspan(first[y], first[y + 1] - first[y]); }
};

// None in floats, which say themselves what is brighter than white.
Highlights find_highlights(const Picture& picture);

// The picture's light with its highlights: interleaved red, green, blue, as the samples.
void recover_highlights(const Picture& picture, float* light);

// Multiplies three planes of `count` pixels of row y, from column x on.
void brighten(const Highlights& highlights, Index x, Index y, Index count, Index plane, float* light);

// Gives pixels of row y whose light has come through the blur as it went in what their samples say: no blur has used
// what was recovered, and in focus the picture stays code for code.
void keep_sharp(const Picture& picture, Index x, Index y, Index count, Index plane, float* light);

}  // namespace nearfar::effects
