// A normalised picture with room around it, and a normalised reference laid so that every shift of a range lies inside.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/pool.hpp"

namespace nearfar::pattern {

// Where to look for the picture in the reference. Column `offset` of the reference shows what column 0 of the picture
// shows at the reference's depth; picture column x at shift s shows column x + offset − s.
struct Range {
    std::size_t height, width, reference_width;
    std::ptrdiff_t offset;
    std::ptrdiff_t least, most;  // shifts, pixels, both ends included

    std::size_t span() const noexcept { return static_cast<std::size_t>(most - least); }
};

// Samples with a margin on all sides. at(x, y) may go as far as `margin` beyond the edges.
template <class T>
struct Plane {
    std::size_t height, width, margin, stride;
    std::unique_ptr<T[]> samples;

    Plane(std::size_t rows, std::size_t columns, std::size_t around)
        : height(rows),
          width(columns),
          margin(around),
          stride(columns + 2 * around),
          samples(new T[(rows + 2 * around) * stride]) {}

    const T* at(std::size_t x, std::size_t y) const noexcept {
        return samples.get() + (y + margin) * stride + x + margin;
    }
    T* row(std::size_t y) noexcept { return samples.get() + y * stride; }  // with margins: 0 is the topmost of all
};

// A plane filled from rows of `from_width` samples, of which column `first` lies under the plane's column 0. Beyond
// their ends, and above and below, is `outside`.
template <class T, class Convert>
Plane<T> lay(const std::int16_t* from, std::size_t from_width, std::ptrdiff_t first, std::size_t height,
             std::size_t width, std::size_t margin, T outside, const Convert& convert) {
    Plane<T> plane(height, width, margin);
    const std::ptrdiff_t start = first - static_cast<std::ptrdiff_t>(margin);
    const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(plane.stride);
    const std::ptrdiff_t begin = std::clamp<std::ptrdiff_t>(-start, 0, stride);
    const std::ptrdiff_t rest = static_cast<std::ptrdiff_t>(from_width) - start;
    const std::ptrdiff_t end = std::clamp(rest, begin, stride);
    parallel_for(height + 2 * margin, 64, [&](std::size_t top, std::size_t bottom) {
        for (std::size_t y = top; y < bottom; ++y) {
            T* laid = plane.row(y);
            if (y < margin || y >= height + margin) {
                std::fill(laid, laid + stride, outside);
                continue;
            }
            const std::int16_t* row = from + (y - margin) * from_width;
            std::fill(laid, laid + begin, outside);
            for (std::ptrdiff_t x = begin; x < end; ++x) laid[x] = convert(row[start + x]);
            std::fill(laid + end, laid + stride, outside);
        }
    });
    return plane;
}

template <class T, class Convert>
Plane<T> lay_image(const std::int16_t* image, const Range& range, std::size_t margin, T outside,
                   const Convert& convert) {
    return lay<T>(image, range.width, 0, range.height, range.width, margin, outside, convert);
}

// The part of the reference that the shifts least..most can show: picture column x at shift s lies over column
// x + most − s of the plane.
template <class T, class Convert>
Plane<T> lay_reference(const std::int16_t* reference, const Range& range, std::size_t margin, T outside,
                       const Convert& convert) {
    return lay<T>(reference, range.reference_width, range.offset - range.most, range.height,
                  range.width + range.span(), margin, outside, convert);
}

}  // namespace nearfar::pattern
