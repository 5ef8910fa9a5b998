// Kernels of nearfar.estimate for Python: the light of a projected pattern.
#include <nanobind/stl/optional.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "bind.hpp"
#include "estimate/pattern/light.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

template <class T>
using RowIn = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

using LightAndShadow = nb::typed<nb::tuple, MapOut<float>, MapOut<bool>>;

void require(bool holds, const char* message) {
    if (!holds) throw std::invalid_argument(message);
}

// Sizes to which indices and whole numbers in float32 are good enough.
constexpr std::size_t most_pixels = std::size_t{1} << 16;
constexpr float most_texels = 1000.0F;

LightAndShadow light(const MapIn<float>& values, bool is_depth, const std::optional<MapIn<float>>& surface,
                     const MapIn<std::uint32_t>& sums, float texels, float pull, float first, bool falls_off,
                     float exposure, float ambient, const RowIn<float>& down, const RowIn<float>& across,
                     const RowIn<float>& weights, std::size_t before) {
    const std::size_t height = values.shape(0), width = values.shape(1);
    require(values.size() > 0, "an empty map sends no light back");
    require(height <= most_pixels && width <= most_pixels, "a side of the map is longer than 65536");
    require(!surface || (surface->shape(0) == height && surface->shape(1) == width), "map and surface differ in size");
    require(sums.shape(0) == 2 * height, "the pattern has two rows for each of the map");
    require(sums.shape(1) >= 2 && sums.shape(1) <= (std::size_t{1} << 24), "the pattern's rows have no samples");
    require(texels > 0.0F && texels <= most_texels, "a pixel holds up to 1000 samples of the pattern");
    require(std::fabs(first) <= static_cast<float>(most_pixels), "the first column is beyond any picture");
    require(down.shape(0) == height && across.shape(0) == width, "the room's light is of another size");
    require(weights.shape(0) > before && weights.shape(0) <= 256, "the blur's weights have no middle");
    std::unique_ptr<float[]> light(new float[values.size()]);
    std::unique_ptr<bool[]> shadow(new bool[values.size()]);
    {
        const KernelScope scope;
        pattern::light({values.data(), is_depth, surface ? surface->data() : nullptr, height, width},
                       {sums.data(), sums.shape(1) - 1, texels},
                       {pull, first, falls_off, exposure, ambient, down.data(), across.data()},
                       {{weights.data(), weights.size()}, before}, light.get(), shadow.get());
    }
    return LightAndShadow(
        nb::make_tuple(hand_over(std::move(light), height, width), hand_over(std::move(shadow), height, width)));
}

template <class Count>
MapOut<Count> expose(const MapIn<float>& light, float read_noise, float full_well, std::uint64_t seed) {
    std::unique_ptr<Count[]> counts(new Count[light.size()]);
    if (light.size() > 0) {
        const KernelScope scope;
        pattern::expose(light.data(), light.shape(0), light.shape(1), read_noise, full_well, seed, counts.get());
    }
    return hand_over(std::move(counts), light.shape(0), light.shape(1));
}

}  // namespace

void bind_pattern_light(nb::module_& module) {
    module.def("pattern_light", &light, nb::arg("values").noconvert(), "is_depth"_a,
               nb::arg("surface").noconvert().none(), nb::arg("sums").noconvert(), "texels"_a, "pull"_a, "first"_a,
               "falls_off"_a, "exposure"_a, "ambient"_a, nb::arg("down").noconvert(), nb::arg("across").noconvert(),
               nb::arg("weights").noconvert(), "before"_a,
               "Light and shadow of a pattern on a map, as parts of full scale; see light.hpp.");
    module.def("pattern_expose_8", &expose<std::uint8_t>, nb::arg("light").noconvert(), "read_noise"_a, "full_well"_a,
               "seed"_a, "Counts 0..255 of light with noise.");
    module.def("pattern_expose_16", &expose<std::uint16_t>, nb::arg("light").noconvert(), "read_noise"_a,
               "full_well"_a, "seed"_a, "Counts 0..65535 of light with noise.");
}

}  // namespace nearfar
