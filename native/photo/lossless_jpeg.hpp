// Lossless JPEG (ITU-T T.81, process 14: SOF3, DPCM and Huffman) of one component.
//
//     predictor(left, above, above left) ──▶ difference mod 2^16 ──▶ category code + extra bits
//
// Phones keep 16-bit depth, holes included, in such streams. The decoder reads untrusted bytes: every length is
// checked, and the picture is only allocated when the stream is long enough to hold it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nearfar::photo {

struct LosslessPicture {
    std::size_t height = 0;
    std::size_t width = 0;
    int precision = 0;                   // bits per sample, 2..16
    std::vector<std::uint16_t> samples;  // height × width
};

// Throws std::invalid_argument, naming the byte, for anything that is not a whole one-component lossless stream and for
// pictures of more than max_pixels.
LosslessPicture decode_lossless_jpeg(const std::uint8_t* data, std::size_t length, std::uint64_t max_pixels);

// 16-bit samples, 1 <= height, width <= 65535, 1 <= predictor <= 7.
std::vector<std::uint8_t> encode_lossless_jpeg(const std::uint16_t* samples, std::size_t height, std::size_t width,
                                               int predictor);

}  // namespace nearfar::photo
