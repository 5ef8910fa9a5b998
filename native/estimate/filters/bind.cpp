// Kernels of nearfar.estimate for Python: filters.
#include "bind.hpp"

namespace nb = nanobind;

namespace nearfar {

void bind_filters([[maybe_unused]] nb::module_& module) {}

}  // namespace nearfar
