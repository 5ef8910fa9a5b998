// The hot loops that take pictures apart and halve them, compiled once per SIMD level. All work on one row.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::estimate {

struct PictureRows {
    // Interleaved RGB: the upper 8 bits of each channel, and the luminance in 16 bits.
    void (*split_8)(const std::uint8_t* samples, std::size_t width, std::uint8_t* const planes[3],
                    std::uint16_t* luminance);
    void (*split_16)(const std::uint16_t* samples, std::size_t width, std::uint8_t* const planes[3],
                     std::uint16_t* luminance);

    // Each pixel the mean of four, two of each row; `width` is that of out.
    void (*halve_8)(const std::uint8_t* above, const std::uint8_t* below, std::size_t width, std::uint8_t* out);
    void (*halve_16)(const std::uint16_t* above, const std::uint16_t* below, std::size_t width, std::uint16_t* out);
};

namespace base {
extern const PictureRows picture_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const PictureRows picture_rows;
}
namespace v4 {
extern const PictureRows picture_rows;
}
inline const PictureRows& picture_rows() noexcept {
    return pick(base::picture_rows, v3::picture_rows, v4::picture_rows);
}
#else
inline const PictureRows& picture_rows() noexcept { return base::picture_rows; }
#endif

}  // namespace nearfar::estimate
