// The hot loops of the frame codec, compiled once per SIMD level (frame_rows.cpp). All work on a run of samples.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::depth {

struct FrameRows {
    // Differences to the sample before, zig-zagged; byte k of each goes to planes[k·stride + i]. `before` is the sample
    // before the first.
    void (*split16)(const std::uint16_t* values, std::size_t count, std::uint16_t before, std::uint8_t* planes,
                    std::size_t stride) noexcept;
    void (*split32)(const std::uint32_t* values, std::size_t count, std::uint32_t before, std::uint8_t* planes,
                    std::size_t stride) noexcept;

    // Undoes split.
    void (*join16)(const std::uint8_t* planes, std::size_t stride, std::size_t count, std::uint16_t before,
                   std::uint16_t* out) noexcept;
    void (*join32)(const std::uint8_t* planes, std::size_t stride, std::size_t count, std::uint32_t before,
                   std::uint32_t* out) noexcept;

    // The CRC of what was before (0 for nothing) and of `count` bytes more.
    std::uint32_t (*crc32c)(std::uint32_t before, const std::uint8_t* data, std::size_t count) noexcept;

    // The Adler-32 of what was before (1 for nothing) and of `count` bytes more (RFC 1950).
    std::uint32_t (*adler32)(std::uint32_t before, const std::uint8_t* data, std::size_t count) noexcept;
};

namespace base {
extern const FrameRows frame_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const FrameRows frame_rows;
}
namespace v4 {
extern const FrameRows frame_rows;
}
inline const FrameRows& frame_rows() noexcept { return pick(base::frame_rows, v3::frame_rows, v4::frame_rows); }
#else
inline const FrameRows& frame_rows() noexcept { return base::frame_rows; }
#endif

}  // namespace nearfar::depth
