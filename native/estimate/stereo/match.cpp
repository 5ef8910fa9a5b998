#include "estimate/stereo/match.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "core/large_block.hpp"
#include "core/pool.hpp"
#include "estimate/stereo/checks.hpp"
#include "estimate/stereo/coarse.hpp"
#include "estimate/stereo/confidence.hpp"
#include "estimate/stereo/fast.hpp"
#include "estimate/stereo/fill.hpp"
#include "estimate/stereo/plane_smoothing.hpp"
#include "estimate/stereo/refine.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 1 << 16;

// A pair this small has no smaller one to learn from.
constexpr PictureSize least_size{96, 128};
constexpr std::size_t least_shifts = 16;
constexpr int most_levels = 3;

// What one size of the pair gives; dense after `fill`.
struct Level {
    explicit Level(PictureSize size)
        : shift(large_block<std::int16_t>(size.count())),
          right_shift(large_block<std::int16_t>(size.count())),
          margin(large_block<std::uint8_t>(size.count())),
          state(large_block<std::uint8_t>(size.count())) {}

    MatchedMaps maps() const noexcept { return {shift.get(), margin.get(), right_shift.get()}; }

    LargeBlock<std::int16_t> shift, right_shift;
    LargeBlock<std::uint8_t> margin, state;
};

void aggregate_and_fill(const Picture& left, const Picture& right, const Matching& matching, std::size_t speckle,
                        const Prior* prior, Level& level) {
    Limits limits{};
    limits.speckle = speckle;
    aggregate(left, right, matching, prior, level.maps());
    check(level.maps(), left.size(), limits, level.state.get());
    fill_shifts(left.colour(), level.right_shift.get(), level.state.get(), left.size(), level.shift.get());
}

std::optional<CoarsePrior> coarse_prior(const Picture& left, const Picture& right, std::size_t shifts, int factor,
                                        int depth);

// A level below the full size, for its prior: in few high strips, for it is small.
Level match_coarse(const Picture& left, const Picture& right, std::size_t shifts, std::size_t speckle, int depth) {
    Level level(left.size());
    Matching matching{};
    matching.shifts = shifts;
    matching.strip = std::max<std::size_t>(16, (left.size().height + 3) / 4);
    matching.overlap = 16;
    const std::optional<CoarsePrior> prior = coarse_prior(left, right, shifts, 2, depth + 1);
    aggregate_and_fill(left, right, matching, speckle, prior ? prior->get() : nullptr, level);
    median_of_25(left.size(), level.shift.get());
    return level;
}

std::optional<CoarsePrior> coarse_prior(const Picture& left, const Picture& right, std::size_t shifts, int factor,
                                        int depth) {
    const PictureSize size = left.size();
    if (depth >= most_levels || size.height < least_size.height || size.width < least_size.width ||
        shifts < least_shifts) {
        return std::nullopt;
    }
    Picture small_left = left.half(), small_right = right.half();
    if (factor == 4) {
        small_left = small_left.half();
        small_right = small_right.half();
    }
    const auto step = static_cast<std::size_t>(factor);
    const Level level = match_coarse(small_left, small_right, (shifts + step - 1) / step, factor == 4 ? 5 : 13, depth);
    return std::optional<CoarsePrior>(std::in_place, small_left, level.shift.get(), level.state.get(), size, factor);
}

void finish(const Picture& left, std::size_t shifts, Level& level) {
    const int most = static_cast<int>(shifts - 1) * shift_unit;
    mark_occluded(level.shift.get(), level.right_shift.get(), left.size(), level.state.get());
    align_edges(left.colour(), left.size(), level.shift.get());
    median_of_25(left.size(), level.shift.get());
    smooth_planes(left.colour(), level.state.get(), level.margin.get(), left.size(), most, level.shift.get());
}

// Once more, held near what was found.
void match_again(const Picture& left, const Picture& right, const Matching& matching, Level& level) {
    const std::size_t count = left.size().count();
    const LargeBlock<std::int16_t> shift = large_block<std::int16_t>(count);
    const LargeBlock<std::uint8_t> most = large_block<std::uint8_t>(count);
    parallel_for(count, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            shift[i] = static_cast<std::int16_t>((level.shift[i] + shift_unit / 2) / shift_unit);
            most[i] = level.state[i] == kept ? 9 : 6;
        }
    });
    const Prior prior{shift.get(), most.get(), 1, 1};
    aggregate_and_fill(left, right, matching, Limits{}.speckle, &prior, level);
    finish(left, matching.shifts, level);
}

}  // namespace

void match_stereo(const Picture& left, const Picture& right, std::size_t shifts, Effort effort,
                  const StereoMaps& out) {
    const PictureSize size = left.size();
    if (effort == Effort::fast && can_match_fast(size)) return match_fast(left, right, shifts, out);
    Level level(size);
    Matching matching{};
    matching.shifts = shifts;
    if (effort == Effort::best) {
        matching.strip = 64;
        matching.overlap = 16;
    } else {
        matching.both_ways = false;
        matching.strip = 64;
    }
    {
        const int factor = effort == Effort::best || shifts < 2 * least_shifts ? 2 : 4;
        const std::optional<CoarsePrior> prior = coarse_prior(left, right, shifts, factor, 0);
        aggregate_and_fill(left, right, matching, Limits{}.speckle, prior ? prior->get() : nullptr, level);
    }
    finish(left, shifts, level);
    if (effort == Effort::best) match_again(left, right, matching, level);
    rate(level.shift.get(), level.margin.get(), level.state.get(), size, out.confidence);
    parallel_for(size.count(), grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            out.shift[i] = static_cast<float>(level.shift[i]) * (1.0F / shift_unit);
            out.state[i] = level.state[i];
        }
    });
}

}  // namespace nearfar::estimate
