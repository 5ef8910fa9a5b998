// Kernels of nearfar.estimate for Python: stereo.
#include <stdexcept>

#include "bind.hpp"
#include "estimate/stereo/match.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {

void bind_stereo_stages(nb::module_& module);

namespace {

using Maps = nb::typed<nb::tuple, MapOut<float>, MapOut<std::uint8_t>, MapOut<std::uint8_t>>;

template <class Sample>
Maps match_stereo(const MapIn<Sample>& left, const MapIn<Sample>& right, std::size_t channels, std::size_t shifts,
                  int effort, const nb::object& cancel) {
    if (channels != 1 && channels != 3) throw std::invalid_argument("pictures have 1 or 3 channels");
    if (left.shape(0) != right.shape(0) || left.shape(1) != right.shape(1) || left.size() == 0 ||
        left.shape(1) % channels != 0) {
        throw std::invalid_argument("pictures must have the same size, which is not 0");
    }
    if (shifts < 1 || shifts > estimate::most_shifts) throw std::invalid_argument("shifts must be 1..511");
    if (effort < 0 || effort > 2) throw std::invalid_argument("effort must be 0 (fast), 1 (standard) or 2 (best)");
    const std::size_t height = left.shape(0), width = left.shape(1) / channels, count = height * width;
    std::unique_ptr<float[]> shift(new float[count]);
    std::unique_ptr<std::uint8_t[]> state(new std::uint8_t[count]), confidence(new std::uint8_t[count]);
    {
        const KernelScope scope(cancel);
        const estimate::PictureSize size{height, width};
        estimate::match_stereo(estimate::Picture(left.data(), size, channels),
                               estimate::Picture(right.data(), size, channels), shifts,
                               static_cast<estimate::Effort>(effort), {shift.get(), state.get(), confidence.get()});
    }
    return Maps(nb::make_tuple(hand_over(std::move(shift), height, width), hand_over(std::move(state), height, width),
                               hand_over(std::move(confidence), height, width)));
}

}  // namespace

void bind_stereo(nb::module_& module) {
    module.def("match_stereo", &match_stereo<std::uint8_t>, nb::arg("left").noconvert(), nb::arg("right").noconvert(),
               "channels"_a, "shifts"_a, "effort"_a, nb::arg("cancel") = nb::none(),
               "Interleaved pictures (H, W*channels): dense shift in px, state bits, confidence 0..255.");
    module.def("match_stereo", &match_stereo<std::uint16_t>, nb::arg("left").noconvert(),
               nb::arg("right").noconvert(), "channels"_a, "shifts"_a, "effort"_a, nb::arg("cancel") = nb::none());
    bind_stereo_stages(module);
}

}  // namespace nearfar
