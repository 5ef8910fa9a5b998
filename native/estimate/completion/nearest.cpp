#include "estimate/completion/nearest.hpp"

#include <algorithm>

namespace nearfar::completion {

PointTree::PointTree(const double* x, const double* y, std::size_t count) {
    places_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) places_.push_back({{x[i], y[i]}, i});
    build(0, count, 0);
}

void PointTree::build(std::size_t begin, std::size_t end, unsigned axis) {
    if (end - begin < 2) return;
    const std::size_t middle = begin + (end - begin) / 2;
    const auto first = places_.begin();
    const auto at = [first](std::size_t i) { return first + static_cast<std::ptrdiff_t>(i); };
    std::nth_element(at(begin), at(middle), at(end),
                     [axis](const Place& one, const Place& two) { return one.at[axis] < two.at[axis]; });
    build(begin, middle, axis ^ 1);
    build(middle + 1, end, axis ^ 1);
}

void PointTree::nearest(double x, double y, std::size_t count, std::vector<Near>& found, double within) const {
    Wanted wanted{{x, y}, count, within};
    found.clear();
    search(0, places_.size(), 0, wanted, found);
}

// `found` is in order; beyond `within` nothing is looked for any more.
void PointTree::search(std::size_t begin, std::size_t end, unsigned axis, Wanted& wanted,
                       std::vector<Near>& found) const {
    if (begin == end) return;
    const std::size_t middle = begin + (end - begin) / 2;
    const Place& here = places_[middle];
    const double dx = here.at[0] - wanted.at[0], dy = here.at[1] - wanted.at[1];
    const Near candidate{dx * dx + dy * dy, here.point};
    if (candidate.distance <= wanted.within && keep_nearest(candidate, wanted.count, found) &&
        found.size() == wanted.count) {
        wanted.within = found.back().distance;
    }
    const double beyond = wanted.at[axis] - here.at[axis];
    const bool low_first = beyond < 0.0;
    for (const bool low : {low_first, !low_first}) {
        // The other half may hold one as near as the farthest that was found, with a lower number.
        if (low != low_first && beyond * beyond > wanted.within) continue;
        search(low ? begin : middle + 1, low ? middle : end, axis ^ 1, wanted, found);
    }
}

}  // namespace nearfar::completion
