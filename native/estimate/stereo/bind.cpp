// Kernels of nearfar.estimate for Python: stereo.
#include "bind.hpp"

namespace nb = nanobind;

namespace nearfar {

void bind_stereo([[maybe_unused]] nb::module_& module) {}

}  // namespace nearfar
