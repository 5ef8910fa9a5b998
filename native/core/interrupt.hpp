// How a long kernel learns that its caller wants it to stop: Ctrl-C in Python.
//
// The binding installs a hook for the time of a call; the calling thread polls between chunks of a parallel job, and
// serial kernels poll once a row.
#pragma once

namespace nearfar {

using InterruptHook = void (*)();  // throws to stop the kernel

// Calls the hook of this thread, but not more often than every 50 ms, and first after 50 ms. Does nothing without one.
void poll_interrupt();

// Installs a hook for this thread for as long as it lives.
class Interruptible {
public:
    explicit Interruptible(InterruptHook hook) noexcept;
    ~Interruptible();
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;
};

}  // namespace nearfar
