// Kernels of nearfar.estimate for Python: pattern.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

#include "bind.hpp"
#include "estimate/pattern/light.hpp"
#include "estimate/pattern/known.hpp"
#include "estimate/pattern/measure.hpp"
#include "estimate/pattern/normalise.hpp"
#include "estimate/pattern/refine.hpp"
#include "estimate/pattern/search.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

using pattern::Known;

MapOut<std::int16_t> normalise(const MapIn<std::uint16_t>& image) {
    std::unique_ptr<std::int16_t[]> out(new std::int16_t[image.size()]);
    if (image.size() > 0) {
        const KernelScope scope;
        pattern::normalise(image.data(), image.shape(0), image.shape(1), out.get());
    }
    return hand_over(std::move(out), image.shape(0), image.shape(1));
}

// What is higher than normalise() gives would overflow the sums of a window's products.
void refuse_high_levels(const MapIn<std::int16_t>& levels) {
    constexpr std::int16_t most = 1024;
    const auto high = [](std::int16_t level) { return level < -most || level > most; };
    if (std::any_of(levels.data(), levels.data() + levels.size(), high)) {
        throw std::invalid_argument("normalised levels lie in -1024..1024");
    }
}

void know(Known* place, const MapIn<std::int16_t>& reference, std::size_t width, int offset, int least, int most) {
    constexpr int far = 1 << 14;
    if (width == 0 || reference.shape(0) == 0) throw std::invalid_argument("an empty picture shows no pattern");
    if (width > (std::size_t{1} << 24)) throw std::invalid_argument("a picture is at most 2^24 pixels wide");
    if (reference.shape(1) == 0) throw std::invalid_argument("an empty reference shows no pattern");
    if (offset < -far || offset > far) throw std::invalid_argument("the offset is beyond any picture");
    if (least > most || least < -far || most > far) throw std::invalid_argument("least..most is no range of shifts");
    const KernelScope scope;
    refuse_high_levels(reference);
    new (place) Known(reference.data(), {reference.shape(0), width, reference.shape(1), offset, least, most});
}

void check(const MapIn<std::int16_t>& image, const Known& known) {
    if (image.shape(0) != known.range.height || image.shape(1) != known.range.width) {
        throw std::invalid_argument("the picture is not of the size that the reference was prepared for");
    }
}

MapOut<std::uint16_t> search(const MapIn<std::int16_t>& image, const Known& known) {
    check(image, known);
    const std::size_t height = pattern::block_rows(known.range.height);
    std::unique_ptr<std::uint16_t[]> out(new std::uint16_t[height * known.range.width]());
    {
        const KernelScope scope;
        pattern::search(image.data(), known, out.get());
    }
    return hand_over(std::move(out), height, known.range.width);
}

using TwoMaps = nb::typed<nb::tuple, MapOut<float>, MapOut<float>>;

TwoMaps refine(const MapIn<std::int16_t>& image, const Known& known, const MapIn<std::uint16_t>& found) {
    check(image, known);
    const pattern::Range& range = known.range;
    if (found.shape(0) != pattern::block_rows(range.height) || found.shape(1) != range.width) {
        throw std::invalid_argument("found is not what the search gives for this picture");
    }
    std::unique_ptr<float[]> shifts(new float[image.size()]);
    std::unique_ptr<float[]> peaks(new float[image.size()]);
    {
        const KernelScope scope;
        refuse_high_levels(image);
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (found.data()[i] > range.span()) throw std::invalid_argument("found leaves the range of shifts");
        }
        pattern::refine(image.data(), known, found.data(), shifts.get(), peaks.get());
    }
    return TwoMaps(nb::make_tuple(hand_over(std::move(shifts), range.height, range.width),
                                  hand_over(std::move(peaks), range.height, range.width)));
}

TwoMaps measure(const MapIn<float>& shifts, const MapIn<float>& peaks, float low, float high, float least, float pull,
                float inverse) {
    if (shifts.shape(0) != peaks.shape(0) || shifts.shape(1) != peaks.shape(1)) {
        throw std::invalid_argument("shifts and peaks differ in size");
    }
    std::unique_ptr<float[]> depth(new float[shifts.size()]);
    std::unique_ptr<float[]> confidence(new float[shifts.size()]);
    if (shifts.size() > 0) {
        const KernelScope scope;
        pattern::measure(shifts.data(), peaks.data(), shifts.shape(0), shifts.shape(1),
                         {low, high, least, pull, inverse}, depth.get(), confidence.get());
    }
    return TwoMaps(nb::make_tuple(hand_over(std::move(depth), shifts.shape(0), shifts.shape(1)),
                                  hand_over(std::move(confidence), shifts.shape(0), shifts.shape(1))));
}

}  // namespace

void bind_pattern(nb::module_& module) {
    nb::class_<Known>(module, "KnownPattern", "A normalised reference, prepared for a range of shifts.")
        .def("__init__", &know, nb::arg("reference").noconvert(), "width"_a, "offset"_a, "least"_a, "most"_a);
    module.def("pattern_normalise", &normalise, nb::arg("image").noconvert(),
               "Local contrast over 11 × 11 pixels: 512 times the deviations from the mean, held to ±1024.");
    module.def("pattern_search", &search, nb::arg("image").noconvert(), "known"_a,
               "The best shift above the least of blocks of 8 × 9, on every fourth row.");
    module.def("pattern_refine", &refine, nb::arg("image").noconvert(), "known"_a, nb::arg("found").noconvert(),
               "Shifts in pixels, NaN where there is none, and the correlation at each.");
    module.def("pattern_measure", &measure, nb::arg("shifts").noconvert(), nb::arg("peaks").noconvert(), "low"_a,
               "high"_a, "least"_a, "pull"_a, "inverse"_a,
               "Depth of shifts in low..high, give or take half a pixel, whose peak is at least `least`; and the peaks.");
}

}  // namespace nearfar
