// Kernels of nearfar.estimate for Python: filters.
#include "bind.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>

#include "estimate/filters/behind.hpp"
#include "estimate/filters/blocks.hpp"
#include "estimate/filters/disparity.hpp"
#include "estimate/filters/guided.hpp"
#include "estimate/filters/spatial.hpp"
#include "estimate/filters/speckles.hpp"
#include "estimate/filters/temporal.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

template <class T>
using MapInOut = nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

void require(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
}

filters::Average average_of(double alpha, double delta) {
    require(alpha >= 0.0 && alpha <= 1.0, "alpha must be 0..1");
    require(delta >= 0.0 && delta <= 65536.0, "delta must be 0..65536");
    return {static_cast<float>(alpha), static_cast<float>(delta)};
}

template <class T>
std::unique_ptr<T[]> copied(const MapIn<T>& values) {
    std::unique_ptr<T[]> out(new T[values.size()]);
    std::copy_n(values.data(), values.size(), out.get());
    return out;
}

template <class T>
MapOut<T> spatial(const MapIn<T>& values, int passes, double alpha, double delta, int radius, bool zero) {
    require(passes >= 1 && passes <= 100, "passes must be 1..100");
    require(radius >= 0 && radius <= 65535, "radius must be 0..65535");
    const filters::Spatial options{passes, average_of(alpha, delta), radius};
    std::unique_ptr<T[]> out(new T[values.size()]);
    if (values.size() > 0) {
        const KernelScope scope;
        if constexpr (std::is_same_v<T, float>) {
            filters::smooth_map(values.data(), values.shape(0), values.shape(1), options, zero, out.get());
        } else {
            filters::smooth_map(values.data(), values.shape(0), values.shape(1), options, out.get());
        }
    }
    return hand_over(std::move(out), values.shape(0), values.shape(1));
}

template <class T>
MapOut<T> temporal(const MapIn<T>& values, const MapInOut<T>& last, const MapInOut<std::uint8_t>& history,
                   double alpha, double delta, int persistence, bool zero) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
        require(last.shape(axis) == values.shape(axis) && history.shape(axis) == values.shape(axis),
                "last and history must have the shape of values");
    }
    require(persistence >= 0 && persistence <= 8, "persistence must be 0..8");
    const filters::Average average = average_of(alpha, delta);
    const filters::Belief belief = filters::belief_of(persistence);
    std::unique_ptr<T[]> out(new T[values.size()]);
    {
        const KernelScope scope;
        if constexpr (std::is_same_v<T, float>) {
            filters::blend_frame(values.data(), values.size(), average, belief, zero, last.data(), history.data(),
                                 out.get());
        } else {
            filters::blend_frame(values.data(), values.size(), average, belief, last.data(), history.data(),
                                 out.get());
        }
    }
    return hand_over(std::move(out), values.shape(0), values.shape(1));
}

template <class T>
MapOut<T> fill(const MapIn<T>& values, int mode, bool zero) {
    require(mode >= 0 && mode <= 2, "mode must be 0..2");
    const auto how = static_cast<filters::Fill>(mode);
    std::unique_ptr<T[]> out;
    {
        const KernelScope scope;
        out = copied(values);
        if (values.size() > 0) {
            if constexpr (std::is_same_v<T, float>) {
                filters::fill_map(out.get(), values.shape(0), values.shape(1), how, zero);
            } else {
                filters::fill_map(out.get(), values.shape(0), values.shape(1), how);
            }
        }
    }
    return hand_over(std::move(out), values.shape(0), values.shape(1));
}

template <class T>
MapOut<T> decimate(const MapIn<T>& values, std::size_t scale, std::size_t height, std::size_t width, bool zero,
                   double hole) {
    require(scale >= 1 && scale <= 8, "scale must be 1..8");
    require(height >= values.shape(0) / scale && width >= values.shape(1) / scale && height <= values.shape(0) + 4 &&
                width <= values.shape(1) + 4,
            "height and width must hold the blocks and little more");
    const filters::Blocks blocks{values.shape(0), values.shape(1), scale};
    std::unique_ptr<T[]> out(new T[height * width]);
    if (values.size() > 0) {
        const KernelScope scope;
        if constexpr (std::is_same_v<T, float>) {
            filters::decimate_map(values.data(), blocks, zero, static_cast<float>(hole), out.get(), height, width);
        } else {
            filters::decimate_map(values.data(), blocks, out.get(), height, width);
        }
    } else {
        std::fill_n(out.get(), height * width, T{});
    }
    return hand_over(std::move(out), height, width);
}

