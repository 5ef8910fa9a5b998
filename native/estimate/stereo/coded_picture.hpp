// A grey picture and its census codes, in rows that can be read beyond both ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "estimate/stereo/match_rows.hpp"

namespace nearfar::estimate {

class CodedPicture {
public:
    // Rows are readable `before` columns to the left of column 0, repeating it.
    CodedPicture(const std::uint8_t* grey, std::size_t height, std::size_t width, std::size_t before);

    CodedRow row(std::size_t y) const noexcept;
    const std::uint8_t* grey(std::size_t y) const noexcept { return plane(census_planes, y); }

private:
    std::uint8_t* plane(int index, std::size_t y) const noexcept;
    void copy_grey(const std::uint8_t* grey);
    void repeat_ends(std::uint8_t* row) const noexcept;

    std::size_t height_, width_, before_, stride_;
    std::unique_ptr<std::uint8_t[]> data_;
};

}  // namespace nearfar::estimate
