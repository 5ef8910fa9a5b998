// One thread pool for all kernels.
//
// A job is cut into chunks of a fixed size that does not depend on the number of threads, so a kernel whose chunks
// write apart gives the same bits on any machine. Callers from several Python threads take turns, each in the order
// in which it came: one that has many jobs keeps nobody waiting for more than one. A job within a job is refused;
// after a fork the child starts threads of its own.
#pragma once

#include <cstddef>

namespace nearfar {

int thread_count() noexcept;

// Takes effect at the next job. Throws std::invalid_argument unless 1 <= count <= 1024.
void set_thread_count(int count);

namespace detail {
using Body = void (*)(const void* closure, std::size_t begin, std::size_t end);
void run(std::size_t count, std::size_t grain, Body body, const void* closure);
}  // namespace detail

// Calls body(begin, end) for [0, count) in chunks of `grain`. One chunk runs on the calling thread and costs nothing.
// Rethrows the first exception of a chunk, after all running chunks have ended: those that poll_interrupt() end early.
template <class F>
void parallel_for(std::size_t count, std::size_t grain, const F& body) {
    detail::run(
        count, grain,
        [](const void* closure, std::size_t begin, std::size_t end) { (*static_cast<const F*>(closure))(begin, end); },
        &body);
}

}  // namespace nearfar
