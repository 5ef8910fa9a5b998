// The pool: several callers at once, and jobs that fail.
#include "tests/packages.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/interrupt.hpp"
#include "core/pool.hpp"
#include "depth/codes.hpp"
#include "tests/laws.hpp"

namespace nearfar::tests {

void try_callers() {
    std::vector<std::thread> callers;
    const auto codes = block<std::uint16_t>(3 << 20);
    std::memset(codes.get(), 1, (3 << 20) * sizeof(std::uint16_t));
    for (int i = 0; i < 4; ++i) {
        callers.emplace_back([&] {
            const auto out = block<float>(3 << 20);
            for (int turn = 0; turn < 5; ++turn) depth::decode_codes(codes.get(), 3 << 20, {0, 65535, 0, 1}, out.get());
        });
    }
    for (int i = 1; i < 5; ++i) set_thread_count(i);
    for (std::thread& caller : callers) caller.join();
    bool refused = false;
    try {
        parallel_for(8, 1, [](std::size_t, std::size_t) { parallel_for(8, 1, [](std::size_t, std::size_t) {}); });
    } catch (const std::logic_error&) {
        refused = true;
    }
    require(refused, "a job within a job is refused");
}

// When one chunk fails, others that poll do not run to their end.
void try_abandoned() {
    set_thread_count(2);
    std::atomic<bool> patient{false};
    bool failed = false;
    try {
        parallel_for(2, 1, [&](std::size_t begin, std::size_t) {
            if (begin == 0) throw std::runtime_error("this chunk fails");
            for (int i = 0; i < 1 << 28; ++i) poll_interrupt();
            patient = true;
        });
    } catch (const std::runtime_error&) {
        failed = true;
    }
    require(failed && !patient, "a failed job is abandoned");
}

}  // namespace nearfar::tests
