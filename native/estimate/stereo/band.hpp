// Shifts found at half size brought to the full size of their pictures.
//
//     half size ─▶ enlarged along the picture's edges ─▶ 8 shifts around each pixel's own ─▶ 4 paths ─▶ parts of px
//
// Semi-global matching again, in a band that follows what is known: a pixel takes eight bytes, however far the shifts
// of the whole picture reach.
//
// Source: the narrow search after Rothermel et al., "SURE: Photogrammetric Surface Reconstruction from Imagery",
// LC3D 2012.
#pragma once

#include <cstdint>

#include "estimate/stereo/aggregate.hpp"

namespace nearfar::estimate {

// `shift` is the map of `half`, the half of `left`, in 1/64 of its px: in 1/32 px. out is in px, 0..shifts − 1.
void match_in_bands(const Picture& left, const Picture& right, const Picture& half, const std::int16_t* shift,
                    std::size_t shifts, float* out);

}  // namespace nearfar::estimate
