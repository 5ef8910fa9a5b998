// Kernels of nearfar.effects for Python.
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>

#include "bind.hpp"
#include "core/large_block.hpp"
#include "effects/extents.hpp"
#include "effects/gain.hpp"
#include "effects/highlights.hpp"
#include "effects/lens_blur.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

template <class T>
using PictureIn = nb::ndarray<const T, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
template <class T>
using PictureOut = nb::ndarray<nb::numpy, const T, nb::ndim<3>, nb::c_contig>;

template <class T>
PictureOut<T> hand_over_picture(LargeBlock<T> memory, std::size_t height, std::size_t width) {
    T* data = memory.get();
    nb::capsule owner(data, [](void* held) noexcept { FreeLargeBlock()(held); });
    static_cast<void>(memory.release());
    return PictureOut<T>(data, {height, width, 3}, owner);
}

// None, or 1/gain of a picture and the same blurred: (h, w, 1) each, or (h, w, 3).
using Dimmed = std::optional<std::pair<PictureIn<float>, PictureIn<float>>>;

template <class Sample>
PictureOut<Sample> lens_blur(const PictureIn<Sample>& image, const MapIn<float>& disparity, float focus_disparity,
                             float strength, int effort, bool recover, const Dimmed& dimmed, int blades, double rotation,
                             double curvature, double cats_eye, const nb::object& cancel, const nb::object& progress) {
    constexpr std::size_t longest = std::size_t{1} << 20;
    const std::size_t height = image.shape(0), width = image.shape(1);
    if (image.shape(2) != 3 || image.size() == 0 || height > longest || width > longest) {
        throw std::invalid_argument("the image must be (H, W, 3), not empty and not beyond any picture");
    }
    if (disparity.shape(0) != height || disparity.shape(1) != width) {
        throw std::invalid_argument("the disparity must have the size of the image");
    }
    if (!std::isfinite(focus_disparity) || !std::isfinite(strength) || !(strength > 0.0F)) {
        throw std::invalid_argument("focus_disparity must be finite, strength finite and above 0");
    }
    if (effort < 0 || effort > 2) throw std::invalid_argument("effort must be 0 (fast), 1 (standard) or 2 (best)");
    if (blades < 0 || blades == 1 || blades == 2 || blades > 64 || !std::isfinite(rotation) || !(curvature >= 0.0 && curvature <= 1.0) ||
        !(cats_eye >= 0.0 && cats_eye <= 1.0)) {
        throw std::invalid_argument("there is no aperture like this");
    }
    constexpr effects::Coding coding = std::is_same_v<Sample, std::uint8_t>    ? effects::Coding::bytes
                                       : std::is_same_v<Sample, std::uint16_t> ? effects::Coding::words
                                                                               : effects::Coding::floats;
    effects::Dimming dimming{nullptr, nullptr, 0, 0, 0};
    if (dimmed) {
        const auto& [before, after] = *dimmed;
        const std::size_t channels = before.shape(2);
        if ((channels != 1 && channels != 3) || before.size() == 0 || before.shape(0) > longest || before.shape(1) > longest ||
            before.shape(0) != after.shape(0) || before.shape(1) != after.shape(1) || channels != after.shape(2)) {
            throw std::invalid_argument("what dims before and after the blur must be (h, w, 1) or (h, w, 3), of one size");
        }
        dimming = {before.data(), after.data(), static_cast<effects::Index>(before.shape(1)),
                   static_cast<effects::Index>(before.shape(0)), static_cast<effects::Index>(channels)};
    }
    LargeBlock<Sample> out = large_block<Sample>(image.size());
    {
        const KernelScope scope(cancel);
        effects::Picture picture{image.data(), coding, static_cast<effects::Index>(width),
                                 static_cast<effects::Index>(height)};
        effects::Highlights recovered;
        if (recover) {
            recovered = effects::find_highlights(picture);
            picture.highlights = &recovered;
        }
        if (dimmed) picture.dimming = &dimming;
        std::function<void(double)> tell;
        if (!progress.is_none()) {
            tell = [&progress](double share) {
                const GilHeld held;
                progress(share);
            };
        }
        effects::lens_blur(picture, disparity.data(), {focus_disparity, strength},
                           {blades, rotation, curvature, cats_eye}, static_cast<effects::Effort>(effort),
                           effects::Progress(tell), out.get());
    }
    return hand_over_picture(std::move(out), height, width);
}

bool any_hole(const MapIn<float>& values) {
    const KernelScope scope;
    return effects::any_hole(values.data(), static_cast<effects::Index>(values.size()));
}

}  // namespace

void bind_edges(nb::module_& module);

void bind_effects(nb::module_& module) {
    bind_edges(module);
    const auto define = [&module](auto* function, const auto&... doc) {
        module.def("lens_blur", function, nb::arg("image").noconvert(), nb::arg("disparity").noconvert(),
                   "focus_disparity"_a, "strength"_a, "effort"_a, "recover"_a = false, nb::arg("dimmed") = nb::none(),
                   "blades"_a = 0, "rotation"_a = 0.0,
                   "curvature"_a = 0.0, "cats_eye"_a = 0.0, nb::arg("cancel") = nb::none(),
                   nb::arg("progress") = nb::none(), doc...);
    };
    define(&lens_blur<std::uint8_t>,
           "A picture (H, W, 3), sRGB-coded integers or linear floats, blurred by a thin lens: radius in px = "
           "strength * abs(disparity - focus_disparity).");
    define(&lens_blur<std::uint16_t>);
    define(&lens_blur<float>);
    module.def("any_hole", &any_hole, nb::arg("values").noconvert(), "Whether a value is NaN.");
}

}  // namespace nearfar
