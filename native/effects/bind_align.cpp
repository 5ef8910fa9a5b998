// Kernels of nearfar.effects for Python: alignment.
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "core/large_block.hpp"
#include "effects/align.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

template <class T>
using PictureIn = nb::ndarray<const T, nb::ndim<3>, nb::c_contig, nb::device::cpu>;

using Aligned = nb::ndarray<nb::numpy, float, nb::ndim<2>, nb::c_contig>;

template <class Sample>
Aligned align(const PictureIn<Sample>& image, const MapIn<float>& disparity, float threshold,
                    const nb::object& cancel) {
    constexpr std::size_t longest = std::size_t{1} << 20;
    const std::size_t height = image.shape(0), width = image.shape(1);
    if (image.shape(2) != 3 || image.size() == 0 || height > longest || width > longest) {
        throw std::invalid_argument("the image must be (H, W, 3), not empty and not beyond any picture");
    }
    if (disparity.size() == 0 || disparity.shape(0) > height || disparity.shape(1) > width) {
        throw std::invalid_argument("the disparity must not be empty, nor larger than the image");
    }
    if (disparity.size() > std::size_t{1} << 30) throw std::invalid_argument("the disparity is beyond any map");
    if (!(threshold > 0.0F) || !std::isfinite(threshold)) throw std::invalid_argument("the threshold must be above 0");
    for (std::size_t i = 0; i < disparity.size(); ++i) {
        if (!(std::fabs(disparity.data()[i]) < 1e30F)) throw std::invalid_argument("the disparity must be below 1e30");
    }
    constexpr effects::Coding coding = std::is_same_v<Sample, std::uint8_t>    ? effects::Coding::bytes
                                       : std::is_same_v<Sample, std::uint16_t> ? effects::Coding::words
                                                                               : effects::Coding::floats;
    LargeBlock<float> out = large_block<float>(height * width);
    {
        const KernelScope scope(cancel);
        const effects::Picture picture{image.data(), coding, static_cast<effects::Index>(width),
                                       static_cast<effects::Index>(height)};
        const effects::SmallMap map{disparity.data(), static_cast<effects::Index>(disparity.shape(1)),
                                    static_cast<effects::Index>(disparity.shape(0))};
        effects::align(picture, map, threshold, out.get());
    }
    float* data = out.get();
    nb::capsule owner(data, [](void* held) noexcept { FreeLargeBlock()(held); });
    static_cast<void>(out.release());
    return Aligned(data, {height, width}, owner);
}

}  // namespace

void bind_effects_align(nb::module_& module) {
    module.def("align_disparity", &align<std::uint8_t>, nb::arg("image").noconvert(),
               nb::arg("disparity").noconvert(), "threshold"_a, nb::arg("cancel") = nb::none(),
               "A smaller map of disparity at the size of a picture (H, W, 3), its edges where the picture's are.");
    module.def("align_disparity", &align<std::uint16_t>, nb::arg("image").noconvert(),
               nb::arg("disparity").noconvert(), "threshold"_a, nb::arg("cancel") = nb::none());
    module.def("align_disparity", &align<float>, nb::arg("image").noconvert(), nb::arg("disparity").noconvert(),
               "threshold"_a, nb::arg("cancel") = nb::none());
}

}  // namespace nearfar
