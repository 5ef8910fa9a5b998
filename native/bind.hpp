// What the bind.cpp files of the packages share: array types, arrays that own fresh memory, a scope without the GIL.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

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

// A thread that asks for the GIL while the interpreter is taken down gets none: CPython before 3.14 ends it by unwinding
// its stack, which destructors do not survive, so that the process would abort. Here it sleeps until the process ends.
[[noreturn]] inline void sleep_for_good() noexcept {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

template <class Take>
auto take_gil(Take take) noexcept {
    if (Py_IsInitialized() == 0) sleep_for_good();
    try {
        return take();
    } catch (...) {  // the unwinding, which must not go on from here
        sleep_for_good();
    }
}

class GilHeld {
public:
    GilHeld() noexcept : state_(take_gil(PyGILState_Ensure)) {}
    ~GilHeld() { PyGILState_Release(state_); }
    GilHeld(const GilHeld&) = delete;
    GilHeld& operator=(const GilHeld&) = delete;

private:
    PyGILState_STATE state_;
};

class GilReleased {
public:
    GilReleased() : state_(PyEval_SaveThread()) {}
    ~GilReleased() {
        take_gil([this] { PyEval_RestoreThread(state_); });
    }
    GilReleased(const GilReleased&) = delete;
    GilReleased& operator=(const GilReleased&) = delete;

private:
    PyThreadState* state_;
};

// Releases the GIL for as long as it lives. A signal handler that raises, as Ctrl-C's does, ends the kernel; and so does
// `cancel`, a threading.Event or None, when it is set: with concurrent.futures.CancelledError. A binding takes it as a
// nanobind::object, which outlives the scope.
class KernelScope {
public:
    explicit KernelScope(nanobind::handle cancel = Py_None) : interruptible_(hook(cancel)) {}

private:
    static std::function<void()> hook(nanobind::handle cancel) {
        if (!cancel.is_none()) {
            if (!nanobind::hasattr(cancel, "is_set")) throw nanobind::type_error("cancel must be a threading.Event");
            stop_if_set(cancel);
        }
        return [cancel] {
            const GilHeld held;
            if (PyErr_CheckSignals() != 0) throw nanobind::python_error();
            if (!cancel.is_none()) stop_if_set(cancel);
        };
    }

    static void stop_if_set(nanobind::handle event) {
        if (!nanobind::cast<bool>(event.attr("is_set")())) return;
        const nanobind::object error = nanobind::module_::import_("concurrent.futures").attr("CancelledError");
        PyErr_SetString(error.ptr(), "the event was set");
        throw nanobind::python_error();
    }

    Interruptible interruptible_;  // made with the GIL
    GilReleased released_;
};

}  // namespace nearfar
