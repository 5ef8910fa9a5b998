// What the bind.cpp files of the packages share: array types, arrays that own fresh memory, a scope without the GIL.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstddef>
#include <memory>

#include "core/interrupt.hpp"

namespace nearfar {

// A C-contiguous two-dimensional NumPy array that may be read-only. Bind such an argument with .noconvert(): else an
// array of another type would be cast without a word.
template <class T>
using MapIn = nanobind::ndarray<const T, nanobind::ndim<2>, nanobind::c_contig, nanobind::device::cpu>;

template <class T>
using MapOut = nanobind::ndarray<nanobind::numpy, const T, nanobind::ndim<2>, nanobind::c_contig>;

// Gives memory that a kernel has filled to NumPy, read-only: a value adopts it without a copy.
template <class T>
MapOut<T> hand_over(std::unique_ptr<T[]> memory, std::size_t height, std::size_t width) {
    T* data = memory.get();
    nanobind::capsule owner(data, [](void* held) noexcept { delete[] static_cast<T*>(held); });
    static_cast<void>(memory.release());
    return MapOut<T>(data, {height, width}, owner);
}

// Releases the GIL for as long as it lives. A signal handler that raises, as Ctrl-C's does, ends the kernel.
class KernelScope {
private:
    nanobind::gil_scoped_release release_;
    Interruptible interruptible_{[] {
        const nanobind::gil_scoped_acquire acquire;
        if (PyErr_CheckSignals() != 0) throw nanobind::python_error();
    }};
};

}  // namespace nearfar
