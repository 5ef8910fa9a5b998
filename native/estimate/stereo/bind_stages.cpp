// The stages of match_stereo one by one, so that each can be compared with its twin. Only tests call them.
#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "bind.hpp"
#include "estimate/stereo/aggregate.hpp"
#include "estimate/stereo/checks.hpp"
#include "estimate/stereo/coarse.hpp"
#include "estimate/stereo/confidence.hpp"
#include "estimate/stereo/fill.hpp"
#include "estimate/stereo/plane_smoothing.hpp"
#include "estimate/stereo/refine.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

using estimate::Picture;
using estimate::PictureSize;
using Shifts = MapIn<std::int16_t>;
using Levels = MapIn<std::uint8_t>;
using Matched = nb::typed<nb::tuple, MapOut<std::int16_t>, MapOut<std::uint8_t>, MapOut<std::int16_t>>;

template <class Sample>
PictureSize picture_size(const MapIn<Sample>& samples, std::size_t channels) {
    if (channels != 1 && channels != 3) throw std::invalid_argument("pictures have 1 or 3 channels");
    if (samples.size() == 0 || samples.shape(1) % channels != 0) throw std::invalid_argument("a picture has no size");
    return {samples.shape(0), samples.shape(1) / channels};
}

template <class Map>
void need_size(const Map& map, PictureSize size) {
    if (map.shape(0) != size.height || map.shape(1) != size.width || map.size() == 0) {
        throw std::invalid_argument("maps and pictures must have the same size, which is not 0");
    }
}

void need_shifts(const Shifts& shift, PictureSize size) {
    need_size(shift, size);
    if (std::any_of(shift.data(), shift.data() + size.count(), [](std::int16_t value) { return value < 0; })) {
        throw std::invalid_argument("shifts must be 0 or more");
    }
}

template <class T>
std::unique_ptr<T[]> copy_of(const MapIn<T>& map) {
    std::unique_ptr<T[]> copied(new T[map.size()]);
    std::copy(map.data(), map.data() + map.size(), copied.get());
    return copied;
}

// Changes a copy of a map by `work`, and hands it over.
template <class T, class F>
MapOut<T> changed(const MapIn<T>& map, const F& work) {
    std::unique_ptr<T[]> out = copy_of(map);
    {
        const KernelScope scope;
        work(out.get());
    }
    return hand_over(std::move(out), map.shape(0), map.shape(1));
}

template <class Sample>
std::pair<MapOut<std::uint16_t>, MapOut<std::uint8_t>> stereo_picture(const MapIn<Sample>& samples,
                                                                      std::size_t channels, int halvings) {
    PictureSize size = picture_size(samples, channels);
    Picture picture(samples.data(), size, channels);
    for (; halvings > 0; --halvings) {
        if (size.half().count() == 0) throw std::invalid_argument("the picture is too small to be halved");
        picture = picture.half();
        size = picture.size();
    }
    std::unique_ptr<std::uint16_t[]> luminance(new std::uint16_t[size.count()]);
    std::copy(picture.luminance(), picture.luminance() + size.count(), luminance.get());
    std::unique_ptr<std::uint8_t[]> colours(new std::uint8_t[3 * size.count()]);
    std::uint8_t* to = colours.get();
    for (const std::uint8_t* plane : picture.colour().plane) {
        for (std::size_t y = 0; y < size.height; ++y, to += size.width) {
            std::copy_n(plane + y * picture.colour().stride, size.width, to);
        }
    }
    return {hand_over(std::move(luminance), size.height, size.width),
            hand_over(std::move(colours), 3 * size.height, size.width)};
}

