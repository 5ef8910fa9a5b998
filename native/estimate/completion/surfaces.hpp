// Which neighbouring samples of a map lie on one surface.
//
//      o──o──o                          o  the step between two samples is no jump when it is small, or when it goes
//                  o──o     ──▶  cut       on as the step before or after it: so a slope, however steep, and a fold
//         jump ↑                           stay whole, and only an edge in depth is cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nearfar::completion {

struct Samples {
    const double* values;  // height·width; NaN is a hole
    std::size_t height, width;
};

class Surfaces {
public:
    Surfaces(const Samples& samples, double threshold);

    // Whether sample (y, x) lies on one surface with its right or its lower neighbour; false where there is none.
    bool right(std::size_t y, std::size_t x) const noexcept { return links_[y * width_ + x] & 1; }
    bool down(std::size_t y, std::size_t x) const noexcept { return links_[y * width_ + x] & 2; }

private:
    std::size_t width_;
    std::vector<std::uint8_t> links_;
};

}  // namespace nearfar::completion
