// Kernels of nearfar.xr for Python.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

#include "bind.hpp"
#include "xr/format_rows.hpp"
#include "xr/reproject.hpp"
#include "xr/sample.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

MapOut<double> reproject_metres(const MapIn<double>& metres, const MapIn<double>& motion) {
    if (motion.shape(0) != 3 || motion.shape(1) != 4) throw std::invalid_argument("motion must be (3, 4)");
    xr::Motion given{};
    for (std::size_t row = 0; row < 3; ++row) {
        std::copy_n(motion.data() + 4 * row, 3, given.a.data() + 3 * row);
        given.b[row] = motion.data()[4 * row + 3];
    }
    std::unique_ptr<double[]> out(new double[metres.size()]);
    if (metres.size() > 0) {
        const KernelScope scope;
        xr::reproject(metres.data(), {metres.shape(0), metres.shape(1)}, given, out.get());
    }
    return hand_over(std::move(out), metres.shape(0), metres.shape(1));
}

using MatrixIn = nb::ndarray<const float, nb::shape<16>, nb::c_contig, nb::device::cpu>;
using MetresOut = nb::ndarray<nb::numpy, const float, nb::ndim<1>, nb::c_contig>;

template <class Raw>
MetresOut sample_depth(const MapIn<Raw>& raw, const MapIn<float>& points, const MatrixIn& matrix, double scale) {
    if (points.shape(1) != 2) throw std::invalid_argument("points must be (n, 2)");
    if (raw.size() == 0) throw std::invalid_argument("an empty buffer has no depth");
    const std::size_t count = points.shape(0);
    const float* m = matrix.data();
    const xr::BufferFromView place{{double{m[0]}, double{m[4]}, double{m[12]}},
                                   {double{m[1]}, double{m[5]}, double{m[13]}}};
    std::unique_ptr<float[]> out(new float[count]);
    {
        const KernelScope scope;
        xr::sample(raw.data(), raw.shape(0), raw.shape(1), place, scale, points.data(), count, out.get());
    }
    float* data = out.get();
    nb::capsule owner(data, [](void* held) noexcept { delete[] static_cast<float*>(held); });
    static_cast<void>(out.release());
    return MetresOut(data, {count}, owner);
}

MapOut<std::uint16_t> millimetres(const MapIn<float>& values, double scale) {
    std::unique_ptr<std::uint16_t[]> out(new std::uint16_t[values.size()]);
    {
        const KernelScope scope;
        xr::format_rows().millimetres(values.data(), values.size(), scale, out.get());
    }
    return hand_over(std::move(out), values.shape(0), values.shape(1));
}

}  // namespace

void bind_xr(nb::module_& module) {
    module.def("millimetres", &millimetres, nb::arg("values").noconvert(), "scale"_a,
               "The nearest millimetre of each value times the scale, 0 for what is none of 1..65535.");
    module.def("reproject_metres", &reproject_metres, nb::arg("metres").noconvert(), nb::arg("motion").noconvert(),
               "1 / metres as another camera sees a depth buffer, 0 where it sees nothing; motion (3, 4) is A and b.");
    module.def("sample_depth", &sample_depth<std::uint16_t>, nb::arg("raw").noconvert(), nb::arg("points").noconvert(),
               nb::arg("matrix").noconvert(), "scale"_a,
               "Metres (n,) float32 of the entries of a depth buffer under points (n, 2) of a view, both 0..1.");
    module.def("sample_depth", &sample_depth<float>, nb::arg("raw").noconvert(), nb::arg("points").noconvert(),
               nb::arg("matrix").noconvert(), "scale"_a);
}

}  // namespace nearfar