MapOut<float> to_disparity(const MapIn<std::uint16_t>& depth, double factor) {
    std::unique_ptr<float[]> out(new float[depth.size()]);
    {
        const KernelScope scope;
        filters::disparity_of(depth.data(), depth.size(), static_cast<float>(factor), out.get());
    }
    return hand_over(std::move(out), depth.shape(0), depth.shape(1));
}

MapOut<std::uint16_t> to_depth(const MapIn<float>& disparity, double factor) {
    std::unique_ptr<std::uint16_t[]> out(new std::uint16_t[disparity.size()]);
    {
        const KernelScope scope;
        filters::depth_of(disparity.data(), disparity.size(), static_cast<float>(factor), out.get());
    }
    return hand_over(std::move(out), disparity.shape(0), disparity.shape(1));
}

template <class T>
MapOut<T> speckles(const MapIn<T>& values, std::size_t max_size, double max_step, bool zero) {
    require(max_step >= 0.0, "max_step must not be negative");
    require(values.size() < std::size_t{1} << 31, "the map is beyond any picture");
    std::unique_ptr<T[]> out(new T[values.size()]);
    if (values.size() > 0) {
        const KernelScope scope;
        const auto step = static_cast<float>(max_step);
        if constexpr (std::is_same_v<T, float>) {
            filters::remove_speckles(values.data(), values.shape(0), values.shape(1), max_size, step, zero, out.get());
        } else {
            filters::remove_speckles(values.data(), values.shape(0), values.shape(1), max_size, step, out.get());
        }
    }
    return hand_over(std::move(out), values.shape(0), values.shape(1));
}

using Colors = nb::ndarray<const std::uint8_t, nb::shape<-1, -1, 3>, nb::c_contig, nb::device::cpu>;

filters::Shape shape_of(const MapIn<float>& values, const Colors& colors) {
    require(colors.shape(0) == values.shape(0) && colors.shape(1) == values.shape(1),
            "the colours must have the size of the map");
    require(values.size() > 0, "the map must have a pixel");
    return {values.shape(0), values.shape(1)};
}

MapOut<float> guided(const MapIn<float>& values, const Colors& colors, std::size_t radius, double smoothness) {
    const filters::Shape shape = shape_of(values, colors);
    require(radius >= 1 && radius <= 1000, "radius must be 1..1000");
    require(smoothness > 0.0 && smoothness <= 65025.0, "smoothness must be above 0 and at most 65025");
    std::unique_ptr<float[]> out(new float[values.size()]);
    {
        const KernelScope scope;
        filters::guided_filter(values.data(), colors.data(), shape, radius, smoothness, out.get());
    }
    return hand_over(std::move(out), shape.height, shape.width);
}

MapOut<float> joint_bilateral(const MapIn<float>& values, const Colors& colors, std::size_t radius, double sigma_color,
                              double sigma_space) {
    const filters::Shape shape = shape_of(values, colors);
    require(radius >= 1 && radius <= 50, "radius must be 1..50");
    require(sigma_color >= 0.1 && sigma_color <= 1000.0, "sigma_color must be 0.1..1000");
    require(sigma_space >= 0.1 && sigma_space <= 1000.0, "sigma_space must be 0.1..1000");
    std::unique_ptr<float[]> out(new float[values.size()]);
    {
        const KernelScope scope;
        filters::joint_bilateral(values.data(), colors.data(), shape, radius, sigma_color, sigma_space, out.get());
    }
    return hand_over(std::move(out), shape.height, shape.width);
}

MapOut<float> behind(const MapIn<float>& values, const Colors& colors) {
    const filters::Shape shape = shape_of(values, colors);
    require(std::none_of(values.data(), values.data() + values.size(), [](float value) { return value < 0.0F; }),
            "disparities are 0 or more");
    std::unique_ptr<float[]> out(new float[values.size()]);
    {
        const KernelScope scope;
        filters::fill_behind(values.data(), colors.data(), shape.height, shape.width, out.get());
    }
    return hand_over(std::move(out), shape.height, shape.width);
}

