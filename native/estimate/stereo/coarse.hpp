// What a match of the same pair at a smaller size says about where shifts lie.
//
// On a wall without texture only the grain of the sensor is left to match. The means of a smaller picture have less of
// it, and a path there reaches further: where both pictures are flat, the full size is held near what was found.
#pragma once

#include <cstdint>

#include "core/large_block.hpp"
#include "estimate/stereo/aggregate.hpp"

namespace nearfar::estimate {

// The prior for pictures `factor` times as large as the coarse ones, which were matched and filled.
class CoarsePrior {
public:
    CoarsePrior(const Picture& coarse, const std::int16_t* shift, const std::uint8_t* state, PictureSize size,
                int factor);

    const Prior* get() const noexcept { return &prior_; }

private:
    LargeBlock<std::int16_t> shift_;
    LargeBlock<std::uint8_t> most_;
    Prior prior_;
};

}  // namespace nearfar::estimate
