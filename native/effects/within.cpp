#include "effects/within.hpp"

#include <algorithm>
#include <vector>

#include "core/pool.hpp"
#include "effects/measured_rows.hpp"

namespace nearfar::effects {
namespace {

using Merge = void (*)(const float* from, Index count, float* into) noexcept;

// Of the square around each sample of row y: down the columns first, then along the row.
void row_within(const MapOf& map, Index reach, Index y, Merge merge, std::vector<float>& padded, float* out) {
    float* row = padded.data() + reach;
    const Index top = std::max<Index>(0, y - reach), bottom = std::min(map.height, y + reach + 1);
    std::copy_n(map.values + top * map.width, map.width, row);
    for (Index other = top + 1; other < bottom; ++other) merge(map.values + other * map.width, map.width, row);
    std::fill_n(padded.data(), reach, row[0]);
    std::fill_n(row + map.width, reach, row[map.width - 1]);
    std::copy_n(padded.data(), map.width, out);
    for (Index shift = 1; shift <= 2 * reach; ++shift) merge(padded.data() + shift, map.width, out);
}

void within(const MapOf& map, Index reach, Merge merge, float* out) {
    const Index rows = std::max<Index>(1, 8192 / map.width);
    parallel_for(static_cast<std::size_t>(map.height), static_cast<std::size_t>(rows),
                 [&](std::size_t begin, std::size_t end) {
                     std::vector<float> padded(static_cast<std::size_t>(map.width + 2 * reach));
                     for (auto y = static_cast<Index>(begin); y < static_cast<Index>(end); ++y) {
                         row_within(map, reach, y, merge, padded, out + y * map.width);
                     }
                 });
}

}  // namespace

void least_within(const MapOf& map, Index reach, float* out) { within(map, reach, measured_rows().least, out); }

void largest_within(const MapOf& map, Index reach, float* out) { within(map, reach, measured_rows().largest, out); }

}  // namespace nearfar::effects
