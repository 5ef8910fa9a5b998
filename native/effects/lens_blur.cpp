#include "effects/lens_blur.hpp"

#include "effects/background.hpp"
#include "effects/coarse.hpp"
#include "effects/sorting.hpp"
#include "effects/tiles.hpp"

namespace nearfar::effects {
namespace {

Fineness fineness_of(Effort effort) {
    switch (effort) {
        case Effort::fast: return {4.0F, 0.20F, 1.0F};
        case Effort::standard: return {4.0F, 0.15F, 0.5F};
        case Effort::best: break;
    }
    return {8.0F, 0.08F, 0.5F};
}

// Steps in which mixed pixels learn from their neighbours; none: they are not split.
std::optional<int> refinements_of(Effort effort) {
    switch (effort) {
        case Effort::fast: return std::nullopt;
        case Effort::standard: return 1;
        case Effort::best: break;
    }
    return 2;
}

}  // namespace

void lens_blur(const Picture& picture, const float* disparity, Focus focus, const Aperture& aperture, Effort effort,
               const Progress& progress, void* samples) {
    const Extents extents(disparity, picture.width, picture.height);
    const Layers layers =
        plan_layers(disparity, extents, picture.width, picture.height, focus, aperture, fineness_of(effort));
    progress.tell(0.05);
    Sorted sorted(picture.width, picture.height);
    CoarseLayers far(picture.width, picture.height, layers, false), near(picture.width, picture.height, layers, true);
    Background background(picture.width, picture.height, layers);
    sort_pixels(picture, disparity, extents, layers, refinements_of(effort), sorted, {near, far, background},
                progress.part(0.05, 0.45));
    far.render();
    near.render();
    progress.tell(0.5);
    background.finish(far);
    progress.tell(0.55);
    render_tiles(picture, layers, sorted, {near, far, background}, progress.part(0.55, 1.0), samples);
}

}  // namespace nearfar::effects
