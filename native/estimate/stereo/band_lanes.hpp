// Bytes in bands of eight: a pixel's eight candidate shifts side by side, as one 64-bit lane of a vector.
//
// Included only by sources that are compiled once per level. Byte 0 of a band is the lowest of its 64 bits.
#pragma once

#include <cstring>

#include "estimate/stereo/lanes.hpp"

namespace nearfar::estimate::NEARFAR_LEVEL {

using std::int16_t;
using std::uint32_t;
using std::uint64_t;

constexpr size_t bands = lanes / 8;

#if defined(__AVX512BW__)

inline __m512i eight(const uint8_t* from) noexcept {
    return _mm512_cvtepu8_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
}
inline Bytes each_band(uint64_t band) noexcept { return {_mm512_set1_epi64(static_cast<long long>(band))}; }
// One byte for each band, in all eight of its bytes.
inline Bytes spread(const uint8_t* from) noexcept {
    return {_mm512_shuffle_epi8(eight(from), _mm512_set_epi64(0x0808080808080808, 0, 0x0808080808080808, 0,
                                                              0x0808080808080808, 0, 0x0808080808080808, 0))};
}
// Each band moved by its own number of bits, up and then down; 64 empties it.
inline Bytes slide(Bytes a, const uint8_t* up, const uint8_t* down) noexcept {
    return {_mm512_srlv_epi64(_mm512_sllv_epi64(a.v, eight(up)), eight(down))};
}
// Each band moved by whole bytes.
template <int count>
inline Bytes move_up(Bytes a) noexcept {
    return {_mm512_slli_epi64(a.v, 8 * count)};
}
template <int count>
inline Bytes move_down(Bytes a) noexcept {
    return {_mm512_srli_epi64(a.v, 8 * count)};
}
// The greatest byte of each band, in all of its bytes.
inline Bytes greatest(Bytes a) noexcept {
    a = max(a, {_mm512_rol_epi64(a.v, 32)});
    a = max(a, {_mm512_rol_epi64(a.v, 16)});
    return max(a, {_mm512_rol_epi64(a.v, 8)});
}
// Bands as 64-bit integers.
inline Bytes subtract_bands(Bytes a, Bytes b) noexcept { return {_mm512_sub_epi64(a.v, b.v)}; }
// The sum of each band's bytes, as a 64-bit integer.
inline Bytes sum(Bytes a) noexcept { return {_mm512_sad_epu8(a.v, _mm512_setzero_si512())}; }
// The lower half of each band.
inline void store_halves(uint32_t* to, Bytes a) noexcept {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtepi64_epi32(a.v));
}
// Rows of bands become columns.
inline void transpose(Bytes (&v)[bands]) noexcept {
    __m512i first[4], second[4];  // the columns 0, 2, 4, 6 of two rows each, and 1, 3, 5, 7
    for (int i = 0; i < 4; ++i) {
        first[i] = _mm512_unpacklo_epi64(v[2 * i].v, v[2 * i + 1].v);
        second[i] = _mm512_unpackhi_epi64(v[2 * i].v, v[2 * i + 1].v);
    }
    const auto gather = [&v](const __m512i(&pairs)[4], int column) {
        const __m512i even_upper = _mm512_shuffle_i64x2(pairs[0], pairs[1], 0x88);
        const __m512i even_lower = _mm512_shuffle_i64x2(pairs[2], pairs[3], 0x88);
        const __m512i odd_upper = _mm512_shuffle_i64x2(pairs[0], pairs[1], 0xdd);
        const __m512i odd_lower = _mm512_shuffle_i64x2(pairs[2], pairs[3], 0xdd);
        v[column].v = _mm512_shuffle_i64x2(even_upper, even_lower, 0x88);
        v[column + 2].v = _mm512_shuffle_i64x2(odd_upper, odd_lower, 0x88);
        v[column + 4].v = _mm512_shuffle_i64x2(even_upper, even_lower, 0xdd);
        v[column + 6].v = _mm512_shuffle_i64x2(odd_upper, odd_lower, 0xdd);
    };
    gather(first, 0);
    gather(second, 1);
}