MapOut<float> median(const MapIn<float>& values, std::size_t size) {
    require(size == 3 || size == 5, "size must be 3 or 5");
    std::unique_ptr<float[]> out(new float[values.size()]);
    if (values.size() > 0) {
        const KernelScope scope;
        filters::median_filter(values.data(), {values.shape(0), values.shape(1)}, size, out.get());
    }
    return hand_over(std::move(out), values.shape(0), values.shape(1));
}

MapOut<float> between(const MapIn<float>& before, const MapIn<float>& now, const MapIn<float>& after, double delta) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
        require(before.shape(axis) == now.shape(axis) && after.shape(axis) == now.shape(axis),
                "the three maps must have one size");
    }
    std::unique_ptr<float[]> out(new float[now.size()]);
    {
        const KernelScope scope;
        filters::interpolate_frames(before.data(), now.data(), after.data(), now.size(), static_cast<float>(delta),
                                    out.get());
    }
    return hand_over(std::move(out), now.shape(0), now.shape(1));
}

template <class T>
void bind_for(nb::module_& module) {
    module.def("filter_spatial", &spatial<T>, nb::arg("values").noconvert(), "passes"_a, "alpha"_a, "delta"_a,
               "radius"_a, "zero"_a,
               "librealsense's spatial filter. In float maps NaN is a hole, and where `zero` says so 0 as well.");
    module.def("filter_temporal", &temporal<T>, nb::arg("values").noconvert(), nb::arg("last").noconvert(),
               nb::arg("history").noconvert(), "alpha"_a, "delta"_a, "persistence"_a, "zero"_a,
               "librealsense's temporal filter for one frame; `last` and `history` are brought up to date.");
    module.def("filter_fill", &fill<T>, nb::arg("values").noconvert(), "mode"_a, "zero"_a,
               "librealsense's hole filling: 0 from the left, 1 the largest, 2 the smallest value around.");
    module.def("filter_speckles", &speckles<T>, nb::arg("values").noconvert(), "max_size"_a, "max_step"_a, "zero"_a,
               "A copy in which pieces of up to max_size pixels are holes; max_step holds neighbours together.");
    module.def("filter_decimate", &decimate<T>, nb::arg("values").noconvert(), "scale"_a, "height"_a, "width"_a,
               "zero"_a, "hole"_a, "Blocks of scale × scale pixels as one: their median up to 3, their mean beyond.");
}

}  // namespace

void bind_filters(nb::module_& module) {
    bind_for<float>(module);
    bind_for<std::uint16_t>(module);
    module.def("filter_to_disparity", &to_disparity, nb::arg("depth").noconvert(), "factor"_a,
               "factor / depth; 0 stays 0.");
    module.def("filter_to_depth", &to_depth, nb::arg("disparity").noconvert(), "factor"_a,
               "factor / disparity, rounded half up to 16 bits; what is no normal number becomes 0.");
    module.def("filter_between", &between, nb::arg("before").noconvert(), nb::arg("now").noconvert(),
               nb::arg("after").noconvert(), "delta"_a, "A frame steadied and filled by the ones before and after it.");
    module.def("filter_median", &median, nb::arg("values").noconvert(), "size"_a,
               "The median of the values in a window of 3 or 5 pixels.");
    module.def("filter_guided", &guided, nb::arg("values").noconvert(), nb::arg("colors").noconvert(), "radius"_a,
               "smoothness"_a, "The guided filter; holes carry no weight and are filled where a value is in reach.");
    module.def("filter_joint_bilateral", &joint_bilateral, nb::arg("values").noconvert(), nb::arg("colors").noconvert(),
               "radius"_a, "sigma_color"_a, "sigma_space"_a,
               "The joint bilateral filter; holes carry no weight and are filled where a value is in reach.");
    module.def("filter_behind", &behind, nb::arg("disparity").noconvert(), nb::arg("colors").noconvert(),
               "A copy whose holes are filled with what lies behind, parted by colour.");
}

}  // namespace nearfar
