// SIMD level and thread pool, and their environment variables.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "core/pool.hpp"
#include "core/simd.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace nearfar {
namespace {

void read_environment() {
    if (const char* name = std::getenv("NEARFAR_SIMD"); name != nullptr && *name != '\0') {
        try {
            set_simd_level(name);
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument(std::string("NEARFAR_SIMD: ") + error.what());
        }
    }
    if (const char* text = std::getenv("NEARFAR_THREADS"); text != nullptr && *text != '\0') {
        char* end = nullptr;
        const long count = std::strtol(text, &end, 10);
        if (*end != '\0' || count < 1 || count > 1024) {
            throw std::invalid_argument(std::string("NEARFAR_THREADS must be a whole number from 1 to 1024, not '") +
                                        text + "'");
        }
        set_thread_count(static_cast<int>(count));
    }
}

}  // namespace

void bind_core(nb::module_& module) {
    read_environment();
    module.def("simd_levels", &simd_levels,
               "Names of the SIMD levels that this build holds and this CPU runs, slowest first.");
    module.def("simd_level", [] { return std::string(simd_level_name()); }, "Name of the SIMD level in force.");
    module.def("set_simd_level", &set_simd_level, "name"_a,
               "Forces a SIMD level, for tests; ValueError if it can't run.");
    module.def("thread_count", &thread_count, "Threads that a kernel uses at most, the calling one included.");
    module.def("set_leak_warnings", [](bool value) { nb::set_leak_warnings(value); }, "value"_a,
               "Whether to tell, when the process ends, of objects that are still there.");
    module.def("set_thread_count", &set_thread_count, "count"_a, "Sets the number of threads, 1..1024.");
}

}  // namespace nearfar
