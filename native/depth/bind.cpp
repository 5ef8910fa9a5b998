// Kernels of nearfar.depth for Python.
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "bind.hpp"
#include "depth/codes.hpp"
#include "depth/fill.hpp"
#include "depth/resample.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

template <class Code>
MapOut<float> decode(const MapIn<Code>& codes, double code_min, double code_max, double value_min, double value_max) {
    if (!(code_min < code_max) || !std::isfinite(code_max - code_min)) {
        throw std::invalid_argument("code_min must be below code_max");
    }
    if (!std::isfinite(value_min) || !std::isfinite(value_max)) {
        throw std::invalid_argument("value_min and value_max must be finite");
    }
    std::unique_ptr<float[]> out(new float[codes.size()]);
    {
        const KernelScope scope;
        depth::decode_codes(codes.data(), codes.size(), {code_min, code_max, value_min, value_max}, out.get());
    }
    return hand_over(std::move(out), codes.shape(0), codes.shape(1));
}

MapOut<std::uint8_t> encode(const MapIn<float>& values, double value_min, double value_max) {
    if (!(value_min <= value_max) || !std::isfinite(value_max - value_min)) {
        throw std::invalid_argument("value_min must not be above value_max, and both must be finite");
    }
    std::unique_ptr<std::uint8_t[]> out(new std::uint8_t[values.size()]);
    {
        const KernelScope scope;
        depth::encode_codes(values.data(), values.size(), value_min, value_max, out.get());
    }
    return hand_over(std::move(out), values.shape(0), values.shape(1));
}

MapOut<float> fill(const MapIn<float>& values) {
    std::unique_ptr<float[]> out(new float[values.size()]);
    if (values.size() > 0) {
        const KernelScope scope;
        depth::fill_holes(values.data(), values.shape(0), values.shape(1), out.get());
    }
    return hand_over(std::move(out), values.shape(0), values.shape(1));
}

MapOut<float> resample(const MapIn<float>& values, std::size_t height, std::size_t width, int method) {
    constexpr std::size_t most = 1 << 30;
    if (values.size() == 0 || height < 1 || width < 1) throw std::invalid_argument("an empty map has no other size");
    if (height > most || width > most) throw std::invalid_argument("the new size is beyond any picture");
    if (method != 0 && method != 1) throw std::invalid_argument("method must be 0 (linear) or 1 (nearest)");
    std::unique_ptr<float[]> out(new float[height * width]);
    {
        const KernelScope scope;
        depth::resample(values.data(), {values.shape(0), values.shape(1)}, out.get(), {height, width},
                        method == 0 ? depth::Resampling::linear : depth::Resampling::nearest);
    }
    return hand_over(std::move(out), height, width);
}

}  // namespace

void bind_depth(nb::module_& module) {
    module.def("decode_codes", &decode<std::uint8_t>, nb::arg("codes").noconvert(), "code_min"_a, "code_max"_a,
               "value_min"_a, "value_max"_a, "Codes as float32: code_min..code_max become value_min..value_max.");
    module.def("decode_codes", &decode<std::uint16_t>, nb::arg("codes").noconvert(), "code_min"_a, "code_max"_a,
               "value_min"_a, "value_max"_a);
    module.def("encode_codes", &encode, nb::arg("values").noconvert(), "value_min"_a, "value_max"_a,
               "Float32 values as codes 0..255, rounded half to even; NaN becomes 0.");
    module.def("fill_holes", &fill, nb::arg("values").noconvert(),
               "A copy with NaN replaced by a weighted median of the nearest values in eight directions.");
    module.def("resample", &resample, nb::arg("values").noconvert(), "height"_a, "width"_a, "method"_a,
               "The map at another size; method 0 is linear, 1 nearest. NaN is never blended.");
}

}  // namespace nearfar
