// Which samples of a row are clipped: compiled once per SIMD level (clip_rows.cpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::effects {

struct ClipRows {
    // marks[x] = 1 where red is at least `limit`, plus 2 where green is, plus 4 where blue is. Tells whether any is.
    bool (*mark_bytes)(const std::uint8_t* samples, std::size_t count, std::uint8_t limit,
                       std::uint8_t* marks) noexcept;
    bool (*mark_words)(const std::uint16_t* samples, std::size_t count, std::uint16_t limit,
                       std::uint8_t* marks) noexcept;
};

namespace base {
extern const ClipRows clip_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const ClipRows clip_rows;
}
namespace v4 {
extern const ClipRows clip_rows;
}
inline const ClipRows& clip_rows() noexcept { return pick(base::clip_rows, v3::clip_rows, v4::clip_rows); }
#else
inline const ClipRows& clip_rows() noexcept { return base::clip_rows; }
#endif

}  // namespace nearfar::effects
