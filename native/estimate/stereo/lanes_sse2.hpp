// The 16 lanes of SSE2; see lanes_avx512.hpp for what the operations do.
// Included by lanes.hpp alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include <immintrin.h>

namespace nearfar::estimate::NEARFAR_LEVEL {

using std::size_t;
using std::uint16_t;
using std::uint8_t;

constexpr size_t lanes = 16;

struct Bytes {
    __m128i v;
};
struct Words {
    __m128i v;
};

inline __m128i splat_bytes(int value) noexcept { return _mm_set1_epi8(static_cast<char>(value)); }
inline __m128i read(const void* from) noexcept { return _mm_loadu_si128(static_cast<const __m128i*>(from)); }
inline void write(void* to, __m128i v) noexcept { _mm_storeu_si128(static_cast<__m128i*>(to), v); }
inline Bytes load(const uint8_t* from) noexcept { return {read(from)}; }
inline void store(uint8_t* to, Bytes a) noexcept { write(to, a.v); }
inline Bytes bytes(int value) noexcept { return {splat_bytes(value)}; }
inline Bytes min(Bytes a, Bytes b) noexcept { return {_mm_min_epu8(a.v, b.v)}; }
inline Bytes max(Bytes a, Bytes b) noexcept { return {_mm_max_epu8(a.v, b.v)}; }
inline Bytes add(Bytes a, Bytes b) noexcept { return {_mm_adds_epu8(a.v, b.v)}; }
inline Bytes subtract(Bytes a, Bytes b) noexcept { return {_mm_subs_epu8(a.v, b.v)}; }
inline Bytes average(Bytes a, Bytes b) noexcept { return {_mm_avg_epu8(a.v, b.v)}; }
inline Bytes operator&(Bytes a, Bytes b) noexcept { return {_mm_and_si128(a.v, b.v)}; }
inline Bytes operator|(Bytes a, Bytes b) noexcept { return {_mm_or_si128(a.v, b.v)}; }
inline Bytes operator^(Bytes a, Bytes b) noexcept { return {_mm_xor_si128(a.v, b.v)}; }
inline Bytes majority(Bytes a, Bytes b, Bytes c) noexcept { return (a & b) | ((a ^ b) & c); }
inline Bytes equal(Bytes a, Bytes b) noexcept { return {_mm_cmpeq_epi8(a.v, b.v)}; }
inline Bytes choose(Bytes mask, Bytes a, Bytes b) noexcept {
    return {_mm_or_si128(_mm_and_si128(mask.v, a.v), _mm_andnot_si128(mask.v, b.v))};
}
template <int shift>
inline Bytes shift_right(Bytes a) noexcept {
    return {_mm_and_si128(_mm_srli_epi16(a.v, shift), splat_bytes(255 >> shift))};
}
template <int weight>
inline Bytes count_bits(Bytes a) noexcept {
    const __m128i pairs = _mm_sub_epi8(a.v, _mm_and_si128(_mm_srli_epi16(a.v, 1), splat_bytes(0x55)));
    const __m128i fours = _mm_add_epi8(_mm_and_si128(pairs, splat_bytes(0x33)),
                                       _mm_and_si128(_mm_srli_epi16(pairs, 2), splat_bytes(0x33)));
    const __m128i eights = _mm_and_si128(_mm_add_epi8(fours, _mm_srli_epi16(fours, 4)), splat_bytes(0x0f));
    return {weight == 2 ? _mm_add_epi8(eights, eights) : eights};
}

inline Words load(const uint16_t* from) noexcept { return {read(from)}; }
inline void store(uint16_t* to, Words a) noexcept { write(to, a.v); }
inline Words words(int value) noexcept { return {_mm_set1_epi16(static_cast<short>(value))}; }
inline Words even(Bytes a) noexcept { return {_mm_and_si128(a.v, _mm_set1_epi16(255))}; }
inline Words odd(Bytes a) noexcept { return {_mm_srli_epi16(a.v, 8)}; }
inline Words add(Words a, Words b) noexcept { return {_mm_add_epi16(a.v, b.v)}; }
inline Words subtract(Words a, Words b) noexcept { return {_mm_sub_epi16(a.v, b.v)}; }
inline Words min(Words a, Words b) noexcept { return {_mm_min_epi16(a.v, b.v)}; }
inline Words max(Words a, Words b) noexcept { return {_mm_max_epi16(a.v, b.v)}; }
inline void take_less(Words value, Words position, Words& best, Words& index) noexcept {
    const __m128i less = _mm_cmpgt_epi16(best.v, value.v);
    best.v = _mm_min_epi16(best.v, value.v);
    index.v = _mm_or_si128(_mm_and_si128(less, position.v), _mm_andnot_si128(less, index.v));
}
inline void take_least(Words value, Words position, Words& best, Words& index) noexcept {
    const __m128i same = _mm_cmpeq_epi16(value.v, best.v);
    const __m128i lesser = _mm_min_epi16(index.v, position.v);
    take_less(value, position, best, index);
    index.v = _mm_or_si128(_mm_and_si128(same, lesser), _mm_andnot_si128(same, index.v));
}
inline Words unless_near(Words value, Words position, Words index) noexcept {
    const __m128i step = _mm_sub_epi16(position.v, index.v);
    const __m128i far = _mm_or_si128(_mm_cmpgt_epi16(step, _mm_set1_epi16(1)),
                                     _mm_cmpgt_epi16(_mm_set1_epi16(-1), step));
    return {_mm_or_si128(value.v, _mm_andnot_si128(far, _mm_set1_epi16(0x7fff)))};
}

inline Bytes interleave_low(Bytes a, Bytes b) noexcept { return {_mm_unpacklo_epi8(a.v, b.v)}; }
inline Bytes interleave_high(Bytes a, Bytes b) noexcept { return {_mm_unpackhi_epi8(a.v, b.v)}; }
inline Bytes load_runs(const uint8_t* from, size_t) noexcept { return load(from); }
inline void store_runs(uint8_t* to, size_t, Bytes a) noexcept { store(to, a); }

inline Bytes one_back(Bytes before, Bytes here) noexcept {
    return {_mm_or_si128(_mm_slli_si128(here.v, 1), _mm_srli_si128(before.v, 15))};
}
inline Bytes one_on(Bytes here, Bytes after) noexcept {
    return {_mm_or_si128(_mm_srli_si128(here.v, 1), _mm_slli_si128(after.v, 15))};
}
inline Bytes least(Bytes a) noexcept {
    __m128i low = _mm_min_epu8(a.v, _mm_srli_si128(a.v, 8));
    low = _mm_min_epu8(low, _mm_srli_si128(low, 4));
    low = _mm_min_epu8(low, _mm_srli_si128(low, 2));
    low = _mm_min_epu8(low, _mm_srli_si128(low, 1));
    low = _mm_unpacklo_epi8(low, low);
    return {_mm_shuffle_epi32(_mm_shufflelo_epi16(low, 0), 0)};
}

}  // namespace nearfar::estimate::NEARFAR_LEVEL
