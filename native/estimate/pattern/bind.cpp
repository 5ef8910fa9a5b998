// Kernels of nearfar.estimate for Python: pattern.
#include "bind.hpp"

namespace nb = nanobind;

namespace nearfar {

void bind_pattern([[maybe_unused]] nb::module_& module) {}

}  // namespace nearfar
