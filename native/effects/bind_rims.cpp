// What makes a measured map fit for its picture, for Python: a smaller picture, edges moved, rims widened.
#include <cmath>
#include <cstdint>
#include <stdexcept>

#include "bind.hpp"
#include "effects/rims.hpp"
#include "effects/settle.hpp"
#include "effects/shrink.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

template <class T>
using PictureIn = nb::ndarray<const T, nb::ndim<3>, nb::c_contig, nb::device::cpu>;

constexpr std::size_t longest = std::size_t{1} << 20;

effects::MapOf map_of(const MapIn<float>& values) {
    if (values.size() == 0 || values.shape(0) > longest || values.shape(1) > longest) {
        throw std::invalid_argument("a map must not be empty and not beyond any picture");
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values.data()[i])) throw std::invalid_argument("a map must be finite");
    }
    return {values.data(), static_cast<effects::Index>(values.shape(1)), static_cast<effects::Index>(values.shape(0))};
}

using CodesOut = nb::ndarray<nb::numpy, const std::uint8_t, nb::ndim<3>, nb::c_contig>;

template <class Code>
CodesOut shrink(const PictureIn<Code>& picture, std::size_t height, std::size_t width) {
    if (picture.shape(2) != 3 || picture.size() == 0 || picture.shape(0) > longest || picture.shape(1) > longest) {
        throw std::invalid_argument("the picture must be (H, W, 3), not empty and not beyond any picture");
    }
    if (height == 0 || width == 0 || height > picture.shape(0) || width > picture.shape(1)) {
        throw std::invalid_argument("the size must not be empty, nor larger than the picture");
    }
    std::unique_ptr<std::uint8_t[]> out(new std::uint8_t[3 * height * width]);
    {
        const KernelScope scope;
        const auto size = [](std::size_t down, std::size_t across) {
            return effects::PictureSize{static_cast<effects::Index>(across), static_cast<effects::Index>(down)};
        };
        effects::shrink(picture.data(), size(picture.shape(0), picture.shape(1)), size(height, width), out.get());
    }
    std::uint8_t* data = out.get();
    nb::capsule owner(data, [](void* held) noexcept { delete[] static_cast<std::uint8_t*>(held); });
    static_cast<void>(out.release());
    return CodesOut(data, {height, width, 3}, owner);
}

MapOut<float> settle_edges(const MapIn<float>& disparity, const PictureIn<std::uint8_t>& picture) {
    const effects::MapOf map = map_of(disparity);
    if (picture.shape(0) != disparity.shape(0) || picture.shape(1) != disparity.shape(1) || picture.shape(2) != 3) {
        throw std::invalid_argument("the picture must be (H, W, 3), of the map's size");
    }
    std::unique_ptr<float[]> out(new float[disparity.size()]);
    {
        const KernelScope scope;
        effects::settle_edges(map, picture.data(), out.get());
    }
    return hand_over(std::move(out), disparity.shape(0), disparity.shape(1));
}

using MapChanged = nb::ndarray<float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

void widen_rims(const MapChanged& aligned, const MapIn<float>& small, float focus_disparity, float jump) {
    const effects::MapOf cells_of = map_of(small);
    const std::size_t height = aligned.shape(0), width = aligned.shape(1);
    if (height > longest || width > longest || height < small.shape(0) || width < small.shape(1)) {
        throw std::invalid_argument("the small map must not be larger than the aligned one");
    }
    if (!std::isfinite(focus_disparity) || !(jump >= 0.0F)) {
        throw std::invalid_argument("focus_disparity must be finite, jump 0 or more");
    }
    const KernelScope scope;
    effects::RimCells(cells_of, focus_disparity, jump)
        .widen(aligned.data(), static_cast<effects::Index>(width), static_cast<effects::Index>(height));
}

}  // namespace

void bind_effects_rims(nb::module_& module) {
    module.def("shrink_picture", &shrink<std::uint8_t>, nb::arg("picture").noconvert(), "height"_a, "width"_a,
               "A smaller picture (height, width, 3) in 8 bits: means of the whole pixels that lie mostly under each.");
    module.def("shrink_picture", &shrink<std::uint16_t>, nb::arg("picture").noconvert(), "height"_a, "width"_a);
    module.def("settle_edges", &settle_edges, nb::arg("disparity").noconvert(), nb::arg("picture").noconvert(),
               "A measured map of disparity with its edges where a picture (H, W, 3) of its size has them.");
    module.def("widen_rims", &widen_rims, nb::arg("aligned").noconvert(), nb::arg("small").noconvert(),
               "focus_disparity"_a, "jump"_a,
               "Gives a map at photo scale, in place, wider rims of what is nearer than the focus.");
}

}  // namespace nearfar
