// How a long kernel learns that its caller wants it to stop: Ctrl-C in Python, or an event that another thread sets.
//
// The binding installs a hook for the time of a call; the calling thread polls between chunks of a parallel job. Serial
// kernels poll once a row, and so do chunks that may take longer than some 20 ms.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>

namespace nearfar {

// Calls the hook of this thread, but not more often than every 20 ms, and first after 20 ms. In a job that has failed
// on another thread it throws what nobody needs to catch but the pool. Else it does nothing.
void poll_interrupt();

// Installs a hook, which throws to stop the kernel, for this thread and for as long as it lives.
class Interruptible {
public:
    explicit Interruptible(std::function<void()> hook);
    ~Interruptible();
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;

private:
    friend void poll_interrupt();

    std::function<void()> hook_;
    std::chrono::steady_clock::time_point due_;
    Interruptible* outer_;  // a hook may itself call a kernel
};

// What this thread works on, for as long as it lives, is of no use once the flag is set.
class Abandonable {
public:
    explicit Abandonable(const std::atomic<bool>& failed) noexcept;
    ~Abandonable();
    Abandonable(const Abandonable&) = delete;
    Abandonable& operator=(const Abandonable&) = delete;
};

}  // namespace nearfar
