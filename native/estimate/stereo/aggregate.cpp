#include "estimate/stereo/aggregate.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/interrupt.hpp"
#include "core/large_block.hpp"
#include "core/pool.hpp"
#include "core/workspaces.hpp"
#include "estimate/stereo/coded_picture.hpp"
#include "estimate/stereo/cost_rows.hpp"
#include "estimate/stereo/path_rows.hpp"
#include "estimate/stereo/winner_rows.hpp"

namespace nearfar::estimate {
namespace {

// The parts of a strip's scratch, cut from one block of memory.
class Cutter {
public:
    // Counts only, until a block is given.
    explicit Cutter(std::uint8_t* block = nullptr) : block_(block) {}

    std::uint8_t* bytes(std::size_t count) {
        std::uint8_t* const part = block_ == nullptr ? nullptr : block_ + taken_;
        taken_ += (count + 63) / 64 * 64;
        return part;
    }
    std::uint16_t* words(std::size_t count) { return reinterpret_cast<std::uint16_t*>(bytes(2 * count)); }
    std::size_t taken() const noexcept { return taken_; }

private:
    std::uint8_t* block_;
    std::size_t taken_ = 0;
};

struct Plan {
    const CodedPicture& left;
    const CodedPicture& right;
    const ColourStepPlanes& steps;
    PictureSize size;
    Matching matching;
    const Prior* prior;
    const CostRows& costs;
    const PathRows& paths;
    const WinnerRows& winners;
    std::size_t lanes;
    std::size_t columns;  // width, rounded up to whole vectors
    std::size_t stride;   // of raw cost rows
    std::size_t padded;   // shifts, rounded up to whole vectors
    std::size_t rows;     // most rows that a pass runs through
};

std::size_t round_up(std::size_t count, std::size_t step) { return (count + step - 1) / step * step; }

// The memory that one strip is worked out in.
constexpr std::size_t apart = 192;  // bytes: rows of a power of two would compete for the same places of a cache

class Workspace {
public:
    explicit Workspace(const Plan& plan)
        : plan_(plan),
          block_row_(plan.columns * plan.matching.shifts),
          slots_(plan.columns + 2 * plan.rows + 2 * plan.lanes),
          right_length_((plan.matching.shifts + plan.columns) / 2 + 2 * plan.lanes) {
        Cutter counting;
        cut(counting);
        block_ = large_block<std::uint8_t>(counting.taken());
        Cutter cutting(block_.get());
        cut(cutting);
    }

    void strip(std::size_t first, const MatchedMaps& out) {
        const std::size_t end = std::min(plan_.size.height, first + plan_.matching.strip);
        first_ = first;
        have_[0] = have_[1] = have_[2] = nothing;
        if (plan_.matching.both_ways) upwards(first, end);
        downwards(first, end, out);
    }

private:
    static constexpr std::size_t nothing = ~std::size_t{0};

    void cut(Cutter& block) {
        const std::size_t shifts = plan_.matching.shifts;
        const std::size_t kept = plan_.matching.both_ways ? block_row_ * plan_.matching.strip : 0;
        costs_ = block.bytes(kept);
        up_ = block.bytes(kept);
        row_ = block.bytes(block_row_);
        along_ = block.bytes(block_row_);
        raw_ = block.bytes(3 * plan_.stride * shifts);
        scratch_ = block.bytes(7 * (plan_.size.width + 2 * plan_.lanes));
        most_ = block.bytes(plan_.columns);
        states_ = block.bytes(3 * slots_ * (shifts + 2));
        pixels_ = block.bytes(3 * (plan_.columns * plan_.padded + apart));
        totals_ = block.words(shifts * plan_.lanes);
        right_ = block.words(2 * right_runs * right_length_);
    }

    StepPenalty penalty() const noexcept {
        return {plan_.matching.small, plan_.matching.large, plan_.matching.least};
    }

    std::uint8_t* kept_costs(std::size_t y) const noexcept { return costs_ + (y - first_) * block_row_; }
    std::uint8_t* kept_sums(std::size_t y) const noexcept { return up_ + (y - first_) * block_row_; }

    // Costs and the sum of three paths for every row of the strip, from the bottom up.
    void upwards(std::size_t first, std::size_t end) {
        const std::size_t entry = std::min(plan_.size.height, end + plan_.matching.overlap);
        start_paths();
        for (std::size_t y = entry, step = 0; y-- > first; ++step) {
            poll_interrupt();
            std::uint8_t* const costs = y < end ? kept_costs(y) : row_;
            cost_row(y, costs);
            // The steps up from the row below are its steps down, seen from the other end.
            const ColourSteps below = plan_.steps.row(y + 1);
            const std::uint8_t* const steps[3] = {below.above[0], below.above[2] - 1, below.above[1] + 1};
            plan_.paths.down(costs, paths(step), steps, plan_.size.width, plan_.matching.shifts, penalty(),
                             y < end ? kept_sums(y) : nullptr);
        }
    }

