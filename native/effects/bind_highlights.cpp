// Kernels of nearfar.effects for Python: clipped highlights, and grain.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <type_traits>

#include "bind.hpp"
#include "effects/grain.hpp"
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

// A copy of the picture with grain where a blur has removed it.
template <class Sample>
nb::ndarray<nb::numpy, const Sample, nb::ndim<3>, nb::c_contig> grained(const PictureIn<Sample>& image, const MapIn<float>& disparity,
                                                                        float focus_disparity, float strength,
                                                                        const MapIn<float>& levels, float tap, float shared,
                                                                        const nb::object& cancel) {
    if (image.shape(2) != 3 || image.size() == 0 || disparity.shape(0) != image.shape(0) || disparity.shape(1) != image.shape(1)) {
        throw std::invalid_argument("the image must be (H, W, 3) and not empty, and the disparity of its size");
    }
    if (levels.shape(0) != 3 || levels.shape(1) != effects::Grain::levels || !(tap >= 0.0F && tap <= 1.0F) ||
        !(shared >= 0.0F && shared <= 1.0F)) {
        throw std::invalid_argument("there is no grain like this");
    }
    effects::Grain grain{{}, tap, shared};
    for (std::size_t c = 0; c < 3; ++c) std::copy_n(levels.data() + c * effects::Grain::levels, effects::Grain::levels, grain.strength[c].begin());
    constexpr effects::Coding coding = std::is_same_v<Sample, std::uint8_t>    ? effects::Coding::bytes
                                       : std::is_same_v<Sample, std::uint16_t> ? effects::Coding::words
                                                                               : effects::Coding::floats;
    const effects::Picture picture{image.data(), coding, static_cast<effects::Index>(image.shape(1)),
                                   static_cast<effects::Index>(image.shape(0))};
    std::unique_ptr<Sample[]> out(new Sample[image.size()]);
    {
        const KernelScope scope(cancel);
        std::copy_n(image.data(), image.size(), out.get());
        effects::add_grain(picture, disparity.data(), {focus_disparity, strength}, grain, out.get());
    }
    Sample* data = out.get();
    nb::capsule owner(data, [](void* held) noexcept { delete[] static_cast<Sample*>(held); });
    static_cast<void>(out.release());
    return {data, {image.shape(0), image.shape(1), 3}, owner};
}

}  // namespace

void bind_highlights(nb::module_& module) {
    module.def("recover_highlights", &recover<std::uint8_t>, nb::arg("image").noconvert(),
               "The linear light of an sRGB-coded picture, with what clipped lamps have lost.");
    module.def("recover_highlights", &recover<std::uint16_t>, nb::arg("image").noconvert());
    const auto define = [&module](auto* function, const auto&... doc) {
        module.def("add_grain", function, nb::arg("image").noconvert(), nb::arg("disparity").noconvert(), "focus_disparity"_a,
                   "strength"_a, nb::arg("levels").noconvert(), "tap"_a, "shared"_a, nb::arg("cancel") = nb::none(), doc...);
    };
    define(&grained<std::uint8_t>, "A blurred picture with grain where the blur has removed it: its deviation in each channel at 32 "
                                   "levels of brightness, the filter that makes its grain, and how much the channels share.");
    define(&grained<std::uint16_t>);
    define(&grained<float>);
}

}  // namespace nearfar