template <class Sample>
Matched stereo_aggregate(const MapIn<Sample>& left, const MapIn<Sample>& right, std::size_t channels,
                         std::size_t shifts, bool both_ways, std::pair<std::size_t, std::size_t> strip,
                         const std::optional<Shifts>& expected, const std::optional<Levels>& most,
                         std::pair<int, int> charge) {
    const PictureSize size = picture_size(left, channels);
    need_size(right, {left.shape(0), left.shape(1)});
    if (shifts < 1 || shifts > estimate::most_shifts) throw std::invalid_argument("shifts must be 1..511");
    constexpr std::size_t most_rows = 1 << 12;
    if (strip.first < 1 || strip.first > most_rows || strip.second > most_rows) {
        throw std::invalid_argument("a strip has 1..4096 rows and overlaps by at most 4096");
    }
    if (expected.has_value() != most.has_value()) throw std::invalid_argument("a prior has shifts and charges");
    if (charge.first < 0 || charge.first > 255 || charge.second < 1 || charge.second > 2) {
        throw std::invalid_argument("a prior is free for 0..255 px, and then charges 1 or 2 a px");
    }
    estimate::Matching matching{};
    matching.shifts = shifts;
    matching.both_ways = both_ways;
    matching.strip = strip.first;
    matching.overlap = strip.second;
    estimate::Prior prior{nullptr, nullptr, charge.first, charge.second};
    if (expected) {
        need_size(*expected, size);
        need_size(*most, size);
        prior.shift = expected->data();
        prior.most = most->data();
    }
    const std::size_t count = size.count();
    std::unique_ptr<std::int16_t[]> shift(new std::int16_t[count]), right_shift(new std::int16_t[count]);
    std::unique_ptr<std::uint8_t[]> margin(new std::uint8_t[count]);
    {
        const KernelScope scope;
        estimate::aggregate(Picture(left.data(), size, channels), Picture(right.data(), size, channels), matching,
                            expected ? &prior : nullptr, {shift.get(), margin.get(), right_shift.get()});
    }
    return Matched(nb::make_tuple(hand_over(std::move(shift), size.height, size.width),
                                  hand_over(std::move(margin), size.height, size.width),
                                  hand_over(std::move(right_shift), size.height, size.width)));
}

MapOut<std::uint8_t> stereo_check(const Shifts& shift, const Levels& margin, const Shifts& right_shift, int ambiguity,
                                  int disagreement, std::size_t speckle) {
    const PictureSize size{shift.shape(0), shift.shape(1)};
    need_shifts(shift, size);
    need_shifts(right_shift, size);
    need_size(margin, size);
    // What the kernel only reads here is what it writes elsewhere: its maps are not const.
    const std::unique_ptr<std::int16_t[]> own = copy_of(shift), other = copy_of(right_shift);
    const std::unique_ptr<std::uint8_t[]> margins = copy_of(margin);
    return changed(margin, [&](std::uint8_t* state) {
        estimate::check({own.get(), margins.get(), other.get()}, size, {ambiguity, disagreement, speckle}, state);
    });
}

MapOut<std::uint8_t> stereo_mark_occluded(const Shifts& shift, const Shifts& right_shift, const Levels& state) {
    const PictureSize size{shift.shape(0), shift.shape(1)};
    need_shifts(shift, size);
    need_shifts(right_shift, size);
    need_size(state, size);
    return changed(state, [&](std::uint8_t* out) {
        estimate::mark_occluded(shift.data(), right_shift.data(), size, out);
    });
}

MapOut<std::int16_t> stereo_fill(const Levels& samples, std::size_t channels, const Shifts& right_shift,
                                 const Levels& state, const Shifts& shift) {
    const PictureSize size = picture_size(samples, channels);
    need_shifts(right_shift, size);
    need_size(state, size);
    need_shifts(shift, size);
    return changed(shift, [&](std::int16_t* out) {
        estimate::fill_shifts(Picture(samples.data(), size, channels).colour(), right_shift.data(), state.data(), size,
                              out);
    });
}

MapOut<std::int16_t> stereo_align_edges(const Levels& samples, std::size_t channels, const Shifts& shift) {
    const PictureSize size = picture_size(samples, channels);
    need_shifts(shift, size);
    return changed(shift, [&](std::int16_t* out) {
        estimate::align_edges(Picture(samples.data(), size, channels).colour(), size, out);
    });
}

MapOut<std::int16_t> stereo_median(const Shifts& shift) {
    const PictureSize size{shift.shape(0), shift.shape(1)};
    need_shifts(shift, size);
    return changed(shift, [&](std::int16_t* out) { estimate::median_of_25(size, out); });
}

MapOut<std::int16_t> stereo_smooth_planes(const Levels& samples, std::size_t channels, const Levels& state,
                                          const Levels& margin, const Shifts& shift, int most) {
    const PictureSize size = picture_size(samples, channels);
    need_size(state, size);
    need_size(margin, size);
    need_shifts(shift, size);
    if (most < 0 || most >= 1 << 15) throw std::invalid_argument("the largest shift is 0..32767");
    return changed(shift, [&](std::int16_t* out) {
        estimate::smooth_planes(Picture(samples.data(), size, channels).colour(), state.data(), margin.data(), size,
                                most, out);
    });
}

MapOut<std::uint8_t> stereo_rate(const Shifts& shift, const Levels& margin, const Levels& state) {
    const PictureSize size{shift.shape(0), shift.shape(1)};
    need_shifts(shift, size);
    need_size(margin, size);
    need_size(state, size);
    return changed(margin, [&](std::uint8_t* out) {
        estimate::rate(shift.data(), margin.data(), state.data(), size, out);
    });
}

