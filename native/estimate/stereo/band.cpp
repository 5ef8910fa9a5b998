#include "estimate/stereo/band.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/pool.hpp"
#include "core/workspaces.hpp"
#include "estimate/stereo/band_rows.hpp"
#include "estimate/stereo/coded_picture.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t strip = 32;   // rows
constexpr std::size_t overlap = 4;  // rows in which a path enters its strip
constexpr std::size_t most_rows = strip + 2 * overlap;
constexpr std::size_t reach = 2;    // rows around a pixel that its census looks at
constexpr std::size_t margin = 64;  // columns beyond both ends of a row: the widest vector

template <class Value>
std::unique_ptr<Value[]> make(std::size_t count) {
    return std::unique_ptr<Value[]>(new Value[count]);
}

struct Plan {
    const Picture& left;
    const Picture& right;
    const Picture& half;
    const std::int16_t* shift;  // of `half`
    std::size_t shifts;
    std::size_t columns;  // width, rounded up to whole vectors
    std::size_t before;   // columns to the left of the right picture's that a band may reach
    const BandRows& level;
};

// The memory that one strip is worked out in.
class Workspace {
public:
    explicit Workspace(const Plan& plan)
        : plan_(plan),
          level_(plan.level),
          size_(plan.left.size()),
          row_(plan.columns * band_length),
          side_(plan.columns + 2 * margin),
          right_side_(plan.before + side_),
          grey_(1, {most_rows + 2 * reach, size_.width}, 0),
          right_grey_(1, {most_rows + 2 * reach, size_.width}, plan.before),
          half_rows_(make<std::int16_t>(2 * side_)),
          top_(make<std::int16_t>(most_rows * side_)),
          expected_(make<std::int16_t>(most_rows * side_)),
          steps_(make<std::uint8_t>(6 * (most_rows + 1) * side_)),
          codes_(make<std::uint8_t>(2 * (side_ + right_side_))),
          raw_(make<std::uint8_t>(3 * row_)),
          blurred_(make<std::uint8_t>(row_ + 2 * margin)),
          costs_(make<std::uint8_t>(most_rows * row_)),
          sums_(make<std::uint8_t>((strip + 1) * row_)),
          state_(make<std::uint8_t>(row_)),
          turned_(make<std::uint8_t>(3 * plan.level.bands * side_)),
          least_(make<std::uint32_t>(plan.columns)) {}

    void run(std::size_t first, float* out) {
        begin_ = first - std::min(first, overlap);
        const std::size_t end = std::min(size_.height, first + strip);
        end_ = std::min(size_.height, end + overlap);
        copy_grey(plan_.left, grey_);
        copy_grey(plan_.right, right_grey_);
        for (std::size_t y = begin_; y < end_; ++y) expect(y);
        std::memset(steps_of(end_, 0), 0, 6 * side_);
        for (std::size_t y = begin_; y < end_; ++y) link(y);
        for (std::size_t y = begin_; y < end_; ++y) cost(y);
        std::memset(sums_.get(), 0, (end - first) * row_);
        first_ = first;
        downwards(first, end);
        upwards(first, end);
        for (std::size_t y = first; y < end; y += level_.bands) along(y, end);
        for (std::size_t y = first; y < end; ++y) {
            level_.winners(sums(y), top(y), expected(y), size_.width, static_cast<int>(plan_.shifts) - 1,
                           least_.get(), out + y * size_.width);
        }
    }

private:
    std::int16_t* top(std::size_t y) const noexcept { return top_.get() + (y - begin_) * side_ + margin; }
    std::int16_t* expected(std::size_t y) const noexcept { return expected_.get() + (y - begin_) * side_ + margin; }
    std::uint8_t* costs(std::size_t y) const noexcept { return costs_.get() + (y - begin_) * row_; }
    std::uint8_t* sums(std::size_t y) const noexcept { return sums_.get() + (y - first_) * row_; }
    std::uint8_t* raw(std::size_t y) const noexcept { return raw_.get() + y % 3 * row_; }
    std::uint8_t* steps_of(std::size_t y, std::size_t plane) const noexcept {
        return steps_.get() + ((y - begin_) * 6 + plane) * side_;
    }
    // From the row above, and from the left neighbours; none from below the last row.
    BandSteps steps(std::size_t y, std::size_t plane) const noexcept {
        return {steps_of(y, plane) + margin, steps_of(y, plane + 1) + margin, steps_of(y, plane + 2) + margin};
    }
    BandSteps from_above(std::size_t y) const noexcept { return steps(y, 0); }
    BandSteps from_left(std::size_t y) const noexcept { return steps(y, 3); }

