// Kernels of nearfar.estimate for Python: pattern.
#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "bind.hpp"
#include "estimate/pattern/normalise.hpp"
#include "estimate/pattern/refine.hpp"
#include "estimate/pattern/search.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

MapOut<std::int16_t> normalise(const MapIn<std::uint16_t>& image) {
    std::unique_ptr<std::int16_t[]> out(new std::int16_t[image.size()]);
    if (image.size() > 0) {
        const KernelScope scope;
        pattern::normalise(image.data(), image.shape(0), image.shape(1), out.get());
    }
    return hand_over(std::move(out), image.shape(0), image.shape(1));
}

pattern::Pair checked(const MapIn<std::int16_t>& image, const MapIn<std::int16_t>& reference, int offset, int least,
                      int most) {
    constexpr int far = 1 << 14;
    if (image.size() == 0) throw std::invalid_argument("an empty picture shows no pattern");
    if (image.shape(0) != reference.shape(0)) throw std::invalid_argument("picture and reference differ in height");
    if (reference.shape(1) == 0) throw std::invalid_argument("an empty reference shows no pattern");
    if (offset < -far || offset > far) throw std::invalid_argument("the offset is beyond any picture");
    if (least > most || least < -far || most > far) throw std::invalid_argument("least..most is no range of shifts");
    return {image.data(), reference.data(), image.shape(0), image.shape(1), reference.shape(1), offset, least, most};
}

// What is higher than normalise() gives would overflow the sums of a window's products.
void refuse_high_levels(const MapIn<std::int16_t>& levels) {
    constexpr std::int16_t most = 1024;
    const auto high = [](std::int16_t level) { return level < -most || level > most; };
    if (std::any_of(levels.data(), levels.data() + levels.size(), high)) {
        throw std::invalid_argument("normalised levels lie in -1024..1024");
    }
}

MapOut<std::uint16_t> search(const MapIn<std::int16_t>& image, const MapIn<std::int16_t>& reference, int offset,
                             int least, int most) {
    const pattern::Pair pair = checked(image, reference, offset, least, most);
    const std::size_t height = pattern::block_rows(pair.height);
    std::unique_ptr<std::uint16_t[]> out(new std::uint16_t[height * pair.width]());
    {
        const KernelScope scope;
        pattern::search(pair, out.get());
    }
    return hand_over(std::move(out), height, pair.width);
}

using TwoMaps = nb::typed<nb::tuple, MapOut<float>, MapOut<float>>;

TwoMaps refine(const MapIn<std::int16_t>& image, const MapIn<std::int16_t>& reference,
                 const MapIn<std::uint16_t>& found, int offset, int least, int most) {
    const pattern::Pair pair = checked(image, reference, offset, least, most);
    if (found.shape(0) != pattern::block_rows(pair.height) || found.shape(1) != pair.width) {
        throw std::invalid_argument("found is not what the search gives for this picture");
    }
    std::unique_ptr<float[]> shifts(new float[image.size()]);
    std::unique_ptr<float[]> peaks(new float[image.size()]);
    {
        const KernelScope scope;
        refuse_high_levels(image);
        refuse_high_levels(reference);
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (found.data()[i] > most - least) throw std::invalid_argument("found leaves the range of shifts");
        }
        pattern::refine(pair, found.data(), shifts.get(), peaks.get());
    }
    return TwoMaps(nb::make_tuple(hand_over(std::move(shifts), pair.height, pair.width),
                                  hand_over(std::move(peaks), pair.height, pair.width)));
}

}  // namespace

void bind_pattern(nb::module_& module) {
    module.def("pattern_normalise", &normalise, nb::arg("image").noconvert(),
               "Local contrast over 11 × 11 pixels: 512 times the deviations from the mean, held to ±1024.");
    module.def("pattern_search", &search, nb::arg("image").noconvert(), nb::arg("reference").noconvert(), "offset"_a,
               "least"_a, "most"_a, "The best shift above `least` of blocks of 8 × 9, on every fourth row.");
    module.def("pattern_refine", &refine, nb::arg("image").noconvert(), nb::arg("reference").noconvert(),
               nb::arg("found").noconvert(), "offset"_a, "least"_a, "most"_a,
               "Shifts in pixels, NaN where there is none, and the correlation at each.");
}

}  // namespace nearfar
