// The 64 lanes of AVX-512. What an operation does is said here once for all widths.
// Included by lanes.hpp alone.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC's own header, _mm512_undefined_epi32
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#else
#include <immintrin.h>
#endif

namespace nearfar::estimate::NEARFAR_LEVEL {

using std::size_t;
using std::uint16_t;
using std::uint8_t;

constexpr size_t lanes = 64;

struct Bytes {
    __m512i v;
};
struct Words {
    __m512i v;
};

inline __m512i splat_bytes(int value) noexcept { return _mm512_set1_epi8(static_cast<char>(value)); }
inline Bytes load(const uint8_t* from) noexcept { return {_mm512_loadu_si512(from)}; }
inline void store(uint8_t* to, Bytes a) noexcept { _mm512_storeu_si512(to, a.v); }
inline Bytes bytes(int value) noexcept { return {splat_bytes(value)}; }
inline Bytes min(Bytes a, Bytes b) noexcept { return {_mm512_min_epu8(a.v, b.v)}; }
inline Bytes max(Bytes a, Bytes b) noexcept { return {_mm512_max_epu8(a.v, b.v)}; }
inline Bytes add(Bytes a, Bytes b) noexcept { return {_mm512_adds_epu8(a.v, b.v)}; }
inline Bytes subtract(Bytes a, Bytes b) noexcept { return {_mm512_subs_epu8(a.v, b.v)}; }
inline Bytes average(Bytes a, Bytes b) noexcept { return {_mm512_avg_epu8(a.v, b.v)}; }
inline Bytes operator&(Bytes a, Bytes b) noexcept { return {_mm512_and_si512(a.v, b.v)}; }
inline Bytes operator|(Bytes a, Bytes b) noexcept { return {_mm512_or_si512(a.v, b.v)}; }
inline Bytes operator^(Bytes a, Bytes b) noexcept { return {_mm512_xor_si512(a.v, b.v)}; }
inline Bytes majority(Bytes a, Bytes b, Bytes c) noexcept {
    return {_mm512_ternarylogic_epi64(a.v, b.v, c.v, 0xE8)};
}
// 255 where equal, else 0.
inline Bytes equal(Bytes a, Bytes b) noexcept { return {_mm512_movm_epi8(_mm512_cmpeq_epi8_mask(a.v, b.v))}; }
// a where the mask's byte is 255, b where it is 0.
inline Bytes choose(Bytes mask, Bytes a, Bytes b) noexcept {
    return {_mm512_ternarylogic_epi64(mask.v, a.v, b.v, 0xCA)};
}
template <int shift>
inline Bytes shift_right(Bytes a) noexcept {
    return {_mm512_and_si512(_mm512_srli_epi16(a.v, shift), splat_bytes(255 >> shift))};
}
// Bits set in each byte, times `weight`.
template <int weight>
inline Bytes count_bits(Bytes a) noexcept {
    constexpr char w = weight;
    const __m512i table = _mm512_broadcast_i32x4(_mm_setr_epi8(0, w, w, 2 * w, w, 2 * w, 2 * w, 3 * w, w, 2 * w, 2 * w,
                                                               3 * w, 2 * w, 3 * w, 3 * w, 4 * w));
    const __m512i nibble = splat_bytes(15);
    return {_mm512_add_epi8(_mm512_shuffle_epi8(table, _mm512_and_si512(a.v, nibble)),
                            _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(a.v, 4), nibble)))};
}