    // The rows of grey that the strip and its census look at.
    void copy_grey(const Picture& picture, const WidePlanes& out) const {
        const std::size_t end = std::min(size_.height, end_ + reach);
        for (std::size_t y = begin_ - std::min(begin_, reach); y < end; ++y) {
            const std::uint16_t* const from = picture.luminance() + y * size_.width;
            std::uint8_t* const row = grey(out, y);
            level_.upper_bytes(from, size_.width, row);
            out.repeat_ends(row);
        }
    }
    std::uint8_t* grey(const WidePlanes& planes, std::size_t y) const noexcept {
        return planes.row(0, y + reach - begin_);
    }

    // A row of the half-size map that can be read beyond its ends.
    const std::int16_t* half_row(std::size_t y, std::size_t slot) const {
        const std::size_t width = plan_.half.size().width;
        std::int16_t* const row = half_rows_.get() + slot * side_ + margin;
        std::memcpy(row, plan_.shift + y * width, width * sizeof(std::int16_t));
        std::fill(row - margin, row, row[0]);
        std::fill(row + width, row + width + margin, row[width - 1]);
        return row;
    }

    // The shifts of row y enlarged, and the bands around them.
    void expect(std::size_t y) const {
        const PictureSize half = plan_.half.size();
        const std::size_t holds = std::min(y / 2, half.height - 1);
        const std::size_t next = y % 2 ? std::min(holds + 1, half.height - 1) : holds - std::min<std::size_t>(holds, 1);
        const ColourPlanes full = plan_.left.colour(), small = plan_.half.colour();
        const std::uint8_t *colour[3], *near[3], *far[3];
        for (std::size_t k = 0; k < 3; ++k) {
            colour[k] = full.plane[k] + y * full.stride;
            near[k] = small.plane[k] + holds * small.stride;
            far[k] = small.plane[k] + next * small.stride;
        }
        std::int16_t* const first = top(y);
        level_.enlarge(half_row(holds, 0), half_row(next, 1), near, far, colour, size_.width, expected(y), first);
        std::fill(first - margin, first, first[0]);
        std::fill(first + size_.width, first + plan_.columns + margin, first[size_.width - 1]);
    }

    void link(std::size_t y) const {
        const std::size_t above = std::max(y, begin_ + 1) - 1, length = plan_.columns + margin;
        const std::uint8_t* const here = grey(grey_, y);
        std::uint8_t* planes[6];
        for (std::size_t i = 0; i < 6; ++i) planes[i] = steps_of(y, i) + margin;
        level_.steps(top(y), top(above), here, grey(grey_, above), length, planes);
        level_.steps(top(y), top(y) - 1, here, here - 1, length, planes + 3);
    }

    void codes(const WidePlanes& greys, std::size_t y, std::size_t before, std::uint8_t* const planes[2]) const {
        const std::uint8_t* rows[2 * reach + 1];
        for (std::size_t i = 0; i < 2 * reach + 1; ++i) {
            rows[i] = grey(greys, std::min(std::max(y + i, reach) - reach, size_.height - 1));
        }
        level_.census(rows, size_.width, planes);
        for (std::size_t i = 0; i < 2; ++i) {
            std::memset(planes[i] - before, planes[i][0], before);
            std::memset(planes[i] + size_.width, planes[i][size_.width - 1], plan_.columns - size_.width + margin);
        }
    }

