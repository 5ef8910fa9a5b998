// Kernels of nearfar.effects for Python: clipped highlights.
#include <cstdint>
#include <memory>
#include <stdexcept>

#include "bind.hpp"
#include "effects/highlights.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

template <class T>
using PictureIn = nb::ndarray<const T, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using PictureOut = nb::ndarray<nb::numpy, const float, nb::ndim<3>, nb::c_contig>;


template <class Sample>
PictureOut recover(const PictureIn<Sample>& image) {
    constexpr std::size_t longest = std::size_t{1} << 20;
    if (image.shape(2) != 3 || image.size() == 0 || image.shape(0) > longest || image.shape(1) > longest) {
        throw std::invalid_argument("the image must be (H, W, 3), not empty and not beyond any picture");
    }
    constexpr auto coding = sizeof(Sample) == 1 ? effects::Coding::bytes : effects::Coding::words;
    const effects::Picture picture{image.data(), coding, static_cast<effects::Index>(image.shape(1)),
                                   static_cast<effects::Index>(image.shape(0))};
    std::unique_ptr<float[]> light(new float[image.size()]);
    {
        const KernelScope scope;
        effects::recover_highlights(picture, light.get());
    }
    float* data = light.get();
    nb::capsule owner(data, [](void* held) noexcept { delete[] static_cast<float*>(held); });
    static_cast<void>(light.release());
    return PictureOut(data, {image.shape(0), image.shape(1), 3}, owner);
}

}  // namespace

void bind_highlights(nb::module_& module) {
    module.def("recover_highlights", &recover<std::uint8_t>, nb::arg("image").noconvert(),
               "The linear light of an sRGB-coded picture, with what clipped lamps have lost.");
    module.def("recover_highlights", &recover<std::uint16_t>, nb::arg("image").noconvert());
}

}  // namespace nearfar
