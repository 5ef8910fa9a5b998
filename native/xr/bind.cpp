// Kernels of nearfar.xr for Python.
#include <algorithm>
#include <memory>
#include <stdexcept>

#include "bind.hpp"
#include "xr/reproject.hpp"

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

}  // namespace

void bind_xr(nb::module_& module) {
    module.def("reproject_metres", &reproject_metres, nb::arg("metres").noconvert(), nb::arg("motion").noconvert(),
               "1 / metres as another camera sees a depth buffer, 0 where it sees nothing; motion (3, 4) is A and b.");
}

}  // namespace nearfar
