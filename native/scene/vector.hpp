// Three numbers with a direction.
#pragma once

#include <cmath>

namespace nearfar::scene {

template <class T>
struct Triple {
    T x, y, z;
};
using Vec = Triple<double>;
using Vecf = Triple<float>;

template <class T>
constexpr Triple<T> operator+(const Triple<T>& a, const Triple<T>& b) noexcept {
    return {a.x + b.x, a.y + b.y, a.z + b.z};
}
template <class T>
constexpr Triple<T> operator-(const Triple<T>& a, const Triple<T>& b) noexcept {
    return {a.x - b.x, a.y - b.y, a.z - b.z};
}
template <class T>
constexpr Triple<T> operator*(const Triple<T>& a, T factor) noexcept {
    return {a.x * factor, a.y * factor, a.z * factor};
}
template <class T>
constexpr Triple<T> operator*(const Triple<T>& a, const Triple<T>& b) noexcept {
    return {a.x * b.x, a.y * b.y, a.z * b.z};
}
template <class T>
constexpr T dot(const Triple<T>& a, const Triple<T>& b) noexcept {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
template <class T>
constexpr Triple<T> cross(const Triple<T>& a, const Triple<T>& b) noexcept {
    return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
// Of length 1; zero stays zero.
inline Vecf unit(const Vecf& a) noexcept {
    const float length = std::sqrt(dot(a, a));
    return length > 0.0F ? a * (1.0F / length) : a;
}

inline Vec load(const float* from) noexcept {
    return {static_cast<double>(from[0]), static_cast<double>(from[1]), static_cast<double>(from[2])};
}
inline Vecf loadf(const float* from) noexcept { return {from[0], from[1], from[2]}; }
inline Vecf rounded(const Vec& a) noexcept {
    return {static_cast<float>(a.x), static_cast<float>(a.y), static_cast<float>(a.z)};
}

// A rotation (rows) and a translation: what a Pose is.
struct Motion {
    Vec row[3];
    Vec at;

    Vec turn(const Vec& a) const noexcept { return {dot(row[0], a), dot(row[1], a), dot(row[2], a)}; }
    Vec turn_back(const Vec& a) const noexcept { return row[0] * a.x + row[1] * a.y + row[2] * a.z; }
    Vec apply(const Vec& a) const noexcept { return turn(a) + at; }
};

}  // namespace nearfar::scene
