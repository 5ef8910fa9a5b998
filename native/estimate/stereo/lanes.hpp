// Vectors of bytes and of 16-bit words, as wide as the SIMD level allows: what the stereo kernels are written in.
//
// Included only by sources that are compiled once per level. Every operation gives the same numbers at every width,
// so the kernels are bit-equal at every level. A byte vector splits into the words of its even and of its odd bytes:
// that needs no shuffle.
#pragma once

#if defined(__AVX512BW__)
#define NEARFAR_X86_LANES
#include "estimate/stereo/lanes_avx512.hpp"
#elif defined(__AVX2__)
#define NEARFAR_X86_LANES
#include "estimate/stereo/lanes_avx2.hpp"
#elif defined(__SSE2__)
#define NEARFAR_X86_LANES
#include "estimate/stereo/lanes_sse2.hpp"
#else
#include "estimate/stereo/lanes_plain.hpp"
#endif

namespace nearfar::estimate::NEARFAR_LEVEL {

inline Bytes difference(Bytes a, Bytes b) noexcept { return subtract(a, b) | subtract(b, a); }

inline void take_less(Bytes value, Bytes position, Bytes& best, Bytes& index) noexcept {
#if defined(__AVX512BW__)
    index.v = _mm512_mask_mov_epi8(index.v, _mm512_cmplt_epu8_mask(value.v, best.v), position.v);
    best = min(best, value);
#else
    const Bytes less = min(best, value);
    index = choose(equal(less, best), index, position);
    best = less;
#endif
}
inline void take_least(Bytes value, Bytes position, Bytes& best, Bytes& index) noexcept {
    const Bytes same = equal(value, best), lesser = min(index, position);
    take_less(value, position, best, index);
    index = choose(same, lesser, index);
}
inline Bytes unless_near(Bytes value, Bytes position, Bytes index) noexcept {
    const Bytes away = difference(position, index);
    return value | equal(min(away, bytes(1)), away);
}

}  // namespace nearfar::estimate::NEARFAR_LEVEL
