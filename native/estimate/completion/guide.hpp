// The picture that says where edges are: 8-bit RGB, read at single pixels and around the places of samples.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::completion {

struct Guide {
    const std::uint8_t* pixels;  // height·width·3
    std::size_t height, width;   // both >= 1
};

// A regular grid of samples over a guide: sample i of an axis lies at first + i·step, in pixels, where pixel j of the
// guide covers [j, j + 1). Steps are positive.
struct Axis {
    std::size_t count;  // >= 1
    double first, step;

    double place(std::size_t i) const noexcept { return first + static_cast<double>(i) * step; }
};

struct Grid {
    Axis down, across;
};

// The mean colour around each sample, weighted by a tent that falls to 0 at `radius` steps, and never narrower than
// a pixel each way. out: down.count·across.count·3, in 0..255.
void sample_guide(const Guide& guide, const Grid& grid, double radius, float* out);

}  // namespace nearfar::completion
