// How much of a pixel the nearer of two surfaces covers, by what the eight pixels around it and itself show.
//
//     . # #
//     . . #   ─▶  0.31        . = farther, # = nearer, each as seen in the middle of its pixel
//     . . .
#pragma once

namespace nearfar::effects {

// The mean over straight edges, corners and strips 0.3 to 4 px wide that show this pattern: bit 3·row + column of
// `near`, from the top left. Patterns that these don't show go by how many pixels are near.
float expected_coverage(unsigned near);

}  // namespace nearfar::effects
