#include "estimate/stereo/match.hpp"

#include <memory>

#include "core/pool.hpp"
#include "estimate/stereo/checks.hpp"
#include "estimate/stereo/fill.hpp"
#include "estimate/stereo/pictures.hpp"
#include "estimate/stereo/refine.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 1 << 16;

}  // namespace

void match_stereo(const std::uint8_t* left, const std::uint8_t* right, PictureSize size, std::size_t channels,
                  std::size_t shifts, [[maybe_unused]] Effort effort, const StereoMaps& out) {
    const std::size_t count = size.height * size.width;
    const std::unique_ptr<std::int16_t[]> shift(new std::int16_t[count]), right_shift(new std::int16_t[count]);
    const MatchedMaps maps{shift.get(), out.confidence, right_shift.get()};
    {
        const auto left_grey = to_grey(left, size, channels), right_grey = to_grey(right, size, channels);
        Matching matching{};
        matching.shifts = shifts;
        aggregate(left_grey.get(), right_grey.get(), size, matching, maps);
    }
    check(maps, size, {}, out.state);
    const Planes planes(left, size, channels);
    fill_shifts(planes.view(), right_shift.get(), out.state, size, shift.get());
    mark_occluded(shift.get(), right_shift.get(), size, out.state);
    align_edges(planes.view(), size, 2, shift.get());
    median_of_25(size, shift.get());
    parallel_for(count, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) out.shift[i] = static_cast<float>(shift[i]) * (1.0F / shift_unit);
    });
}

}  // namespace nearfar::estimate
