// The points nearest to a place, in a k-d tree: as fast where points lie in clusters as where they are spread evenly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace nearfar::completion {

struct Near {
    double distance;    // squared
    std::size_t point;  // its number in the caller's order

    // Of two at one distance the one with the lower number comes first, so that the order is always the same.
    bool operator<(const Near& other) const noexcept {
        return distance < other.distance || (distance == other.distance && point < other.point);
    }
};

// Puts one where it belongs among the `count` nearest so far, which are in order; whether it is among them.
inline bool keep_nearest(const Near& candidate, std::size_t count, std::vector<Near>& found) {
    if (found.size() == count) {
        if (!(candidate < found.back())) return false;
        found.pop_back();
    }
    auto place = found.end();
    while (place != found.begin() && candidate < *(place - 1)) --place;
    found.insert(place, candidate);
    return true;
}

class PointTree {
public:
    PointTree(const double* x, const double* y, std::size_t count);

    static constexpr double anywhere = std::numeric_limits<double>::infinity();

    // The `count` points nearest to (x, y), nearest first, or all where there are fewer. A caller who knows that so
    // many lie within a squared distance is served sooner by saying so.
    void nearest(double x, double y, std::size_t count, std::vector<Near>& found, double within = anywhere) const;

private:
    struct Place {
        double at[2];
        std::size_t point;
    };
    void build(std::size_t begin, std::size_t end, unsigned axis);
    struct Wanted {
        double at[2];
        std::size_t count;
        double within;
    };
    void search(std::size_t begin, std::size_t end, unsigned axis, Wanted& wanted, std::vector<Near>& found) const;

    std::vector<Place> places_;  // the middle of a range splits it; x and y take turns
};

}  // namespace nearfar::completion
