// The 32 lanes of AVX2; see lanes_avx512.hpp for what the operations do.
// Included by lanes.hpp alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include <immintrin.h>

namespace nearfar::estimate::NEARFAR_LEVEL {

using std::size_t;
using std::uint16_t;
using std::uint8_t;

constexpr size_t lanes = 32;

struct Bytes {
    __m256i v;
};
struct Words {
    __m256i v;
};

inline __m256i splat_bytes(int value) noexcept { return _mm256_set1_epi8(static_cast<char>(value)); }
inline __m256i read(const void* from) noexcept { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }
inline void write(void* to, __m256i v) noexcept { _mm256_storeu_si256(static_cast<__m256i*>(to), v); }
inline Bytes load(const uint8_t* from) noexcept { return {read(from)}; }
inline void store(uint8_t* to, Bytes a) noexcept { write(to, a.v); }
inline Bytes bytes(int value) noexcept { return {splat_bytes(value)}; }
inline Bytes min(Bytes a, Bytes b) noexcept { return {_mm256_min_epu8(a.v, b.v)}; }
inline Bytes max(Bytes a, Bytes b) noexcept { return {_mm256_max_epu8(a.v, b.v)}; }
inline Bytes add(Bytes a, Bytes b) noexcept { return {_mm256_adds_epu8(a.v, b.v)}; }
inline Bytes subtract(Bytes a, Bytes b) noexcept { return {_mm256_subs_epu8(a.v, b.v)}; }
inline Bytes average(Bytes a, Bytes b) noexcept { return {_mm256_avg_epu8(a.v, b.v)}; }
inline Bytes operator&(Bytes a, Bytes b) noexcept { return {_mm256_and_si256(a.v, b.v)}; }
inline Bytes operator|(Bytes a, Bytes b) noexcept { return {_mm256_or_si256(a.v, b.v)}; }
inline Bytes operator^(Bytes a, Bytes b) noexcept { return {_mm256_xor_si256(a.v, b.v)}; }
inline Bytes majority(Bytes a, Bytes b, Bytes c) noexcept { return (a & b) | ((a ^ b) & c); }
inline Bytes equal(Bytes a, Bytes b) noexcept { return {_mm256_cmpeq_epi8(a.v, b.v)}; }
inline Bytes choose(Bytes mask, Bytes a, Bytes b) noexcept { return {_mm256_blendv_epi8(b.v, a.v, mask.v)}; }
template <int shift>
inline Bytes shift_right(Bytes a) noexcept {
    return {_mm256_and_si256(_mm256_srli_epi16(a.v, shift), splat_bytes(255 >> shift))};
}
template <int weight>
inline Bytes count_bits(Bytes a) noexcept {
    constexpr char w = weight;
    const __m256i table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, w, w, 2 * w, w, 2 * w, 2 * w, 3 * w, w, 2 * w,
                                                                    2 * w, 3 * w, 2 * w, 3 * w, 3 * w, 4 * w));
    const __m256i nibble = splat_bytes(15);
    return {_mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(a.v, nibble)),
                            _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(a.v, 4), nibble)))};
}

inline Words load(const uint16_t* from) noexcept { return {read(from)}; }
inline void store(uint16_t* to, Words a) noexcept { write(to, a.v); }
inline Words words(int value) noexcept { return {_mm256_set1_epi16(static_cast<short>(value))}; }
inline Words even(Bytes a) noexcept { return {_mm256_and_si256(a.v, _mm256_set1_epi16(255))}; }
inline Words odd(Bytes a) noexcept { return {_mm256_srli_epi16(a.v, 8)}; }
inline Words add(Words a, Words b) noexcept { return {_mm256_add_epi16(a.v, b.v)}; }
inline Words subtract(Words a, Words b) noexcept { return {_mm256_sub_epi16(a.v, b.v)}; }
inline Words min(Words a, Words b) noexcept { return {_mm256_min_epi16(a.v, b.v)}; }
inline Words max(Words a, Words b) noexcept { return {_mm256_max_epi16(a.v, b.v)}; }
inline void take_less(Words value, Words position, Words& best, Words& index) noexcept {
    const __m256i less = _mm256_cmpgt_epi16(best.v, value.v);
    best.v = _mm256_min_epi16(best.v, value.v);
    index.v = _mm256_blendv_epi8(index.v, position.v, less);
}
inline void take_least(Words value, Words position, Words& best, Words& index) noexcept {
    const __m256i same = _mm256_cmpeq_epi16(value.v, best.v);
    const __m256i lesser = _mm256_min_epi16(index.v, position.v);
    take_less(value, position, best, index);
    index.v = _mm256_blendv_epi8(index.v, lesser, same);
}
inline Words unless_near(Words value, Words position, Words index) noexcept {
    const __m256i away = _mm256_abs_epi16(_mm256_sub_epi16(position.v, index.v));
    const __m256i far = _mm256_cmpgt_epi16(away, _mm256_set1_epi16(1));
    return {_mm256_or_si256(value.v, _mm256_andnot_si256(far, _mm256_set1_epi16(0x7fff)))};
}

inline Bytes interleave_low(Bytes a, Bytes b) noexcept { return {_mm256_unpacklo_epi8(a.v, b.v)}; }
inline Bytes interleave_high(Bytes a, Bytes b) noexcept { return {_mm256_unpackhi_epi8(a.v, b.v)}; }
inline Bytes load_runs(const uint8_t* from, size_t stride) noexcept {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + stride));
    return {_mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1)};
}
inline void store_runs(uint8_t* to, size_t stride, Bytes a) noexcept {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(a.v));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + stride), _mm256_extracti128_si256(a.v, 1));
}

inline Bytes one_back(Bytes before, Bytes here) noexcept {
    return {_mm256_alignr_epi8(here.v, _mm256_permute2x128_si256(before.v, here.v, 0x21), 15)};
}
inline Bytes one_on(Bytes here, Bytes after) noexcept {
    return {_mm256_alignr_epi8(_mm256_permute2x128_si256(here.v, after.v, 0x21), here.v, 1)};
}
inline Bytes least(Bytes a) noexcept {
    __m128i low = _mm_min_epu8(_mm256_castsi256_si128(a.v), _mm256_extracti128_si256(a.v, 1));
    low = _mm_min_epu8(low, _mm_srli_epi16(low, 8));
    return {_mm256_broadcastb_epi8(_mm_minpos_epu16(_mm_and_si128(low, _mm_set1_epi16(255))))};
}

}  // namespace nearfar::estimate::NEARFAR_LEVEL
