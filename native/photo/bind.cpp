// Kernels of nearfar.photo for Python.
#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "bind.hpp"
#include "photo/lossless_jpeg.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

using BytesIn = nb::ndarray<const std::uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

// uint8 up to 8 bits a sample, else uint16.
nb::object decode(const BytesIn& data, std::uint64_t max_pixels) {
    photo::LosslessPicture picture;
    std::unique_ptr<std::uint8_t[]> bytes;
    std::unique_ptr<std::uint16_t[]> words;
    {
        const KernelScope scope;
        picture = photo::decode_lossless_jpeg(data.data(), data.size(), max_pixels);
        if (picture.precision <= 8) {
            bytes.reset(new std::uint8_t[picture.samples.size()]);
            std::transform(picture.samples.begin(), picture.samples.end(), bytes.get(),
                           [](std::uint16_t sample) { return static_cast<std::uint8_t>(sample); });
        } else {
            words.reset(new std::uint16_t[picture.samples.size()]);
            std::copy(picture.samples.begin(), picture.samples.end(), words.get());
        }
    }
    if (bytes) return nb::cast(hand_over(std::move(bytes), picture.height, picture.width));
    return nb::cast(hand_over(std::move(words), picture.height, picture.width));
}

nb::bytes encode(const MapIn<std::uint16_t>& samples, int predictor) {
    constexpr std::size_t most = 65535;
    const std::size_t height = samples.shape(0);
    const std::size_t width = samples.shape(1);
    if (height < 1 || width < 1 || height > most || width > most) {
        throw std::invalid_argument("a lossless JPEG is 1 to 65535 pixels wide and high");
    }
    if (predictor < 1 || predictor > 7) throw std::invalid_argument("predictor must be from 1 to 7");
    std::vector<std::uint8_t> stream;
    {
        const KernelScope scope;
        stream = photo::encode_lossless_jpeg(samples.data(), height, width, predictor);
    }
    return nb::bytes(stream.data(), stream.size());
}

}  // namespace

void bind_photo(nb::module_& module) {
    module.def("lossless_jpeg_decode", &decode, nb::arg("data").noconvert(), "max_pixels"_a,
               nb::sig("def lossless_jpeg_decode(data: bytes | bytearray | memoryview | NDArray[numpy.uint8], "
                       "max_pixels: int) -> NDArray[numpy.uint8] | NDArray[numpy.uint16]"),
               "Samples (H, W) of a one-component lossless JPEG (SOF3): uint8 up to 8 bits, else uint16.");
    module.def("lossless_jpeg_encode", &encode, nb::arg("samples").noconvert(), "predictor"_a = 1,
               "A 16-bit lossless JPEG (SOF3) of uint16 samples (H, W); predictor 1..7.");
}

}  // namespace nearfar
