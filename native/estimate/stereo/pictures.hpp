// Pictures as the matcher wants them: grey, and the left one's colours in planes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "estimate/stereo/aggregate.hpp"
#include "estimate/stereo/fill.hpp"

namespace nearfar::estimate {

// 8-bit grey, (77 R + 150 G + 29 B + 128) / 256.
std::unique_ptr<std::uint8_t[]> to_grey(const std::uint8_t* picture, PictureSize size, std::size_t channels);

// Planes whose rows repeat their outermost pixels 16 times on either side.
class Planes {
public:
    Planes(const std::uint8_t* picture, PictureSize size, std::size_t channels);
    ColourPlanes view() const noexcept;

private:
    std::size_t stride_, plane_;
    std::size_t channels_;
    std::unique_ptr<std::uint8_t[]> data_;
};

}  // namespace nearfar::estimate
