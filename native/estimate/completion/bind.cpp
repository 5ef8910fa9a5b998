// Kernels of nearfar.estimate for Python: completion.
#include <cmath>
#include <stdexcept>
#include <utility>

#include "bind.hpp"
#include "estimate/completion/complete.hpp"
#include "estimate/completion/guide.hpp"
#include "estimate/completion/upsample.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

using Colours = nb::ndarray<const std::uint8_t, nb::shape<-1, -1, 3>, nb::c_contig, nb::device::cpu>;
using SampleColours = nb::ndarray<const float, nb::shape<-1, -1, 3>, nb::c_contig, nb::device::cpu>;
using Line = std::pair<double, double>;  // first, step

completion::Guide guide_of(const Colours& pixels) {
    if (pixels.size() == 0) throw std::invalid_argument("the guide is empty");
    return {pixels.data(), pixels.shape(0), pixels.shape(1)};
}

completion::Axis axis_of(std::size_t count, const Line& line) {
    constexpr std::size_t most = 1 << 30;
    constexpr double far = 1e12;  // pixels: no place overflows, else it would become NaN and then any index
    if (count < 1 || count > most) throw std::invalid_argument("a grid needs samples, and not too many");
    if (!(std::fabs(line.first) < far) || !(line.second > 0.0) || !(line.second < far)) {
        throw std::invalid_argument("a grid must begin within 1e12 pixels, in steps above 0 and below 1e12");
    }
    return {count, line.first, line.second};
}

nb::ndarray<nb::numpy, const float, nb::ndim<3>, nb::c_contig> sample_guide(const Colours& pixels, std::size_t height,
                                                                           std::size_t width, const Line& down,
                                                                           const Line& across, double radius) {
    const completion::Guide guide = guide_of(pixels);
    const completion::Grid grid{axis_of(height, down), axis_of(width, across)};
    if (!(radius >= 0.0) || !(radius < 1e6)) throw std::invalid_argument("the radius must be 0 or more");
    std::unique_ptr<float[]> out(new float[height * width * 3]);
    {
        const KernelScope scope;
        completion::sample_guide(guide, grid, radius, out.get());
    }
    float* data = out.get();
    nb::capsule owner(data, [](void* held) noexcept { delete[] static_cast<float*>(held); });
    static_cast<void>(out.release());
    return {data, {height, width, 3}, owner};
}

std::pair<MapOut<float>, std::optional<MapOut<float>>> upsample(const Colours& pixels, const MapIn<float>& values,
                                                               const std::optional<MapIn<float>>& confidence,
                                                               const SampleColours& colours, const Line& down,
                                                               const Line& across, bool depth, double threshold) {
    const completion::Guide guide = guide_of(pixels);
    const completion::Grid grid{axis_of(values.shape(0), down), axis_of(values.shape(1), across)};
    const auto same_size = [&](const auto& other) {
        return other.shape(0) == values.shape(0) && other.shape(1) == values.shape(1);
    };
    if (!same_size(colours) || (confidence && !same_size(*confidence))) {
        throw std::invalid_argument("confidence and colours must have the size of the values");
    }
    if (!(threshold >= 0.0)) throw std::invalid_argument("the threshold must be 0 or more");
    const completion::Map map{values.data(), confidence ? confidence->data() : nullptr, colours.data(), depth};
    const std::size_t count = guide.height * guide.width;
    std::unique_ptr<float[]> out(new float[count]);
    std::unique_ptr<float[]> trust(confidence ? new float[count] : nullptr);
    {
        const KernelScope scope;
        completion::upsample(guide, grid, map, threshold, out.get(), trust.get());
    }
    std::optional<MapOut<float>> carried;
    if (trust) carried = hand_over(std::move(trust), guide.height, guide.width);
    return {hand_over(std::move(out), guide.height, guide.width), carried};
}

using Column = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

std::pair<MapOut<double>, MapOut<float>> complete(const SampleColours& colours, const Column& x, const Column& y,
                                                  const Column& values, double threshold) {
    const std::size_t height = colours.shape(0), width = colours.shape(1), count = x.shape(0);
    if (colours.size() == 0) throw std::invalid_argument("the picture is empty");
    if (count < 1 || y.shape(0) != count || values.shape(0) != count) {
        throw std::invalid_argument("x, y and values must be of one size, and not empty");
    }
    constexpr double far = 1e12, most = 1e60;  // pixels; any float is a value, and its products with places stay finite
    for (std::size_t i = 0; i < count; ++i) {
        if (!(std::fabs(x.data()[i]) < far) || !(std::fabs(y.data()[i]) < far)) {
            throw std::invalid_argument("points must be finite, and within 1e12 pixels");
        }
        if (!(std::fabs(values.data()[i]) < most)) throw std::invalid_argument("values must be finite, below 1e60");
    }
    if (!(threshold > 0.0) || !std::isfinite(threshold)) throw std::invalid_argument("the threshold must be above 0");
    std::unique_ptr<double[]> out(new double[height * width]);
    std::unique_ptr<float[]> confidence(new float[height * width]);
    {
        const KernelScope scope;
        completion::complete({colours.data(), height, width}, {x.data(), y.data(), values.data(), count}, threshold,
                             out.get(), confidence.get());
    }
    return {hand_over(std::move(out), height, width), hand_over(std::move(confidence), height, width)};
}

}  // namespace

void bind_completion(nb::module_& module) {
    module.def("sample_guide", &sample_guide, nb::arg("guide").noconvert(), "height"_a, "width"_a, "down"_a, "across"_a,
               "radius"_a, "Mean colours (height, width, 3) around samples at first + i*step pixels, by a tent.");
    module.def("upsample", &upsample, nb::arg("guide").noconvert(), nb::arg("values").noconvert(),
               nb::arg("confidence").noconvert().none(), nb::arg("colours").noconvert(), "down"_a, "across"_a, "depth"_a,
               "threshold"_a, "The map and its confidence at the guide's size; samples are picked, not averaged.");
    module.def("complete", &complete, nb::arg("colours").noconvert(), nb::arg("x").noconvert(),
               nb::arg("y").noconvert(), nb::arg("values").noconvert(), "threshold"_a,
               "Points at the size of a picture (float colours in 0..255), and how sure each pixel is, 0..1.");
}

}  // namespace nearfar