    void raw_cost(std::size_t y) const {
        std::uint8_t* const first = codes_.get() + margin;
        std::uint8_t* const left[2] = {first, first + side_};
        std::uint8_t* const right_first = first + 2 * side_ + plan_.before;
        std::uint8_t* const right[2] = {right_first, right_first + right_side_};
        codes(grey_, y, 0, left);
        codes(right_grey_, y, plan_.before, right);
        level_.costs({grey(grey_, y), {left[0], left[1]}}, {grey(right_grey_, y), {right[0], right[1]}}, top(y),
                     plan_.columns, raw(y));
    }

    void cost(std::size_t y) const {
        if (y == begin_) raw_cost(y);
        if (y + 1 < end_) raw_cost(y + 1);
        const std::uint8_t* const rows[3] = {raw(std::max(y, begin_ + 1) - 1), raw(y), raw(std::min(y + 1, end_ - 1))};
        std::uint8_t* const row = blurred_.get() + margin;
        level_.blur_down(rows, from_above(y), from_above(y + 1), plan_.columns, row);
        std::memcpy(row - band_length, row, band_length);
        std::uint8_t* const end = row + size_.width * band_length;
        std::memcpy(end, end - band_length, band_length);
        level_.blur_along(row, from_left(y), plan_.columns, costs(y));
    }

    void downwards(std::size_t first, std::size_t end) const {
        std::memset(state_.get(), 255, row_);
        for (std::size_t y = begin_; y < end; ++y) {
            level_.down(costs(y), from_above(y), plan_.columns, state_.get(), y < first ? nullptr : sums(y));
        }
    }

    void upwards(std::size_t first, std::size_t end) const {
        std::memset(state_.get(), 255, row_);
        for (std::size_t y = end_; y-- > first;) {
            level_.down(costs(y), from_above(y + 1).back(), plan_.columns, state_.get(), y < end ? sums(y) : nullptr);
        }
    }

    // As many rows as a vector has bands; where the strip ends before, what is added goes to a row beyond it.
    void along(std::size_t y, std::size_t end) const {
        constexpr std::size_t most = 8;
        const std::uint8_t* rows[most];
        std::uint8_t* to[most];
        BandSteps steps[most];
        for (std::size_t k = 0; k < level_.bands; ++k) {
            const std::size_t at = std::min(y + k, end - 1);
            rows[k] = costs(at);
            to[k] = y + k < end ? sums(at) : sums_.get() + strip * row_;
            steps[k] = from_left(at);
        }
        level_.along(rows, steps, size_.width, turned_.get(), to);
    }

    const Plan& plan_;
    const BandRows& level_;
    PictureSize size_;
    std::size_t row_, side_, right_side_;
    WidePlanes grey_, right_grey_;
    std::unique_ptr<std::int16_t[]> half_rows_, top_, expected_;
    std::unique_ptr<std::uint8_t[]> steps_, codes_, raw_, blurred_, costs_, sums_, state_, turned_;
    std::unique_ptr<std::uint32_t[]> least_;
    std::size_t begin_ = 0, end_ = 0;  // rows, with the overlaps
    std::size_t first_ = 0;
};

}  // namespace

void match_in_bands(const Picture& left, const Picture& right, const Picture& half, const std::int16_t* shift,
                    std::size_t shifts, float* out) {
    const PictureSize size = left.size();
    const std::size_t before = shifts + 2 * band_length;
    const std::size_t columns = (size.width + margin - 1) / margin * margin;
    const Plan plan{left, right, half, shift, shifts, columns, before, band_rows()};
    Workspaces<Plan, Workspace> workspaces(plan);
    parallel_for((size.height + strip - 1) / strip, 1, [&](std::size_t begin, std::size_t end) {
        std::unique_ptr<Workspace> workspace = workspaces.take();
        for (std::size_t i = begin; i < end; ++i) workspace->run(i * strip, out);
        workspaces.give_back(std::move(workspace));
    });
}

}  // namespace nearfar::estimate
