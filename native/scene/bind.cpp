// Kernels of nearfar.scene for Python.
#include "bind.hpp"

namespace nb = nanobind;

namespace nearfar {

void bind_scene([[maybe_unused]] nb::module_& module) {}

}  // namespace nearfar