std::pair<MapOut<std::int16_t>, MapOut<std::uint8_t>> stereo_coarse_prior(const Levels& samples, std::size_t channels,
                                                                         const Shifts& shift, const Levels& state,
                                                                         std::size_t height, std::size_t width,
                                                                         int factor) {
    const PictureSize coarse = picture_size(samples, channels), size{height, width};
    need_shifts(shift, coarse);
    need_size(state, coarse);
    constexpr std::size_t most = 1 << 16;
    if (height < 1 || height > most || width < 1 || width > most) throw std::invalid_argument("the size is 1..65536");
    if (factor != 2 && factor != 4) throw std::invalid_argument("the factor must be 2 or 4");
    if (std::any_of(shift.data(), shift.data() + coarse.count(), [&](int value) { return value * factor >= 1 << 15; })) {
        throw std::invalid_argument("shifts are too large");
    }
    std::unique_ptr<std::int16_t[]> expected(new std::int16_t[size.count()]);
    std::unique_ptr<std::uint8_t[]> charge(new std::uint8_t[size.count()]);
    {
        const KernelScope scope;
        const estimate::CoarsePrior prior(Picture(samples.data(), coarse, channels), shift.data(), state.data(), size,
                                          factor);
        std::copy_n(prior.get()->shift, size.count(), expected.get());
        std::copy_n(prior.get()->most, size.count(), charge.get());
    }
    return {hand_over(std::move(expected), height, width), hand_over(std::move(charge), height, width)};
}

template <class Sample>
void bind_pictures(nb::module_& module) {
    module.def("stereo_picture", &stereo_picture<Sample>, nb::arg("picture").noconvert(), "channels"_a, "halvings"_a,
               "A stage of match_stereo, for tests: luminance (H, W) and colours (3*H, W), halved so many times.");
    module.def("stereo_aggregate", &stereo_aggregate<Sample>, nb::arg("left").noconvert(),
               nb::arg("right").noconvert(), "channels"_a, "shifts"_a, "both_ways"_a, "strip"_a,
               nb::arg("expected").noconvert().none(), nb::arg("most").noconvert().none(), "charge"_a,
               "A stage of match_stereo, for tests: strip is (rows, overlap), charge (free px, a px beyond); shift in "
               "1/64 px, margin, whole shifts of the right view.");
}

}  // namespace

void bind_stereo_stages(nb::module_& module) {
    bind_pictures<std::uint8_t>(module);
    bind_pictures<std::uint16_t>(module);
    module.def("stereo_check", &stereo_check, nb::arg("shift").noconvert(), nb::arg("margin").noconvert(),
               nb::arg("right_shift").noconvert(), "ambiguity"_a, "disagreement"_a, "speckle"_a,
               "A stage of match_stereo, for tests: the states.");
    module.def("stereo_mark_occluded", &stereo_mark_occluded, nb::arg("shift").noconvert(),
               nb::arg("right_shift").noconvert(), nb::arg("state").noconvert(),
               "A stage of match_stereo, for tests: the states with what is hidden marked.");
    module.def("stereo_fill", &stereo_fill, nb::arg("picture").noconvert(), "channels"_a,
               nb::arg("right_shift").noconvert(), nb::arg("state").noconvert(), nb::arg("shift").noconvert(),
               "A stage of match_stereo, for tests: the dense shift.");
    module.def("stereo_align_edges", &stereo_align_edges, nb::arg("picture").noconvert(), "channels"_a,
               nb::arg("shift").noconvert(),
               "A stage of match_stereo, for tests: the shift with its edges where the picture has them.");
    module.def("stereo_median", &stereo_median, nb::arg("shift").noconvert(),
               "A stage of match_stereo, for tests: the median of 5 x 5.");
    module.def("stereo_smooth_planes", &stereo_smooth_planes, nb::arg("picture").noconvert(), "channels"_a,
               nb::arg("state").noconvert(), nb::arg("margin").noconvert(), nb::arg("shift").noconvert(), "most"_a,
               "A stage of match_stereo, for tests: the shift with weak pixels drawn to planes, but not above most.");
    module.def("stereo_rate", &stereo_rate, nb::arg("shift").noconvert(), nb::arg("margin").noconvert(),
               nb::arg("state").noconvert(), "A stage of match_stereo, for tests: the confidence, 0..255.");
    module.def("stereo_coarse_prior", &stereo_coarse_prior, nb::arg("picture").noconvert(), "channels"_a,
               nb::arg("shift").noconvert(), nb::arg("state").noconvert(), "height"_a, "width"_a, "factor"_a,
               "A stage of match_stereo, for tests: what a coarse match expects at (height, width), and its charges.");
}

}  // namespace nearfar
