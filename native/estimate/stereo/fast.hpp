// The quick way from pictures to shifts: matched at half size, then once more in a narrow band at full size.
#pragma once

#include "estimate/stereo/match.hpp"

namespace nearfar::estimate {

// Whether pictures are large enough to be matched at half size.
bool can_match_fast(PictureSize size) noexcept;

void match_fast(const Picture& left, const Picture& right, std::size_t shifts, const StereoMaps& out);

}  // namespace nearfar::estimate
