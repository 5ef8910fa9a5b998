// Kernels of nearfar.estimate for Python: each topic binds its own.
#include <nanobind/nanobind.h>

namespace nearfar {
void bind_completion(nanobind::module_& module);
void bind_filters(nanobind::module_& module);
void bind_pattern(nanobind::module_& module);
void bind_pattern_light(nanobind::module_& module);
void bind_stereo(nanobind::module_& module);

void bind_estimate(nanobind::module_& module) {
    bind_completion(module);
    bind_filters(module);
    bind_pattern(module);
    bind_pattern_light(module);
    bind_stereo(module);
}
}  // namespace nearfar
