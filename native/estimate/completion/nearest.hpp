// The points nearest to a place, in a k-d tree: as fast where points lie in clusters as where they are spread evenly.
#pragma once

#include <cstddef>
#include <cstdint>
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

class PointTree {
public:
    PointTree(const double* x, const double* y, std::size_t count);

    // The `count` points nearest to (x, y), nearest first, or all where there are fewer.
    void nearest(double x, double y, std::size_t count, std::vector<Near>& found) const;

private:
    struct Place {
        double at[2];
        std::size_t point;
    };
    void build(std::size_t begin, std::size_t end, unsigned axis);
    void search(std::size_t begin, std::size_t end, unsigned axis, const double* place, std::size_t count,
                std::vector<Near>& found) const;

    std::vector<Place> places_;  // the middle of a range splits it; x and y take turns
};

}  // namespace nearfar::completion
