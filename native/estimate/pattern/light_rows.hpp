// The hot loops of the pattern's light, compiled once per SIMD level (light_rows.cpp).
//
// A pixel is looked at in four samples, a quarter of a pixel from its middle along both axes; a row of samples is held
// as two rows of pixels, those at the left of their middles and those at the right.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::pattern {

constexpr float farthest = 8192.0F;  // pixels that light is shifted by at most

// One row of the pattern as running sums, `whole_light` to a sample of full brightness. They may wrap.
constexpr float whole_light = 1048576.0F;
struct PatternRow {
    const std::uint32_t* sums;  // columns + 1
    std::size_t columns;
    float texels;  // samples to a pixel of the camera
};

// The outermost of some columns.
struct Span {
    std::int32_t lowest, highest;
};

// Places in a row that repeats: the whole samples before each, the rest of one, and how often the row was gone through.
// The running sums before and after the sample that a place lies in are picked one by one: a gather takes longer.
struct Spots {
    std::int32_t* whole;
    float* part;
    std::int32_t* turn;
    std::uint32_t* before;
    std::uint32_t* after;
};

struct LightRows {
    // shift = pull times the inverse of depth (of `values`, or those themselves); NaN in holes and beyond reach.
    void (*shift)(const float* values, bool is_depth, float pull, std::size_t count, float* inverse,
                  float* shift) noexcept;

    // How shift changes towards both neighbours, one of which may be missing: 0 at holes and edges.
    void (*slope)(const float* before, const float* here, const float* after, std::size_t count,
                  float* slope) noexcept;

    // width = what a sample covers of the pattern along x, samples of it; whole = the inverse of that.
    void (*cover)(const float* slope, float texels, std::size_t count, float* width, float* whole) noexcept;

    // A row of samples: its shifts; how near it is, 0 in holes; and the column of the projector that it lies in,
    // by which span grows.
    void (*sample)(const float* shift, const float* down, const float* across, float below, float beside, float first,
                   std::size_t count, float* fine, float* near, std::int32_t* columns, Span& span) noexcept;

    // Where in the pattern's row each sample begins and ends.
    void (*spot)(const PatternRow& row, const float* fine, const float* width, float first, std::size_t count,
                 const Spots& from, const Spots& to) noexcept;

    // The mean of the pattern over what each sample covers, from the running sums at both ends; anything where fine is
    // NaN.
    void (*project)(const PatternRow& row, const Spots& from, const Spots& to, const float* whole, std::size_t count,
                    float* light) noexcept;

    // What comes back of 1 on a surface: gain of the projector's light, room of the other's. 0 where nothing is.
    void (*weigh)(const float* inverse, const float* shift, const float* surface, bool falls_off, float exposure,
                  float ambient, float wave, const float* waves, std::size_t count, float* gain, float* room) noexcept;

    // light = room and, out of shadow, light·gain; counts shadows.
    void (*shine)(const float* gain, const float* room, const float* fine, const float* nearest, const float* slope,
                  std::size_t count, float* light, std::uint8_t* shadows) noexcept;

    // out (+)= weight·(a + b); the first of several sets it.
    void (*blend)(const float* a, const float* b, float weight, bool is_first, std::size_t count, float* out) noexcept;

    // Light as counts of a sensor from 0 to full, with read and shot noise drawn by a hash of key and sample.
    void (*expose)(const float* light, std::size_t count, float read_variance, float full_well, float full,
                   std::uint64_t key, std::uint64_t first, float* counts) noexcept;
};

namespace base {
extern const LightRows light_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const LightRows light_rows;
}
namespace v4 {
extern const LightRows light_rows;
}
inline const LightRows& light_rows() noexcept { return pick(base::light_rows, v3::light_rows, v4::light_rows); }
#else
inline const LightRows& light_rows() noexcept { return base::light_rows; }
#endif

}  // namespace nearfar::pattern
