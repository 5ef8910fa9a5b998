// The hot loops of the filters, compiled once per SIMD level (passes.cpp).
//
// A hole is 0 in integers. In floats it is NaN, and where `zero` says so 0 as well, as in librealsense's disparities.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::filters {

// Rows that are smoothed side by side: the recursion runs along a row, so neighbours in a vector are rows.
inline constexpr std::size_t lanes = 32;

// Columns that go down and up together: a strip of the image that stays in the cache.
inline constexpr std::size_t strip = 64;

// How many of the last frames must have seen a pixel for its old value to be believed.
struct Belief {
    std::uint8_t frames;  // the bits of the history that count, the last frame in bit 0
    int least;            // 0, 1, 2 or 8 of them; 9: never
};

struct Average {
    float alpha;  // the weight of the new value, 0..1
    float delta;  // steps of this size and beyond are edges
};

struct Passes {
    // Takes `rows` (1..lanes) rows to columns of `lanes` values and back; `width`·lanes values of scratch.
    void (*gather)(const float* image, std::size_t rows, std::size_t width, float* block) noexcept;
    void (*scatter)(const float* block, std::size_t rows, std::size_t width, float* image) noexcept;
    void (*gather16)(const std::uint16_t* image, std::size_t rows, std::size_t width, std::uint16_t* block) noexcept;
    void (*scatter16)(const std::uint16_t* block, std::size_t rows, std::size_t width, std::uint16_t* image) noexcept;

    // Smooths `count` columns of an image whose rows lie `stride` apart, down and then up; `came` holds `count` values.
    void (*smooth)(float* image, std::size_t height, std::size_t stride, std::size_t count, Average average,
                   float* came) noexcept;

    // The same for 16-bit depth, whose rows and columns follow different rules. `radius` 0 fills no holes.
    void (*smooth_rows16)(std::uint16_t* block, std::size_t width, Average average, int radius) noexcept;
    void (*smooth_columns16)(std::uint16_t* image, std::size_t height, std::size_t stride, std::size_t count,
                             Average average) noexcept;

    // One frame into the running average: `last` and `history` are the state.
    void (*blend)(const float* values, std::size_t count, Average average, Belief belief, bool zero, float* last,
                  std::uint8_t* history, float* out) noexcept;
    void (*blend16)(const std::uint16_t* values, std::size_t count, Average average, Belief belief,
                    std::uint16_t* last, std::uint8_t* history, std::uint16_t* out) noexcept;

    // 1 for each hole, 0 for each value.
    void (*mark)(const float* values, std::size_t count, bool zero, std::uint8_t* marks) noexcept;
    void (*mark16)(const std::uint16_t* values, std::size_t count, std::uint8_t* marks) noexcept;

    // What is missing or noisy now, from the frames around: the mean of those that agree with it to within delta,
    // `now` counted twice; of a hole, the mean of the two if they agree, else the only one, else a hole.
    void (*between)(const float* before, const float* now, const float* after, std::size_t count, float delta,
                    float* out) noexcept;

    // factor / value; no value stays none.
    void (*to_disparity)(const std::uint16_t* depth, std::size_t count, float factor, float* out) noexcept;
    void (*to_depth)(const float* disparity, std::size_t count, float factor, std::uint16_t* out) noexcept;
};

namespace base {
extern const Passes passes;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const Passes passes;
}
namespace v4 {
extern const Passes passes;
}
inline const Passes& passes() noexcept { return pick(base::passes, v3::passes, v4::passes); }
#else
inline const Passes& passes() noexcept { return base::passes; }
#endif

}  // namespace nearfar::filters
