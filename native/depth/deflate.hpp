// Deflate, quickly made: a zlib stream (RFC 1950, 1951) such as every browser undoes.
//
//     bytes ──▶ Matcher: tokens ──▶ 32,768 of them in a block, by codes of its own (prefix_code) ──▶ bits
//
// On frames of depth it takes half the time of zlib at its quickest: of sensors they get a tenth smaller, of stereo
// cameras a tenth larger.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::depth {

// The most bytes that a stream of `count` bytes may have.
std::size_t most_deflated(std::size_t count) noexcept;

// Writes a stream to `out`, which has room for most_deflated(count), and gives its length. `count` is at least 1.
std::size_t deflate(const std::uint8_t* data, std::size_t count, std::uint8_t* out);

}  // namespace nearfar::depth
