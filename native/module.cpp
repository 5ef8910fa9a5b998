// nearfar._native: registers what each package binds, and holds no code of its own.
#include <nanobind/nanobind.h>

NB_MODULE(_native, module) {
    module.doc() = "Kernels of nearfar. Private: use the functions of the packages, which validate and document.";
}
