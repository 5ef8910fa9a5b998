// Vectors of bytes and of 16-bit words, as wide as the SIMD level allows: what the stereo kernels are written in.
//
// Included only by sources that are compiled once per level. Every operation gives the same numbers at every width,
// so the kernels are bit-equal at every level. A byte vector splits into the words of its even and of its odd bytes:
// that needs no shuffle.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__AVX512BW__) || defined(__AVX2__) || defined(__SSE2__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC's own header, _mm512_undefined_epi32
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#else
#include <immintrin.h>
#endif
#define NEARFAR_X86_LANES
#endif

namespace nearfar::estimate::NEARFAR_LEVEL {

using std::size_t;
using std::uint16_t;
using std::uint8_t;

#if defined(__AVX512BW__)

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

#elif defined(__AVX2__)

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

#elif defined(NEARFAR_X86_LANES)

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

#else  // plain loops, which every compiler turns into what its CPU has

constexpr size_t lanes = 16;

struct Bytes {
    uint8_t v[lanes];
};
struct Words {
    uint16_t v[lanes / 2];
};

template <class F>
inline Bytes each(const F& lane) noexcept {
    Bytes result;
    for (size_t i = 0; i < lanes; ++i) result.v[i] = static_cast<uint8_t>(lane(i));
    return result;
}
template <class F>
inline Words each_word(const F& lane) noexcept {
    Words result;
    for (size_t i = 0; i < lanes / 2; ++i) result.v[i] = static_cast<uint16_t>(lane(i));
    return result;
}

inline Bytes load(const uint8_t* from) noexcept {
    return each([=](size_t i) { return from[i]; });
}
inline void store(uint8_t* to, Bytes a) noexcept {
    for (size_t i = 0; i < lanes; ++i) to[i] = a.v[i];
}
inline Bytes bytes(int value) noexcept {
    return each([=](size_t) { return value; });
}
inline Bytes min(Bytes a, Bytes b) noexcept {
    return each([&](size_t i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
}
inline Bytes max(Bytes a, Bytes b) noexcept {
    return each([&](size_t i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
}
inline Bytes add(Bytes a, Bytes b) noexcept {
    return each([&](size_t i) { return a.v[i] + b.v[i] < 255 ? a.v[i] + b.v[i] : 255; });
}
inline Bytes subtract(Bytes a, Bytes b) noexcept {
    return each([&](size_t i) { return a.v[i] > b.v[i] ? a.v[i] - b.v[i] : 0; });
}
inline Bytes average(Bytes a, Bytes b) noexcept {
    return each([&](size_t i) { return (a.v[i] + b.v[i] + 1) >> 1; });
}
inline Bytes operator&(Bytes a, Bytes b) noexcept {
    return each([&](size_t i) { return a.v[i] & b.v[i]; });
}
inline Bytes operator|(Bytes a, Bytes b) noexcept {
    return each([&](size_t i) { return a.v[i] | b.v[i]; });
}
inline Bytes operator^(Bytes a, Bytes b) noexcept {
    return each([&](size_t i) { return a.v[i] ^ b.v[i]; });
}
inline Bytes majority(Bytes a, Bytes b, Bytes c) noexcept { return (a & b) | ((a ^ b) & c); }
inline Bytes equal(Bytes a, Bytes b) noexcept {
    return each([&](size_t i) { return a.v[i] == b.v[i] ? 255 : 0; });
}
inline Bytes choose(Bytes mask, Bytes a, Bytes b) noexcept {
    return each([&](size_t i) { return mask.v[i] ? a.v[i] : b.v[i]; });
}
template <int shift>
inline Bytes shift_right(Bytes a) noexcept {
    return each([&](size_t i) { return a.v[i] >> shift; });
}
template <int weight>
inline Bytes count_bits(Bytes a) noexcept {
    return each([&](size_t i) {
        unsigned x = a.v[i];
        x -= (x >> 1) & 0x55u;
        x = (x & 0x33u) + ((x >> 2) & 0x33u);
        return weight * static_cast<int>((x + (x >> 4)) & 15u);
    });
}

inline Words load(const uint16_t* from) noexcept {
    return each_word([=](size_t i) { return from[i]; });
}
inline void store(uint16_t* to, Words a) noexcept {
    for (size_t i = 0; i < lanes / 2; ++i) to[i] = a.v[i];
}
inline Words words(int value) noexcept {
    return each_word([=](size_t) { return value; });
}
inline Words even(Bytes a) noexcept {
    return each_word([&](size_t i) { return a.v[2 * i]; });
}
inline Words odd(Bytes a) noexcept {
    return each_word([&](size_t i) { return a.v[2 * i + 1]; });
}
inline Words add(Words a, Words b) noexcept {
    return each_word([&](size_t i) { return a.v[i] + b.v[i]; });
}
inline Words subtract(Words a, Words b) noexcept {
    return each_word([&](size_t i) { return a.v[i] - b.v[i]; });
}
inline Words min(Words a, Words b) noexcept {
    return each_word([&](size_t i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
}
inline Words max(Words a, Words b) noexcept {
    return each_word([&](size_t i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
}
inline void take_less(Words value, Words position, Words& best, Words& index) noexcept {
    for (size_t i = 0; i < lanes / 2; ++i) {
        const bool less = value.v[i] < best.v[i];
        best.v[i] = less ? value.v[i] : best.v[i];
        index.v[i] = less ? position.v[i] : index.v[i];
    }
}
inline void take_least(Words value, Words position, Words& best, Words& index) noexcept {
    for (size_t i = 0; i < lanes / 2; ++i) {
        const bool less = value.v[i] < best.v[i] || (value.v[i] == best.v[i] && position.v[i] < index.v[i]);
        best.v[i] = less ? value.v[i] : best.v[i];
        index.v[i] = less ? position.v[i] : index.v[i];
    }
}
inline Words unless_near(Words value, Words position, Words index) noexcept {
    return each_word([&](size_t i) {
        const int step = position.v[i] - index.v[i];
        return step > 1 || step < -1 ? value.v[i] : 0x7fff;
    });
}

inline Bytes interleave_low(Bytes a, Bytes b) noexcept {
    return each([&](size_t i) { return i % 2 ? b.v[i / 2] : a.v[i / 2]; });
}
inline Bytes interleave_high(Bytes a, Bytes b) noexcept {
    return each([&](size_t i) { return i % 2 ? b.v[8 + i / 2] : a.v[8 + i / 2]; });
}
inline Bytes load_runs(const uint8_t* from, size_t) noexcept { return load(from); }
inline void store_runs(uint8_t* to, size_t, Bytes a) noexcept { store(to, a); }

inline Bytes one_back(Bytes before, Bytes here) noexcept {
    return each([&](size_t i) { return i ? here.v[i - 1] : before.v[lanes - 1]; });
}
inline Bytes one_on(Bytes here, Bytes after) noexcept {
    return each([&](size_t i) { return i + 1 < lanes ? here.v[i + 1] : after.v[0]; });
}
inline Bytes least(Bytes a) noexcept {
    uint8_t low = 255;
    for (size_t i = 0; i < lanes; ++i) low = a.v[i] < low ? a.v[i] : low;
    return bytes(low);
}

#endif

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
