#include "core/interrupt.hpp"

#include <chrono>

namespace nearfar {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds period{50};

thread_local InterruptHook installed = nullptr;
thread_local Clock::time_point due;

}  // namespace

void poll_interrupt() {
    if (installed == nullptr || Clock::now() < due) return;
    installed();
    due = Clock::now() + period;
}

Interruptible::Interruptible(InterruptHook hook) noexcept {
    installed = hook;
    due = Clock::now() + period;
}

Interruptible::~Interruptible() { installed = nullptr; }

}  // namespace nearfar
