// The hot loops of the pattern decoder, compiled once per SIMD level (rows.cpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::pattern {

// The sizes of the correlation windows: the usual one, and the one for weak light.
constexpr std::size_t usual_window = 13;
constexpr std::size_t wide_window = 25;

constexpr float absent = -2.0F;  // below any correlation

// What is known of the best step so far, for each pixel of a row. A step is half a pixel of shift.
struct Peak {
    float* best;           // the highest score
    float* left;           // the score one step before it
    float* right;          // the score one step after it; `absent` until seen, as the others
    float* before;         // the score of the step before this one
    std::int32_t* step;    // where the best was
};

struct Rows {
    // sums, squares of count samples take in the row that enters (+1) and give off the row that leaves; null is none.
    void (*slide)(const std::uint16_t* enters, const std::uint16_t* leaves, std::size_t count, double* sums,
                  double* squares) noexcept;

    // out = 512·(value − mean)/(deviation + floor), held to ±1024 and rounded half to even; counts of a window's
    // samples, their sums and their sums of squares are given for each sample.
    void (*normalise)(const std::uint16_t* values, const double* counts, const double* sums, const double* squares,
                      std::size_t count, std::int16_t* out) noexcept;

    // out[i] = the sum of |image − reference| over four rows.
    void (*differ)(const std::uint8_t* const* image, const std::uint8_t* const* reference, std::size_t count,
                   std::uint16_t* out) noexcept;

    // cost = the sum of nine of (above + below) from i on; where it is below best, best and index become it.
    void (*choose)(const std::uint16_t* above, const std::uint16_t* below, std::size_t count, std::uint16_t index,
                   std::uint16_t* sums, std::uint16_t* best, std::uint16_t* indices) noexcept;

    // out[i] = what lies half a sample to the left of values[i]; 0 near the ends.
    void (*halve)(const std::int16_t* values, std::size_t count, std::int16_t* out) noexcept;

    // out[y·width + x] = the sum of image·reference over a square window (usual_window or wide_window) whose
    // top-left corner is at (x, y). width + window <= 128.
    void (*correlate)(const std::int16_t* image, std::size_t image_stride, const std::int16_t* reference,
                      std::size_t reference_stride, std::size_t width, std::size_t height, std::size_t window,
                      std::int32_t* out) noexcept;

    // means = sums/divisor; scales = 1/√((squares − sums²/counts)·counts/area), 0 where nothing varies.
    void (*weigh)(const std::int32_t* sums, const std::int32_t* squares, const float* counts, float divisor, float area,
                  std::size_t count, float* means, float* scales) noexcept;

    // The scores (sum − image_mean·reference_sum)·image_scale·reference_scale of one step, and the peak after it.
    void (*climb)(const std::int32_t* sums, const float* image_mean, const float* image_scale,
                  const float* reference_sum, const float* reference_scale, std::size_t count, std::int32_t step,
                  const Peak& peak) noexcept;

    // shifts = least + (the best step and what a parabola through its neighbours adds)/2, peaks = the best score, 1 at
    // most; NaN and 0 where a neighbour is missing, nothing correlates, or column + i − shift leaves −1/2 … last.
    void (*settle)(const Peak& peak, std::size_t count, float least, std::int32_t column, float last, float* shifts,
                   float* peaks) noexcept;

    // Whether any score is at least `from` and lacks a neighbour.
    bool (*unsettled)(const Peak& peak, std::size_t count, float from) noexcept;
};

namespace base {
extern const Rows rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const Rows rows;
}
namespace v4 {
extern const Rows rows;
}
inline const Rows& rows() noexcept { return pick(base::rows, v3::rows, v4::rows); }
#else
inline const Rows& rows() noexcept { return base::rows; }
#endif

}  // namespace nearfar::pattern
