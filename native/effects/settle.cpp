#include "effects/settle.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/large_block.hpp"
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
          low_(large_block<float>(count_)),
          high_(large_block<float>(count_)),
          sides_(large_block<float>(count_)),
          votes_(large_block<float>(count_)),
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
        filters::joint_bilateral(sides_.get(), picture_, {height(), width()}, reach, sigma_color, sigma_space,
                                 votes_.get(), edge_.data());
        move(near_side);
        move(far_side);
        return true;
    }

private:
    std::size_t height() const { return static_cast<std::size_t>(map_.height); }
    std::size_t width() const { return static_cast<std::size_t>(map_.width); }
    // body(i) for each sample. It holds pointers by value, and is copied, so that loops need not read them anew.
    template <class Body>
    void each(const Body& body) const {
        parallel_for(count_, 16384, [&body](std::size_t begin, std::size_t end) {
            const Body work = body;
            for (std::size_t i = begin; i < end; ++i) work(i);
        });
    }
    static bool any(const std::vector<std::uint8_t>& mask) {
        return std::find(mask.begin(), mask.end(), 1) != mask.end();
    }

    // Marks what is within reach of neighbours that differ.
    bool find_edges() {
        least_within(map_, 1, low_.get());
        largest_within(map_, 1, high_.get());
        each([low = low_.get(), high = high_.get(), step = step_, jumps = votes_.get()](std::size_t i) {
            jumps[i] = high[i] - low[i] > step ? 1.0F : 0.0F;
        });
        largest_within({votes_.get(), map_.width, map_.height}, reach, low_.get());
        each([low = low_.get(), edge = edge_.data()](std::size_t i) {
            edge[i] = low[i] > 0.0F ? std::uint8_t{1} : std::uint8_t{0};
        });
        return any(edge_);
    }

    // Which side of the middle between the extremes around it each sample is on.
    void part() {
        least_within(map_, reach, low_.get());
        largest_within(map_, reach, high_.get());
        each([low = low_.get(), high = high_.get(), values = values_, sides = sides_.get()](std::size_t i) {
            sides[i] = values[i] > (low[i] + high[i]) / 2.0F ? near_side : far_side;
        });
    }

    // Gives those on the other side that the votes call to this one a value of it.
    void move(float side) {
        const float sign = side - undecided;
        each([=, sides = sides_.get(), votes = votes_.get(), edge = edge_.data(), moved = moved_.data()](std::size_t i) {
            const float vote = votes[i], own = sides[i];
            const std::uint8_t on_edge = edge[i];
            moved[i] = ((vote - undecided) * sign > 0.0F) & (own != side) ? on_edge : std::uint8_t{0};
        });
        if (!any(moved_)) return;
        each([sides = sides_.get(), values = values_, holed = low_.get(), side](std::size_t i) {
            const float own = values[i];
            holed[i] = sides[i] != side ? std::numeric_limits<float>::quiet_NaN() : own;
        });
        depth::fill_holes(low_.get(), height(), width(), high_.get(), moved_.data());
        each([filled = high_.get(), moved = moved_.data(), values = values_](std::size_t i) {
            const float taken = filled[i], own = values[i];
            values[i] = moved[i] != 0 ? taken : own;
        });
    }

    const std::uint8_t* picture_;
    MapOf map_;
    float* values_;  // the map's
    std::size_t count_;
    float step_ = 0.0F;
    LargeBlock<float> low_, high_, sides_, votes_;
    std::vector<std::uint8_t> edge_, moved_;  // 0 or 1
};

}  // namespace

void settle_edges(const MapOf& map, const std::uint8_t* picture, float* out) {
    Settler settler(map, picture, out);
    for (int round = 0; round < rounds && settler.settle(); ++round) {
    }
}

}  // namespace nearfar::effects
