// Local contrast normalisation: what is left of a picture when its brightness and its gain are taken away.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nearfar::pattern {

// out = 512·(value − mean)/(deviation + 1/2) over 11 × 11 pixels, held to two deviations: ±1024. Windows end at the
// picture's edges. Saturated dots lose their tops, and so does the reference: the hold makes them alike again.
void normalise(const std::uint16_t* image, std::size_t height, std::size_t width, std::int16_t* out);

}  // namespace nearfar::pattern
