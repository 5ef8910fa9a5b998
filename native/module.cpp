// nearfar._native: registers what each package binds, and holds no code of its own.
#include <nanobind/nanobind.h>

namespace nearfar {
void bind_core(nanobind::module_& module);
void bind_depth(nanobind::module_& module);
void bind_effects(nanobind::module_& module);
void bind_effects_align(nanobind::module_& module);
void bind_effects_rims(nanobind::module_& module);
void bind_estimate(nanobind::module_& module);
void bind_highlights(nanobind::module_& module);
void bind_photo(nanobind::module_& module);
void bind_scene(nanobind::module_& module);
void bind_scene_building(nanobind::module_& module);
void bind_xr(nanobind::module_& module);
}  // namespace nearfar

NB_MODULE(_native, module) {
    module.doc() = "Kernels of nearfar. Private: use the functions of the packages, which validate and document.";
    nearfar::bind_core(module);
    nearfar::bind_depth(module);
    nearfar::bind_effects(module);
    nearfar::bind_effects_align(module);
    nearfar::bind_effects_rims(module);
    nearfar::bind_estimate(module);
    nearfar::bind_highlights(module);
    nearfar::bind_photo(module);
    nearfar::bind_scene(module);
    nearfar::bind_scene_building(module);
    nearfar::bind_xr(module);
}
