// Kernels of nearfar.estimate for Python: completion.
#include "bind.hpp"

namespace nb = nanobind;

namespace nearfar {

void bind_completion([[maybe_unused]] nb::module_& module) {}

}  // namespace nearfar
