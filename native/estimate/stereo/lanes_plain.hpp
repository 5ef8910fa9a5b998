// 16 lanes in plain loops, which every compiler turns into what its CPU has; see lanes_avx512.hpp for what the
// operations do.
// Included by lanes.hpp alone.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::estimate::NEARFAR_LEVEL {

using std::size_t;
using std::uint16_t;
using std::uint8_t;

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

}  // namespace nearfar::estimate::NEARFAR_LEVEL
