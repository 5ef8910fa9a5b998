// A normalised picture with room around it, and the reference laid so that every shift of a range lies inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nearfar::pattern {

// The picture and the reference, both normalised. Column `offset` of the reference shows what column 0 of the
// picture shows at the reference's depth; picture column x at shift s shows column x + offset − s.
struct Pair {
    const std::int16_t* image;
    const std::int16_t* reference;
    std::size_t height, width, reference_width;
    std::ptrdiff_t offset;
    std::ptrdiff_t least, most;  // the range of shifts, pixels, both ends included
};

// Samples with `margin` of zeros on all sides. at(x, y) is valid from −margin to size + margin − 1.
template <class T>
struct Plane {
    std::vector<T> samples;
    std::size_t stride = 0;
    std::size_t margin = 0;

    Plane(std::size_t height, std::size_t width, std::size_t around, T value)
        : samples((height + 2 * around) * (width + 2 * around), value), stride(width + 2 * around), margin(around) {}

    const T* at(std::size_t x, std::size_t y) const noexcept {
        return samples.data() + (y + margin) * stride + x + margin;
    }
    T* at(std::size_t x, std::size_t y) noexcept { return samples.data() + (y + margin) * stride + x + margin; }
};

// The part of the reference that the shifts least..most can show, in a plane whose column (most − s) + x lies under
// picture column x at shift s. Where the reference has no such column, `outside`.
template <class T, class Convert>
Plane<T> lay_reference(const Pair& pair, std::size_t margin, T outside, const Convert& convert) {
    const std::ptrdiff_t span = pair.most - pair.least;
    const std::size_t width = pair.width + static_cast<std::size_t>(span);
    Plane<T> plane(pair.height, width, margin, outside);
    const std::ptrdiff_t around = static_cast<std::ptrdiff_t>(margin);
    const std::ptrdiff_t first = pair.offset - pair.most;  // the reference's column under the plane's column 0
    for (std::size_t y = 0; y < pair.height; ++y) {
        const std::int16_t* row = pair.reference + y * pair.reference_width;
        T* laid = plane.at(0, y);
        for (std::ptrdiff_t x = -around; x < static_cast<std::ptrdiff_t>(width) + around; ++x) {
            const std::ptrdiff_t column = first + x;
            if (column >= 0 && column < static_cast<std::ptrdiff_t>(pair.reference_width)) laid[x] = convert(row[column]);
        }
    }
    return plane;
}

template <class T, class Convert>
Plane<T> lay_image(const Pair& pair, std::size_t margin, T outside, const Convert& convert) {
    Plane<T> plane(pair.height, pair.width, margin, outside);
    for (std::size_t y = 0; y < pair.height; ++y) {
        T* laid = plane.at(0, y);
        for (std::size_t x = 0; x < pair.width; ++x) laid[x] = convert(pair.image[y * pair.width + x]);
    }
    return plane;
}

}  // namespace nearfar::pattern