template <int shift>
inline Words shift_right(Words a) noexcept {
    return {_mm512_srli_epi16(a.v, shift)};
}
// Half a vector of bytes, each of them twice.
inline Bytes twice(const uint8_t* from) noexcept {
    const __m512i once = _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
    return {_mm512_or_si512(once, _mm512_slli_epi16(once, 8))};
}
// Words of a and of b in turns.
inline void store_in_turns(int16_t* to, Words a, Words b) noexcept {
    const __m512i low = _mm512_unpacklo_epi16(a.v, b.v), high = _mm512_unpackhi_epi16(a.v, b.v);
    const __m512i first = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0);
    const __m512i second = _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4);
    _mm512_storeu_si512(to, _mm512_permutex2var_epi64(low, first, high));
    _mm512_storeu_si512(to + lanes / 2, _mm512_permutex2var_epi64(low, second, high));
}

#elif defined(__AVX2__)

inline __m128i four(const uint8_t* from) noexcept {
    int word = 0;
    std::memcpy(&word, from, sizeof word);
    return _mm_cvtsi32_si128(word);
}
inline Bytes each_band(uint64_t band) noexcept { return {_mm256_set1_epi64x(static_cast<long long>(band))}; }
inline Bytes spread(const uint8_t* from) noexcept {
    const __m256i index = _mm256_set_epi64x(0x0303030303030303, 0x0202020202020202, 0x0101010101010101, 0);
    return {_mm256_shuffle_epi8(_mm256_broadcastd_epi32(four(from)), index)};
}
inline Bytes slide(Bytes a, const uint8_t* up, const uint8_t* down) noexcept {
    const __m256i moved = _mm256_sllv_epi64(a.v, _mm256_cvtepu8_epi64(four(up)));
    return {_mm256_srlv_epi64(moved, _mm256_cvtepu8_epi64(four(down)))};
}
template <int count>
inline Bytes move_up(Bytes a) noexcept {
    return {_mm256_slli_epi64(a.v, 8 * count)};
}
template <int count>
inline Bytes move_down(Bytes a) noexcept {
    return {_mm256_srli_epi64(a.v, 8 * count)};
}
inline Bytes greatest(Bytes a) noexcept {
    const __m128i by_two = _mm_setr_epi8(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9);
    const __m128i by_one = _mm_setr_epi8(1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15, 8);
    a = max(a, {_mm256_shuffle_epi32(a.v, 0xb1)});
    a = max(a, {_mm256_shuffle_epi8(a.v, _mm256_broadcastsi128_si256(by_two))});
    return max(a, {_mm256_shuffle_epi8(a.v, _mm256_broadcastsi128_si256(by_one))});
}
inline Bytes subtract_bands(Bytes a, Bytes b) noexcept { return {_mm256_sub_epi64(a.v, b.v)}; }
inline Bytes sum(Bytes a) noexcept { return {_mm256_sad_epu8(a.v, _mm256_setzero_si256())}; }
inline void store_halves(uint32_t* to, Bytes a) noexcept {
    const __m256i halves = _mm256_permutevar8x32_epi32(a.v, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(halves));
}
// Rows of bands become columns.
inline void transpose(Bytes (&v)[bands]) noexcept {
    const __m256i a = _mm256_unpacklo_epi64(v[0].v, v[1].v), b = _mm256_unpackhi_epi64(v[0].v, v[1].v);
    const __m256i c = _mm256_unpacklo_epi64(v[2].v, v[3].v), d = _mm256_unpackhi_epi64(v[2].v, v[3].v);
    v[0].v = _mm256_permute2x128_si256(a, c, 0x20);
    v[1].v = _mm256_permute2x128_si256(b, d, 0x20);
    v[2].v = _mm256_permute2x128_si256(a, c, 0x31);
    v[3].v = _mm256_permute2x128_si256(b, d, 0x31);
}

template <int shift>
inline Words shift_right(Words a) noexcept {
    return {_mm256_srli_epi16(a.v, shift)};
}
inline Bytes twice(const uint8_t* from) noexcept {
    const __m256i once = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
    return {_mm256_or_si256(once, _mm256_slli_epi16(once, 8))};
}
inline void store_in_turns(int16_t* to, Words a, Words b) noexcept {
    const __m256i low = _mm256_unpacklo_epi16(a.v, b.v), high = _mm256_unpackhi_epi16(a.v, b.v);
    write(to, _mm256_permute2x128_si256(low, high, 0x20));
    write(to + lanes / 2, _mm256_permute2x128_si256(low, high, 0x31));
}

