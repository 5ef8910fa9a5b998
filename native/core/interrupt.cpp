#include "core/interrupt.hpp"

#include <utility>

namespace nearfar {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds period{20};

struct Abandoned {};

thread_local Interruptible* installed = nullptr;
thread_local const std::atomic<bool>* abandoned = nullptr;

}  // namespace

void poll_interrupt() {
    if (abandoned != nullptr && abandoned->load(std::memory_order_relaxed)) throw Abandoned{};
    if (installed == nullptr || Clock::now() < installed->due_) return;
    installed->hook_();
    installed->due_ = Clock::now() + period;
}

Interruptible::Interruptible(std::function<void()> hook)
    : hook_(std::move(hook)), due_(Clock::now() + period), outer_(installed) {
    installed = this;
}

Interruptible::~Interruptible() { installed = outer_; }

Abandonable::Abandonable(const std::atomic<bool>& failed) noexcept { abandoned = &failed; }

Abandonable::~Abandonable() { abandoned = nullptr; }

}  // namespace nearfar
