// The hot loops of matching within a narrow band, compiled once per SIMD level. All work on rows of the left picture.
//
// A pixel's band is the eight shifts top, top − 1 … top − 7, a byte for each. Bytes hold 255 less a cost: what slides in
// from beyond a band is 0, the worst, and the best is the greatest. A neighbour with another top has its band slid by
// the difference, so that bytes of one shift meet. Rows are worked out to whole vectors, and can be read one beyond.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/simd.hpp"

namespace nearfar::estimate {

constexpr std::size_t band_length = 8;
constexpr int band_above = 3;  // shifts of a band above the expected one

// A row of a picture: its grey, and 16 comparisons of each pixel with its neighbours.
struct BandCodes {
    const std::uint8_t* grey;
    const std::uint8_t* census[2];
};

// How pixels lie to their predecessors on a path: the difference of grey, and how many bits the predecessor's band is
// slid up and down to lie as theirs does. On the way back up and down change places.
struct BandSteps {
    const std::uint8_t* grey;
    const std::uint8_t* up;
    const std::uint8_t* down;

    BandSteps back() const noexcept { return {grey, down, up}; }
    BandSteps from(std::size_t x) const noexcept { return {grey + x, up + x, down + x}; }
};

struct BandRows {
    std::size_t bands;  // of a vector

    void (*upper_bytes)(const std::uint16_t* words, std::size_t width, std::uint8_t* out);

    // rows[2] is the row.
    void (*census)(const std::uint8_t* const rows[5], std::size_t width, std::uint8_t* const planes[2]);

    // Steps of a row from its predecessor's tops and greys.
    void (*steps)(const std::int16_t* top, const std::int16_t* before, const std::uint8_t* grey,
                  const std::uint8_t* grey_before, std::size_t width, std::uint8_t* const out[3]);

    // 255 − min(Hamming distance, 14) − min(|difference of grey|, 60) / 4. The right row can be read wherever a top
    // leads. `width` is a multiple of 64.
    void (*costs)(const BandCodes& left, const BandCodes& right, const std::int16_t* top, std::size_t width,
                  std::uint8_t* out);

    // Weighted 1 2 1 down the picture, or along the row: a neighbour whose grey differs too much is replaced by the
    // pixel itself. Steps are those of the row, and of the row below.
    void (*blur_down)(const std::uint8_t* const rows[3], const BandSteps& steps, const BandSteps& below,
                      std::size_t width, std::uint8_t* out);
    void (*blur_along)(const std::uint8_t* row, const BandSteps& steps, std::size_t width, std::uint8_t* out);

    // One row further along a path straight down (or up). The path's cost, not taken from 255, is added to `sums`;
    // null: to nothing.
    void (*down)(const std::uint8_t* costs, const BandSteps& steps, std::size_t width, std::uint8_t* state,
                 std::uint8_t* sums);

    // The paths along as many rows at once as a vector has bands, there and back, added to `sums`. Each row's steps
    // come from its left neighbours. `scratch` holds 3·(width + 64)·bands bytes.
    void (*along)(const std::uint8_t* const* costs, const BandSteps* steps, std::size_t width, std::uint8_t* scratch,
                  std::uint8_t* const* sums);

    // The shift of the least sum, in px, by two lines of one slope through it and its neighbours, and `expected`
    // (1/32 px) where it lies at an end of the band; 0..most. `scratch` holds a word for each pixel.
    void (*winners)(const std::uint8_t* sums, const std::int16_t* top, const std::int16_t* expected,
                    std::size_t width, int most, std::uint32_t* scratch, float* out);

    // Shifts of a half-size row as those of a full-size one, of which `near` is the nearest half-size row and `far`
    // the next: bilinear on a surface, at a step from the neighbour that is most alike in colour. And the tops
    // of bands around them. Rows repeat their outermost pixels a vector beyond both ends; as much of `out` is written.
    void (*enlarge)(const std::int16_t* near_shift, const std::int16_t* far_shift,
                    const std::uint8_t* const near_colour[3], const std::uint8_t* const far_colour[3],
                    const std::uint8_t* const colour[3], std::size_t width, std::int16_t* out, std::int16_t* top);
};

namespace base {
extern const BandRows band_rows;
}
#ifdef NEARFAR_X86_LEVELS
namespace v3 {
extern const BandRows band_rows;
}
namespace v4 {
extern const BandRows band_rows;
}
inline const BandRows& band_rows() noexcept { return pick(base::band_rows, v3::band_rows, v4::band_rows); }
#else
inline const BandRows& band_rows() noexcept { return base::band_rows; }
#endif

}  // namespace nearfar::estimate