#else  // two 64-bit integers

struct Bands {
    uint64_t v[bands];
};
inline Bands bands_of(Bytes a) noexcept {
    Bands result;
    std::memcpy(&result, &a, sizeof result);
    return result;
}
template <class F>
inline Bytes of_bands(const F& band) noexcept {
    const Bands result{{band(size_t{0}), band(size_t{1})}};
    Bytes a;
    std::memcpy(&a, &result, sizeof a);
    return a;
}
inline uint64_t moved(uint64_t band, int up, int down) noexcept {
    return up > 63 || down > 63 ? 0 : band << up >> down;
}
inline Bytes each_band(uint64_t band) noexcept {
    return of_bands([=](size_t) { return band; });
}
inline Bytes spread(const uint8_t* from) noexcept {
    return of_bands([=](size_t i) { return from[i] * uint64_t{0x0101010101010101}; });
}
inline Bytes slide(Bytes a, const uint8_t* up, const uint8_t* down) noexcept {
    const Bands from = bands_of(a);
    return of_bands([&](size_t i) { return moved(from.v[i], up[i], down[i]); });
}
template <int count>
inline Bytes move_up(Bytes a) noexcept {
    const Bands from = bands_of(a);
    return of_bands([&](size_t i) { return from.v[i] << (8 * count); });
}
template <int count>
inline Bytes move_down(Bytes a) noexcept {
    const Bands from = bands_of(a);
    return of_bands([&](size_t i) { return from.v[i] >> (8 * count); });
}
inline Bytes greatest(Bytes a) noexcept {
    a = max(a, move_up<4>(a) | move_down<4>(a));
    a = max(a, move_up<2>(a) | move_down<6>(a));
    return max(a, move_up<1>(a) | move_down<7>(a));
}
inline Bytes subtract_bands(Bytes a, Bytes b) noexcept {
    const Bands from = bands_of(a), less = bands_of(b);
    return of_bands([&](size_t i) { return from.v[i] - less.v[i]; });
}
inline Bytes sum(Bytes a) noexcept {
    const Bands from = bands_of(a);
    return of_bands([&](size_t i) {
        constexpr uint64_t every_other = 0x00ff00ff00ff00ff;
        const uint64_t pairs = (from.v[i] & every_other) + (from.v[i] >> 8 & every_other);
        return pairs * 0x0001000100010001 >> 48;
    });
}
inline void store_halves(uint32_t* to, Bytes a) noexcept {
    const Bands from = bands_of(a);
    for (size_t i = 0; i < bands; ++i) to[i] = static_cast<uint32_t>(from.v[i]);
}
inline void transpose(Bytes (&v)[bands]) noexcept {
    const Bands a = bands_of(v[0]), b = bands_of(v[1]);
    v[0] = of_bands([&](size_t i) { return i ? b.v[0] : a.v[0]; });
    v[1] = of_bands([&](size_t i) { return i ? b.v[1] : a.v[1]; });
}

#if defined(NEARFAR_X86_LANES)
template <int shift>
inline Words shift_right(Words a) noexcept {
    return {_mm_srli_epi16(a.v, shift)};
}
inline Bytes twice(const uint8_t* from) noexcept {
    const __m128i once = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    return {_mm_unpacklo_epi8(once, once)};
}
inline void store_in_turns(int16_t* to, Words a, Words b) noexcept {
    write(to, _mm_unpacklo_epi16(a.v, b.v));
    write(to + lanes / 2, _mm_unpackhi_epi16(a.v, b.v));
}
#else
template <int shift>
inline Words shift_right(Words a) noexcept {
    return each_word([&](size_t i) { return a.v[i] >> shift; });
}
inline Bytes twice(const uint8_t* from) noexcept {
    return each([=](size_t i) { return from[i / 2]; });
}
inline void store_in_turns(int16_t* to, Words a, Words b) noexcept {
    for (size_t i = 0; i < lanes / 2; ++i) {
        to[2 * i] = static_cast<int16_t>(a.v[i]);
        to[2 * i + 1] = static_cast<int16_t>(b.v[i]);
    }
}
#endif

#endif

}  // namespace nearfar::estimate::NEARFAR_LEVEL
