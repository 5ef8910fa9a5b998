// What costs and penalties are read from: census codes of a picture, and the colour steps between its pixels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/large_block.hpp"
#include "estimate/stereo/cost_rows.hpp"
#include "estimate/stereo/pictures.hpp"

namespace nearfar::estimate {

// Planes of bytes whose rows can be read beyond both ends.
class WidePlanes {
public:
    WidePlanes(std::size_t planes, PictureSize size, std::size_t before);

    std::uint8_t* row(std::size_t plane, std::size_t y) const noexcept {
        return data_.get() + (y * planes_ + plane) * stride_ + before_;
    }
    void repeat_ends(std::uint8_t* row) const noexcept;
    void clear_ends(std::uint8_t* row) const noexcept;

private:
    std::size_t planes_, width_, before_, stride_;
    LargeBlock<std::uint8_t> data_;
};

class CodedPicture {
public:
    // Rows are readable `before` columns to the left of column 0, repeating it.
    CodedPicture(const Picture& picture, std::size_t before);

    CodedRow row(std::size_t y) const noexcept;

private:
    WidePlanes planes_;
};

class ColourStepPlanes {
public:
    explicit ColourStepPlanes(const Picture& picture);

    // Steps of row y. The row below the last repeats it: its steps straight down are 0.
    ColourSteps row(std::size_t y) const noexcept;

private:
    WidePlanes planes_;
};

}  // namespace nearfar::estimate
