// Integer codes of stored depth images <-> float values, by a linear scale
// (Apple's IntMin..IntMax, FloatMin..FloatMax).
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::depth {

// The affine scale between codes and values. Codes outside code_min..code_max count as the nearer end.
struct CodeScale {
    double code_min, code_max;    // code_min < code_max
    double value_min, value_max;  // finite
};

void decode_codes(const std::uint8_t* codes, std::size_t count, const CodeScale& scale, float* out);
void decode_codes(const std::uint16_t* codes, std::size_t count, const CodeScale& scale, float* out);

// 0..255 for value_min..value_max, rounded half to even, held to 0..255. NaN gives 0, and so does every value when
// the range is empty.
void encode_codes(const float* values, std::size_t count, double value_min, double value_max, std::uint8_t* out);

}  // namespace nearfar::depth