inline Words load(const uint16_t* from) noexcept { return {_mm512_loadu_si512(from)}; }
inline void store(uint16_t* to, Words a) noexcept { _mm512_storeu_si512(to, a.v); }
inline Words words(int value) noexcept { return {_mm512_set1_epi16(static_cast<short>(value))}; }
inline Words even(Bytes a) noexcept { return {_mm512_and_si512(a.v, _mm512_set1_epi16(255))}; }
inline Words odd(Bytes a) noexcept { return {_mm512_srli_epi16(a.v, 8)}; }
inline Words add(Words a, Words b) noexcept { return {_mm512_add_epi16(a.v, b.v)}; }
inline Words subtract(Words a, Words b) noexcept { return {_mm512_sub_epi16(a.v, b.v)}; }
inline Words min(Words a, Words b) noexcept { return {_mm512_min_epi16(a.v, b.v)}; }
inline Words max(Words a, Words b) noexcept { return {_mm512_max_epi16(a.v, b.v)}; }
// Where value < best: best = value, index = position. Words are below 2^15.
inline void take_less(Words value, Words position, Words& best, Words& index) noexcept {
    const __mmask32 less = _mm512_cmplt_epi16_mask(value.v, best.v);
    best.v = _mm512_min_epi16(best.v, value.v);
    index.v = _mm512_mask_mov_epi16(index.v, less, position.v);
}
// The same, and of equal values the lesser position.
inline void take_least(Words value, Words position, Words& best, Words& index) noexcept {
    const __mmask32 same = _mm512_cmpeq_epi16_mask(value.v, best.v);
    const __m512i lesser = _mm512_min_epi16(index.v, position.v);
    take_less(value, position, best, index);
    index.v = _mm512_mask_mov_epi16(index.v, same, lesser);
}
// value where |position − index| > 1, else the largest word.
inline Words unless_near(Words value, Words position, Words index) noexcept {
    const __m512i away = _mm512_abs_epi16(_mm512_sub_epi16(position.v, index.v));
    return {_mm512_mask_mov_epi16(_mm512_set1_epi16(0x7fff), _mm512_cmpgt_epi16_mask(away, _mm512_set1_epi16(1)),
                                  value.v)};
}

// Within each run of 16 bytes: the lower (upper) halves of a and b by turns.
inline Bytes interleave_low(Bytes a, Bytes b) noexcept { return {_mm512_unpacklo_epi8(a.v, b.v)}; }
inline Bytes interleave_high(Bytes a, Bytes b) noexcept { return {_mm512_unpackhi_epi8(a.v, b.v)}; }
// Runs of 16 bytes from (to) places `stride` apart.
inline Bytes load_runs(const uint8_t* from, size_t stride) noexcept {
    const auto run = [=](size_t i) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * stride)); };
    const __m512i first = _mm512_castsi128_si512(run(0));
    const __m512i two = _mm512_inserti32x4(first, run(1), 1);
    return {_mm512_inserti32x4(_mm512_inserti32x4(two, run(2), 2), run(3), 3)};
}
inline void store_runs(uint8_t* to, size_t stride, Bytes a) noexcept {
    const auto place = [=](size_t i) { return reinterpret_cast<__m128i*>(to + i * stride); };
    _mm_storeu_si128(place(0), _mm512_castsi512_si128(a.v));
    _mm_storeu_si128(place(1), _mm512_extracti32x4_epi32(a.v, 1));
    _mm_storeu_si128(place(2), _mm512_extracti32x4_epi32(a.v, 2));
    _mm_storeu_si128(place(3), _mm512_extracti32x4_epi32(a.v, 3));
}

// A run of bytes that lies in order of shift: its neighbours one step back and one step on.
inline Bytes one_back(Bytes before, Bytes here) noexcept {
    return {_mm512_alignr_epi8(here.v, _mm512_maskz_alignr_epi64(0xff, here.v, before.v, 6), 15)};
}
inline Bytes one_on(Bytes here, Bytes after) noexcept {
    return {_mm512_alignr_epi8(_mm512_maskz_alignr_epi64(0xff, after.v, here.v, 2), here.v, 1)};
}
inline Bytes least(Bytes a) noexcept {  // in every lane
    const __m256i half = _mm256_min_epu8(_mm512_castsi512_si256(a.v), _mm512_extracti64x4_epi64(a.v, 1));
    __m128i low = _mm_min_epu8(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    low = _mm_min_epu8(low, _mm_srli_epi16(low, 8));
    return {_mm512_broadcastb_epi8(_mm_minpos_epu16(_mm_and_si128(low, _mm_set1_epi16(255))))};
}

}  // namespace nearfar::estimate::NEARFAR_LEVEL
