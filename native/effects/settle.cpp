#include "effects/settle.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/pool.hpp"
#include "depth/fill.hpp"
#include "estimate/filters/guided.hpp"

namespace nearfar::effects {
namespace {

constexpr Index reach = 6;                               // samples by which an edge may be off
constexpr double sigma_color = 12.0, sigma_space = 4.0;  // how alike, in 8-bit steps, and near those are that are asked
constexpr double edge_share = 0.04;                      // of the map's range: by so much neighbours differ at an edge
constexpr int rounds = 2;
constexpr float far_side = 1.0F, near_side = 2.0F, undecided = 1.5F;

class Settler {
public:
    Settler(const MapOf& map, const std::uint8_t* picture, float* values)
        : picture_(picture),
          map_{values, map.width, map.height},
          values_(values),
          count_(static_cast<std::size_t>(map.width * map.height)),
          low_(count_),
          high_(count_),
          sides_(count_),
          votes_(count_),
          edge_(count_),
          moved_(count_) {
        std::copy_n(map.values, count_, values);
        const auto [least, most] = std::minmax_element(values, values + count_);
        step_ = static_cast<float>(edge_share * static_cast<double>(*most - *least));
    }

    // False where there is no edge.
    bool settle() {
        if (!find_edges()) return false;
        part();
        filters::joint_bilateral(sides_.data(), picture_, {height(), width()}, reach, sigma_color, sigma_space,
                                 votes_.data(), edge_.data());
        move(near_side, [](float vote) { return vote > undecided; });
        move(far_side, [](float vote) { return vote < undecided; });
        return true;
    }

private:
    std::size_t height() const { return static_cast<std::size_t>(map_.height); }
    std::size_t width() const { return static_cast<std::size_t>(map_.width); }
    template <class Body>
    void each(const Body& body) const {
        parallel_for(count_, 16384, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) body(i);
        });
    }

    // Marks what is within reach of neighbours that differ.
    bool find_edges() {
        least_within(map_, 1, low_.data());
        largest_within(map_, 1, high_.data());
        each([&](std::size_t i) { votes_[i] = high_[i] - low_[i] > step_ ? 1.0F : 0.0F; });
        if (*std::max_element(votes_.begin(), votes_.end()) == 0.0F) return false;
        largest_within({votes_.data(), map_.width, map_.height}, reach, low_.data());
        each([&](std::size_t i) { edge_[i] = low_[i] > 0.0F ? 1 : 0; });
        return true;
    }

    // Which side of the middle between the extremes around it each sample is on.
    void part() {
        least_within(map_, reach, low_.data());
        largest_within(map_, reach, high_.data());
        each([&](std::size_t i) {
            sides_[i] = values_[i] > (low_[i] + high_[i]) / 2.0F ? near_side : far_side;
        });
    }

    // Gives those on the other side that the votes put on this one a value of this one.
    template <class Wins>
    void move(float side, const Wins& wins) {
        each([&](std::size_t i) {
            const bool other = sides_[i] != side;
            moved_[i] = other && edge_[i] != 0 && wins(votes_[i]) ? 1 : 0;
            low_[i] = other ? std::numeric_limits<float>::quiet_NaN() : values_[i];
        });
        if (std::find(moved_.begin(), moved_.end(), 1) == moved_.end()) return;
        depth::fill_holes(low_.data(), height(), width(), high_.data(), moved_.data());
        each([&](std::size_t i) { values_[i] = moved_[i] != 0 ? high_[i] : values_[i]; });
    }

    const std::uint8_t* picture_;
    MapOf map_;
    float* values_;  // the map's
    std::size_t count_;
    float step_ = 0.0F;
    std::vector<float> low_, high_, sides_, votes_;
    std::vector<std::uint8_t> edge_, moved_;  // 0 or 1
};

}  // namespace

void settle_edges(const MapOf& map, const std::uint8_t* picture, float* out) {
    Settler settler(map, picture, out);
    for (int round = 0; round < rounds && settler.settle(); ++round) {
    }
}

}  // namespace nearfar::effects
