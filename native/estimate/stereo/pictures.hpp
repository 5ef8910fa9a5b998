// Pictures as the matcher wants them: luminance in 16 bits, colours in planes, and the same at half size.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/large_block.hpp"

namespace nearfar::estimate {

struct PictureSize {
    std::size_t height;
    std::size_t width;

    std::size_t count() const noexcept { return height * width; }
    PictureSize half() const noexcept { return {height / 2, width / 2}; }
};

// Three planes of colour, 8 bits each. Rows repeat their outermost pixels: they can be read `colour_margin` columns
// beyond both ends.
constexpr std::size_t colour_margin = 64;

struct ColourPlanes {
    const std::uint8_t* plane[3];
    std::size_t stride;

    // The three channels' differences summed.
    int difference(std::size_t a, std::size_t b) const noexcept {
        int sum = 0;
        for (const std::uint8_t* p : plane) sum += p[a] < p[b] ? p[b] - p[a] : p[a] - p[b];
        return sum;
    }
};

class Picture {
public:
    // Interleaved, of 1 (grey) or 3 (RGB) channels; Sample is uint8_t or uint16_t.
    template <class Sample>
    Picture(const Sample* samples, PictureSize size, std::size_t channels);

    // Each pixel the mean of four; the luminance keeps its 16 bits, so that means are finer than the pixels were.
    Picture half() const;

    PictureSize size() const noexcept { return size_; }
    const std::uint16_t* luminance() const noexcept { return luminance_.get(); }
    ColourPlanes colour() const noexcept;

private:
    Picture(PictureSize size, std::size_t channels);
    std::uint8_t* row(std::size_t channel, std::size_t y) const noexcept;
    void repeat_ends(std::size_t y) const noexcept;

    PictureSize size_;
    std::size_t channels_, stride_;
    LargeBlock<std::uint16_t> luminance_;
    LargeBlock<std::uint8_t> colour_;
};

}  // namespace nearfar::estimate
