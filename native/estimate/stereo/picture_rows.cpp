#include "estimate/stereo/picture_rows.hpp"

namespace nearfar::estimate::NEARFAR_LEVEL {
namespace {

using std::size_t;
using std::uint16_t;
using std::uint8_t;

// Eight bits of a sample, and the luminance of three in 16.
inline uint8_t top(uint8_t sample) noexcept { return sample; }
inline uint8_t top(uint16_t sample) noexcept { return static_cast<uint8_t>(sample >> 8); }
inline uint16_t grey_of(uint8_t r, uint8_t g, uint8_t b) noexcept {
    return static_cast<uint16_t>(77 * r + 150 * g + 29 * b);
}
inline uint16_t grey_of(uint16_t r, uint16_t g, uint16_t b) noexcept {
    return static_cast<uint16_t>((77U * r + 150U * g + 29U * b) >> 8);
}

template <class Sample>
void split(const Sample* __restrict samples, size_t width, uint8_t* const planes[3],
           uint16_t* __restrict luminance) {
    uint8_t *__restrict red = planes[0], *__restrict green = planes[1], *__restrict blue = planes[2];
    for (size_t x = 0; x < width; ++x) {
        red[x] = top(samples[3 * x]);
        green[x] = top(samples[3 * x + 1]);
        blue[x] = top(samples[3 * x + 2]);
        luminance[x] = grey_of(samples[3 * x], samples[3 * x + 1], samples[3 * x + 2]);
    }
}

template <class Sample>
void halve(const Sample* __restrict above, const Sample* __restrict below, size_t width, Sample* __restrict out) {
    for (size_t x = 0; x < width; ++x) {
        out[x] = static_cast<Sample>((above[2 * x] + above[2 * x + 1] + below[2 * x] + below[2 * x + 1] + 2) >> 2);
    }
}

}  // namespace

extern const PictureRows picture_rows;
const PictureRows picture_rows{split<uint8_t>, split<uint16_t>, halve<uint8_t>, halve<uint16_t>};

}  // namespace nearfar::estimate::NEARFAR_LEVEL
