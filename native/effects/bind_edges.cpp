// The splitting of mixed pixels for Python: what its twin is compared with.
#include <cmath>
#include <stdexcept>

#include "bind.hpp"
#include "effects/coverage.hpp"
#include "effects/edges.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

constexpr std::size_t columns = 10;

MapOut<float> mixed_pixels(const nb::ndarray<const float, nb::ndim<3>, nb::c_contig, nb::device::cpu>& image,
                           const MapIn<float>& disparity, float focus_disparity, float strength, int refinements) {
    constexpr std::size_t longest = std::size_t{1} << 20;
    const std::size_t height = disparity.shape(0), width = disparity.shape(1);
    if (disparity.size() == 0 || height > longest || width > longest || image.shape(0) != height ||
        image.shape(1) != width || image.shape(2) != 3) {
        throw std::invalid_argument("the image must be (H, W, 3), the disparity (H, W), both not empty");
    }
    if (!std::isfinite(focus_disparity) || !std::isfinite(strength) || refinements < 0 || refinements > 2) {
        throw std::invalid_argument("focus_disparity and strength must be finite, refinements 0, 1 or 2");
    }
    std::vector<effects::MixedPixel> mixed;
    {
        const KernelScope scope;
        using effects::Index;
        const effects::Picture picture{image.data(), effects::Coding::floats, static_cast<Index>(width), static_cast<Index>(height)};
        const effects::Extents extents(disparity.data(), picture.width, picture.height);
        const effects::Layers layers = effects::plan_layers(disparity.data(), extents, picture.width, picture.height,
                                                            {focus_disparity, strength}, {}, {4.0F, 0.15F, 0.5F});
        effects::EdgeScratch scratch;
        for (Index y = 0; y < picture.height; y += effects::Surroundings::tile) {
            for (Index x = 0; x < picture.width; x += effects::Surroundings::tile) {
                effects::split_mixed_pixels(picture, disparity.data(), layers, x, y, refinements, scratch, mixed);
            }
        }
    }
    std::unique_ptr<float[]> out(new float[std::max<std::size_t>(1, mixed.size() * columns)]);
    float* row = out.get();
    for (const effects::MixedPixel& pixel : mixed) {
        *row++ = static_cast<float>(pixel.x);
        *row++ = static_cast<float>(pixel.y);
        *row++ = pixel.near_share;
        *row++ = pixel.far_share;
        row = std::copy(pixel.near_light.begin(), pixel.near_light.end(), row);
        row = std::copy(pixel.far_light.begin(), pixel.far_light.end(), row);
    }
    return hand_over(std::move(out), mixed.size(), columns);
}

float expected_coverage(unsigned near) {
    if (near > 511U) throw std::invalid_argument("a pattern has 9 bits");
    return effects::expected_coverage(near);
}

}  // namespace

void bind_edges(nb::module_& module) {
    module.def("mixed_pixels", &mixed_pixels, nb::arg("image").noconvert(), nb::arg("disparity").noconvert(),
               "focus_disparity"_a, "strength"_a, "refinements"_a,
               "The pixels (N, 10) that lens blur splits in two layers: x, y, the shares of the nearer and the farther "
               "sample, and the light of both.");
    module.def("expected_coverage", &expected_coverage, "near"_a,
               "How much of a pixel the nearer surface covers, by which of 3x3 pixels show it: a bit each, row by row.");
}

}  // namespace nearfar
