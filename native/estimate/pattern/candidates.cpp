#include "estimate/pattern/candidates.hpp"

#include <algorithm>
#include <utility>

#include "estimate/pattern/search.hpp"

namespace nearfar::pattern {
namespace {

constexpr std::size_t near = 8;    // pixels around a tile whose blocks have a say
constexpr std::size_t share = 40;  // one in so many
constexpr std::size_t most_candidates = 24;
constexpr std::ptrdiff_t around = 2;       // steps beside a candidate: half a pixel, and a neighbour for its peak

}  // namespace

std::vector<Tile> cut(std::size_t height, std::size_t width) {
    std::vector<Tile> tiles;
    for (std::size_t top = 0; top < height; top += tile_height) {
        for (std::size_t left = 0; left < width; left += tile_width) {
            tiles.push_back({left, top, std::min(tile_width, width - left), std::min(tile_height, height - top)});
        }
    }
    return tiles;
}

void mark(Steps& steps, std::ptrdiff_t middle, std::ptrdiff_t reach) {
    const std::ptrdiff_t last = static_cast<std::ptrdiff_t>(steps.size()) - 1;
    for (std::ptrdiff_t step = std::max<std::ptrdiff_t>(middle - reach, 0); step <= std::min(middle + reach, last);
         ++step) {
        steps[static_cast<std::size_t>(step)] = 1;
    }
}

Steps spoken_for(const Range& room, const Tile& tile, const std::uint16_t* found) {
    const std::size_t shifts = room.span() + 1;
    std::vector<std::size_t> votes(shifts, 0);
    std::size_t total = 0;
    const std::size_t first = tile.left > near ? tile.left - near : 0;
    const std::size_t last = std::min(tile.left + tile.width + near, room.width);
    for (std::size_t row = 0; row < block_rows(room.height); ++row) {
        const std::size_t middle = block_step * (row + 1);
        if (middle + near < tile.top || middle > tile.top + tile.height + near) continue;
        for (std::size_t x = first; x < last; ++x) ++votes[found[row * room.width + x] + ends];
        total += last - first;
    }
    std::vector<std::pair<std::size_t, std::size_t>> strong;  // votes, then the shift
    for (std::size_t shift = 1; shift + 1 < shifts; ++shift) {
        const std::size_t support = votes[shift - 1] + votes[shift] + votes[shift + 1];
        const bool leads = votes[shift] * 4 >= support;  // it is no mere neighbour of one that was found
        if (support > 0 && leads && support * share >= total) strong.emplace_back(support, shift);
    }
    const auto stronger = [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    };
    std::sort(strong.begin(), strong.end(), stronger);
    strong.resize(std::min(strong.size(), most_candidates));
    Steps steps(2 * (shifts - 1) + 1, 0);
    for (const auto& candidate : strong) mark(steps, static_cast<std::ptrdiff_t>(2 * candidate.second), around);
    return steps;
}

}  // namespace nearfar::pattern