    // The other five paths and the winners.
    void downwards(std::size_t first, std::size_t end, const MatchedMaps& out) {
        const std::size_t entry = first - std::min(first, plan_.matching.overlap);
        start_paths();
        for (std::size_t y = entry, step = 0; y < end; ++y, ++step) {
            poll_interrupt();
            const ColourSteps steps = plan_.steps.row(y);
            if (y < first) {
                cost_row(y, row_);
                plan_.paths.down(row_, paths(step), steps.above, plan_.size.width, plan_.matching.shifts,
                                 penalty(), nullptr);
                continue;
            }
            const std::uint8_t* costs = row_;
            const std::uint8_t* up = nullptr;
            if (plan_.matching.both_ways) {
                costs = kept_costs(y);
                up = kept_sums(y);
            } else {
                cost_row(y, row_);
            }
            along_row(costs, steps.left);
            const std::size_t row = y * plan_.size.width;
            const WinnerRow winners{up,
                                    along_,
                                    out.shift + row,
                                    out.margin + row,
                                    out.right_shift + row,
                                    totals_,
                                    right_,
                                    right_length_};
            plan_.winners.down_and_win(costs, paths(step), steps.above, plan_.size.width, plan_.matching.shifts,
                                     penalty(), winners);
        }
    }

    void cost_row(std::size_t y, std::uint8_t* out) {
        const std::size_t last = plan_.size.height - 1;
        const std::size_t rows[3] = {y ? y - 1 : 0, y, std::min(y + 1, last)};
        const std::uint8_t* raw[3];
        for (std::size_t i = 0; i < 3; ++i) {
            const std::size_t slot = rows[i] % 3;
            std::uint8_t* const costs = raw_ + slot * plan_.stride * plan_.matching.shifts;
            if (have_[slot] != rows[i]) {
                plan_.costs.raw_cost(plan_.left.row(rows[i]), plan_.right.row(rows[i]), plan_.size.width, plan_.stride,
                                     plan_.matching.shifts, costs);
                have_[slot] = rows[i];
            }
            raw[i] = costs;
        }
        const ColourSteps steps[2] = {plan_.steps.row(y), plan_.steps.row(y + 1)};
        Expected expected{};
        if (plan_.prior != nullptr) {
            const std::size_t row = y * plan_.size.width;
            std::memcpy(most_, plan_.prior->most + row, plan_.size.width);  // read by whole vectors
            expected = {plan_.prior->shift + row, most_, plan_.prior->free, plan_.prior->slope};
        }
        plan_.costs.blur_cost(raw, steps, plan_.size.width, plan_.stride, plan_.matching.shifts,
                              plan_.matching.blur_limit, plan_.prior != nullptr ? &expected : nullptr, scratch_,
                              out);
    }

    void along_row(const std::uint8_t* blocks, const std::uint8_t* steps) {
        const std::size_t row = plan_.columns * plan_.padded + apart;
        std::uint8_t* const costs = pixels_;
        plan_.paths.to_pixels(blocks, plan_.size.width, plan_.matching.shifts, plan_.padded, costs);
        plan_.paths.along(costs, steps, plan_.size.width, plan_.padded, penalty(), costs + row,
                          costs + 2 * row);
        plan_.paths.to_blocks(costs + row, costs + 2 * row, plan_.size.width, plan_.matching.shifts, plan_.padded,
                              along_);
    }

    // Fresh slots hold cost 0, from which a path starts with the cost of its first pixel.
    void start_paths() noexcept {
        const std::size_t shifts = plan_.matching.shifts;
        for (std::size_t i = 0; i < 3; ++i) {
            std::uint8_t* const state = states_ + i * slots_ * (shifts + 2);
            std::memset(state, 0, slots_ * shifts);
            std::memset(state + slots_ * shifts, 255, slots_);
            std::memset(state + slots_ * (shifts + 1), 0, slots_);
        }
    }

    // Diagonal paths move on by one pixel a row: their slots move the other way.
    DownPaths paths(std::size_t step) const noexcept {
        DownPaths paths{};
        const std::size_t shifts = plan_.matching.shifts;
        const std::size_t first_slots[3] = {0, plan_.rows - step, step};
        for (std::size_t i = 0; i < 3; ++i) {
            paths.costs[i] = states_ + i * slots_ * (shifts + 2);
            paths.least[i] = paths.costs[i] + slots_ * (shifts + 1);
            paths.slots[i] = first_slots[i];
        }
        paths.stride = slots_;
        return paths;
    }

    const Plan& plan_;
    std::size_t block_row_, slots_, right_length_;
    LargeBlock<std::uint8_t> block_;
    std::uint8_t *costs_, *up_, *row_, *along_, *raw_, *scratch_, *most_, *states_, *pixels_;
    std::uint16_t *totals_, *right_;
    std::size_t first_ = 0;
    std::size_t have_[3] = {nothing, nothing, nothing};
};

}  // namespace

void aggregate(const Picture& left, const Picture& right, const Matching& matching, const Prior* prior,
               const MatchedMaps& out) {
    const std::size_t lanes = path_rows().lanes;
    const PictureSize size = left.size();
    const CodedPicture coded_left(left, 0);
    const CodedPicture coded_right(right, matching.shifts);
    const ColourStepPlanes steps(left);
    const std::size_t columns = round_up(size.width, lanes);
    const Plan plan{coded_left,
                    coded_right,
                    steps,
                    size,
                    matching,
                    prior,
                    cost_rows(),
                    path_rows(),
                    winner_rows(),
                    lanes,
                    columns,
                    columns + lanes,
                    round_up(matching.shifts, lanes),
                    matching.strip + matching.overlap};
    Workspaces<Plan, Workspace> workspaces(plan);
    parallel_for((size.height + matching.strip - 1) / matching.strip, 1, [&](std::size_t begin, std::size_t end) {
        std::unique_ptr<Workspace> workspace = workspaces.take();
        for (std::size_t i = begin; i < end; ++i) workspace->strip(i * matching.strip, out);
        workspaces.give_back(std::move(workspace));
    });
}

}  // namespace nearfar::estimate
