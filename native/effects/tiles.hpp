// The last pass over the picture: in each 64×64 tile the layers of full size are blurred and laid over one another,
// between what the coarse layers have left behind and in front of them, and the result is coded.
#pragma once

#include "effects/sorting.hpp"

namespace nearfar::effects {

struct Rendered {
    const CoarseLayers& near;
    const CoarseLayers& far;
    const Background& background;
};

// `samples` has the picture's size and coding.
void render_tiles(const Picture& picture, const Layers& layers, const Sorted& sorted, const Rendered& rendered,
                  const Progress& progress, void* samples);

}  // namespace nearfar::effects
