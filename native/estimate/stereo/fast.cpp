#include "estimate/stereo/fast.hpp"

#include <algorithm>
#include <memory>

#include "core/large_block.hpp"
#include "core/pool.hpp"
#include "estimate/stereo/band.hpp"
#include "estimate/stereo/checks.hpp"
#include "estimate/stereo/confidence.hpp"
#include "estimate/stereo/fill.hpp"
#include "estimate/stereo/refine.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 64;
constexpr std::size_t least_side = 32;

// Every pixel takes the value of the half-size pixel that holds it.
void enlarge(const std::uint8_t* half, PictureSize half_size, PictureSize size, std::uint8_t* out) {
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const std::uint8_t* const from = half + std::min(y / 2, half_size.height - 1) * half_size.width;
            std::uint8_t* const to = out + y * size.width;
            for (std::size_t x = 0; x < half_size.width; ++x) to[2 * x] = to[2 * x + 1] = from[x];
            if (size.width % 2) to[size.width - 1] = from[half_size.width - 1];
        }
    });
}

}  // namespace

bool can_match_fast(PictureSize size) noexcept { return std::min(size.height, size.width) >= least_side; }

void match_fast(const Picture& left, const Picture& right, std::size_t shifts, const StereoMaps& out) {
    const Picture half = left.half();
    const PictureSize size = half.size();
    const LargeBlock<std::int16_t> shift = large_block<std::int16_t>(size.count());
    const LargeBlock<std::int16_t> right_shift = large_block<std::int16_t>(size.count());
    const LargeBlock<std::uint8_t> margin = large_block<std::uint8_t>(size.count());
    const LargeBlock<std::uint8_t> state = large_block<std::uint8_t>(size.count());
    const LargeBlock<std::uint8_t> confidence = large_block<std::uint8_t>(size.count());
    Matching matching{};
    matching.shifts = (shifts + 1) / 2;
    matching.small = 9;
    matching.large = 60;
    matching.both_ways = false;
    matching.strip = 64;
    const MatchedMaps maps{shift.get(), margin.get(), right_shift.get()};
    aggregate(half, right.half(), matching, nullptr, maps);
    Limits limits{};
    limits.speckle = 20;
    check(maps, size, limits, state.get());
    fill_shifts(half.colour(), right_shift.get(), state.get(), size, shift.get());
    mark_occluded(shift.get(), right_shift.get(), size, state.get());
    align_edges(half.colour(), size, shift.get());
    median_of_25(size, shift.get());
    rate(shift.get(), margin.get(), state.get(), size, confidence.get());
    match_in_bands(left, right, half, shift.get(), shifts, out.shift);
    enlarge(state.get(), size, left.size(), out.state);
    enlarge(confidence.get(), size, left.size(), out.confidence);
}

}  // namespace nearfar::estimate
