// Kernels of nearfar.depth for Python.
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bind.hpp"
#include "depth/codes.hpp"
#include "depth/deflate.hpp"
#include "depth/fill.hpp"
#include "depth/frame_body.hpp"
#include "depth/frame_rows.hpp"
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

using BytesIn = nb::ndarray<const std::uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using BytesOut = nb::ndarray<nb::numpy, const std::uint8_t, nb::ndim<1>, nb::c_contig>;

constexpr std::size_t longest_side = 65535;

BytesOut hand_over_bytes(std::unique_ptr<std::uint8_t[]> memory, std::size_t length) {
    std::uint8_t* data = memory.get();
    nb::capsule owner(data, [](void* held) noexcept { delete[] static_cast<std::uint8_t*>(held); });
    static_cast<void>(memory.release());
    return BytesOut(data, {length}, owner);
}

void check_frame(std::size_t height, std::size_t width) {
    if (height < 1 || width < 1 || height > longest_side || width > longest_side) {
        throw std::invalid_argument("a coded frame is 1 to 65535 pixels wide and high");
    }
}

BytesOut frame_body16(const MapIn<std::uint16_t>& samples) {
    check_frame(samples.shape(0), samples.shape(1));
    std::unique_ptr<std::uint8_t[]> body;
    std::size_t length = 0;
    {
        const KernelScope scope;
        const std::vector<std::uint16_t> palette = depth::palette_of(samples.data(), samples.size());
        length = 2 * (samples.size() + palette.size());
        body.reset(new std::uint8_t[length]);
        depth::write_body(samples.data(), samples.size(), palette, body.get());
    }
    return hand_over_bytes(std::move(body), length);
}

BytesOut frame_body32(const MapIn<std::uint32_t>& samples) {
    check_frame(samples.shape(0), samples.shape(1));
    const std::size_t length = 4 * samples.size();
    std::unique_ptr<std::uint8_t[]> body(new std::uint8_t[length]);
    {
        const KernelScope scope;
        depth::write_body(samples.data(), samples.size(), body.get());
    }
    return hand_over_bytes(std::move(body), length);
}

MapOut<std::uint16_t> frame_samples16(const BytesIn& body, std::size_t height, std::size_t width) {
    check_frame(height, width);
    const std::size_t count = height * width;
    const std::size_t length = body.size();
    if (length < 2 * count || length % 2 != 0 || length - 2 * count > 2 * 65536) {
        throw std::invalid_argument("the body does not have two bytes for each pixel, and a palette at most");
    }
    std::unique_ptr<std::uint16_t[]> out(new std::uint16_t[count]);
    {
        const KernelScope scope;
        depth::read_body(body.data(), count, length / 2 - count, out.get());
    }
    return hand_over(std::move(out), height, width);
}

MapOut<std::uint32_t> frame_samples32(const BytesIn& body, std::size_t height, std::size_t width) {
    check_frame(height, width);
    const std::size_t count = height * width;
    if (body.size() != 4 * count) throw std::invalid_argument("the body does not have four bytes for each pixel");
    std::unique_ptr<std::uint32_t[]> out(new std::uint32_t[count]);
    {
        const KernelScope scope;
        depth::read_body(body.data(), count, out.get());
    }
    return hand_over(std::move(out), height, width);
}

BytesOut deflated(const BytesIn& data) {
    if (data.size() == 0) throw std::invalid_argument("there is nothing to deflate");
    std::unique_ptr<std::uint8_t[]> out(new std::uint8_t[depth::most_deflated(data.size())]);
    std::size_t length = 0;
    {
        const KernelScope scope;
        length = depth::deflate(data.data(), data.size(), out.get());
    }
    return hand_over_bytes(std::move(out), length);
}

std::uint32_t crc32c(const BytesIn& data, std::uint32_t before) {
    const KernelScope scope;
    return depth::frame_rows().crc32c(before, data.data(), data.size());
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
    module.def("frame_body", &frame_body16, nb::arg("samples").noconvert(),
               "The body of a coded frame: planes of differences, of palette places where the body is longer than the "
               "samples.");
    module.def("frame_body", &frame_body32, nb::arg("samples").noconvert());
    module.def("frame_samples16", &frame_samples16, nb::arg("body").noconvert(), "height"_a, "width"_a,
               nb::sig("def frame_samples16(body: bytes | NDArray[numpy.uint8], height: int, width: int) "
                       "-> NDArray[numpy.uint16]"),
               "The 16-bit samples (H, W) of a body; what is longer than they has a palette.");
    module.def("frame_samples32", &frame_samples32, nb::arg("body").noconvert(), "height"_a, "width"_a,
               nb::sig("def frame_samples32(body: bytes | NDArray[numpy.uint8], height: int, width: int) "
                       "-> NDArray[numpy.uint32]"),
               "The 32-bit samples (H, W) of a body.");
    module.def("deflate", &deflated, nb::arg("data").noconvert(),
               nb::sig("def deflate(data: bytes | NDArray[numpy.uint8]) -> NDArray[numpy.uint8]"),
               "A zlib stream of the data, quickly made.");
    module.def("crc32c", &crc32c, nb::arg("data").noconvert(), "before"_a = 0,
               nb::sig("def crc32c(data: bytes | bytearray | memoryview | NDArray[numpy.uint8], before: int = 0) "
                       "-> int"),
               "CRC-32C of the data, going on from that of what was before.");
}

}  // namespace nearfar
