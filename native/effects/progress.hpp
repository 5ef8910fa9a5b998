// How far a kernel is: shares 0..1 of the whole, told between its parallel jobs, so on the calling thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>

#include "core/pool.hpp"

namespace nearfar::effects {

class Progress {
public:
    explicit Progress(std::function<void(double)> tell, double from = 0.0, double to = 1.0)
        : tell_(std::move(tell)), from_(from), to_(to) {}

    bool wanted() const { return tell_ != nullptr; }
    // What it throws ends the kernel.
    void tell(double share) const {
        if (wanted()) tell_(from_ + (to_ - from_) * share);
    }
    Progress part(double from, double to) const {
        return Progress(tell_, from_ + (to_ - from_) * from, from_ + (to_ - from_) * to);
    }

private:
    std::function<void(double)> tell_;
    double from_, to_;
};

// parallel_for in pieces, if somebody wants to know how far it is.
template <class F>
void parallel_for(std::size_t count, std::size_t grain, const Progress& progress, const F& body) {
    constexpr std::size_t pieces = 12;
    const std::size_t piece = progress.wanted() ? (count / pieces / grain + 1) * grain : count;
    for (std::size_t first = 0; first < count; first += piece) {
        const std::size_t length = std::min(piece, count - first);
        nearfar::parallel_for(length, grain, [&](std::size_t begin, std::size_t end) { body(first + begin, first + end); });
        progress.tell(static_cast<double>(first + length) / static_cast<double>(count));
    }
}

}  // namespace nearfar::effects
