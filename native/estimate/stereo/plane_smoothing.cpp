#include "estimate/stereo/plane_smoothing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "core/large_block.hpp"
#include "core/pool.hpp"
#include "estimate/stereo/aggregate.hpp"
#include "estimate/stereo/checks.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t side = 4;  // px of a cell
constexpr std::size_t grain = 8;

// How far a surface reaches: weight left after a step to the next cell.
constexpr float per_cell = 1.0F / 12;
constexpr float per_level = 1.0F / 10;  // of the channels' differences summed, beyond the first few
constexpr int free_levels = 4;
constexpr float per_shift = 1.0F;  // px of a step between cells, beyond the first
constexpr int reweightings = 2;
constexpr float ridge = 2;  // cells²: keeps few cells from making a steep plane

// How a pixel and its plane are weighed: by their variances, px².
constexpr float plane_base = 0.1F;
constexpr float plane_factor = 1.5F;
constexpr float filled_variance = 2;
constexpr float kept_base = 0.02F;
constexpr float kept_factor = 0.4F;
constexpr int strong_margin = 140;  // stays as it is
constexpr float most_move = 6;      // px
constexpr int colour_reach = 30;    // levels between a pixel and a cell that speaks for it
constexpr int flat_levels = 40;     // between neighbouring cells

float inverse_margin(int margin) noexcept { return 96.0F / static_cast<float>(std::max(margin, 4)); }

// Sums of weight, x, y and shift and of their products, x and y in cells from the centre of the cell that holds them.
struct Moments {
    float s, x, y, xx, xy, yy, d, dx, dy, dd;

    void add(const Moments& other) noexcept {
        s += other.s, x += other.x, y += other.y, xx += other.xx, xy += other.xy, yy += other.yy;
        d += other.d, dx += other.dx, dy += other.dy, dd += other.dd;
    }
    Moments times(float t) const noexcept {
        return {s * t, x * t, y * t, xx * t, xy * t, yy * t, d * t, dx * t, dy * t, dd * t};
    }
    // Seen from the next cell in x or in y (step 1) or from the one before (step −1).
    void move_x(float step) noexcept {
        xx += -2 * step * x + s, xy -= step * y, dx -= step * d, x -= step * s;
    }
    void move_y(float step) noexcept {
        yy += -2 * step * y + s, xy -= step * x, dy -= step * d, y -= step * s;
    }
};

struct Plane {
    float across, down, shift;  // px a cell, px a cell, px at the cell's centre; shift < 0: no plane
    float variance;
};

Plane fit(const Moments& m) noexcept {
    if (m.s < 1e-3F) return {0, 0, -1, 0};
    const float scale = 1 / m.s;
    const float x = m.x * scale, y = m.y * scale, d = m.d * scale;
    const float xx = m.xx * scale - x * x + ridge, yy = m.yy * scale - y * y + ridge, xy = m.xy * scale - x * y;
    const float xd = m.dx * scale - x * d, yd = m.dy * scale - y * d, dd = m.dd * scale - d * d;
    const float determinant = xx * yy - xy * xy;
    const float across = (xd * yy - yd * xy) / determinant, down = (yd * xx - xd * xy) / determinant;
    return {across, down, d - across * x - down * y, std::max(0.0F, dd - across * xd - down * yd)};
}

struct Cell {
    std::array<std::uint8_t, 3> colour;
    float mean;      // shift of what was kept, px; < 0: nothing was
    float share;     // of its pixels, by weight
    float from_left, from_above;  // weight that passes from those neighbours
    float flatness;  // 0..1
    float weight;    // less for a cell that its plane does not explain

    int difference(const Cell& other) const noexcept {
        int sum = 0;
        for (std::size_t k = 0; k < 3; ++k) sum += std::abs(colour[k] - other.colour[k]);
        return sum;
    }
};

class Smoothing {
public:
    Smoothing(const ColourPlanes& colour, const std::uint8_t* state, const std::uint8_t* margin, PictureSize size,
              int most, std::int16_t* shift)
        : colour_(colour),
          state_(state),
          margin_(margin),
          size_(size),
          most_(static_cast<float>(most)),
          shift_(shift),
          width_((size.width + side - 1) / side),
          height_((size.height + side - 1) / side),
          cells_(width_ * height_),
          moments_(large_block<Moments>(cells_.size())),
          along_rows_(large_block<Moments>(cells_.size())),
          sums_(large_block<Moments>(cells_.size())),
          planes_(large_block<Plane>(cells_.size())) {
        for (int i = 0; i < 256; ++i) {
            const float weak = inverse_margin(i);
            weight_[static_cast<std::size_t>(i)] = std::min(1 / (weak * weak * weak), 8.0F);
            variance_[static_cast<std::size_t>(i)] = kept_base + kept_factor * weak * weak * weak;
        }
        for (std::size_t i = 0; i < fading_.size(); ++i) {
            const int levels = std::max(0, static_cast<int>(i) - free_levels);
            fading_[i] = std::exp(-per_cell - static_cast<float>(levels) * per_level);
        }
    }

    void run() {
        rows_of_cells([this](std::size_t x, std::size_t y) { gather(x, y); });
        rows_of_cells([this](std::size_t x, std::size_t y) { link(x, y); });
        for (int i = 0; i < reweightings; ++i) {
            sum_rows();
            sum_columns();
            rows_of_cells([this](std::size_t x, std::size_t y) { explain(y * width_ + x); });
        }
        parallel_for(size_.height, 2 * grain, [&](std::size_t begin, std::size_t end) {
            for (std::size_t y = begin; y < end; ++y) blend(y);
        });
    }

private:
    template <class F>
    void rows_of_cells(const F& each) {
        parallel_for(height_, grain, [&](std::size_t begin, std::size_t end) {
            for (std::size_t y = begin; y < end; ++y) {
                for (std::size_t x = 0; x < width_; ++x) each(x, y);
            }
        });
    }

    // A cell's colour, and the moments of the kept pixels that go with its surest.
    void gather(std::size_t cx, std::size_t cy) {
        const std::size_t x0 = cx * side, y0 = cy * side;
        const std::size_t x1 = std::min(size_.width, x0 + side), y1 = std::min(size_.height, y0 + side);
        const auto count = static_cast<int>((x1 - x0) * (y1 - y0));
        Cell& cell = cells_[cy * width_ + cx];
        for (std::size_t k = 0; k < 3; ++k) {
            int sum = 0;
            for (std::size_t y = y0; y < y1; ++y) {
                for (std::size_t x = x0; x < x1; ++x) sum += colour_.plane[k][y * colour_.stride + x];
            }
            cell.colour[k] = static_cast<std::uint8_t>((sum + count / 2) / count);
        }
        int best = -1, reference = 0;
        for (std::size_t y = y0; y < y1; ++y) {
            for (std::size_t i = y * size_.width + x0; i < y * size_.width + x1; ++i) {
                if (state_[i] != kept || margin_[i] <= best) continue;
                best = margin_[i];
                reference = shift_[i];
            }
        }
        const Moments sum = best < 0 ? Moments{} : moments_of(x0, y0, x1, y1, reference);
        moments_[cy * width_ + cx] = sum;
        cell.mean = sum.s > 0 ? sum.d / sum.s : -1;
        cell.share = sum.s / static_cast<float>(side * side);
        cell.weight = 1;
    }

    // Moments of a cell's kept pixels near the reference; summed by column first.
    Moments moments_of(std::size_t x0, std::size_t y0, std::size_t x1, std::size_t y1, int reference) const {
        float s[side] = {}, y[side] = {}, yy[side] = {}, d[side] = {}, dy[side] = {}, dd[side] = {};
        for (std::size_t row = y0; row < y1; ++row) {
            const float down = (static_cast<float>(row - y0) - 1.5F) * 0.25F;
            float weight[side] = {}, value[side] = {};
            for (std::size_t x = x0; x < x1; ++x) {
                const std::size_t i = row * size_.width + x;
                const bool counts = state_[i] == kept && std::abs(shift_[i] - reference) <= 2 * shift_unit;
                weight[x - x0] = counts ? weight_[margin_[i]] : 0;
                value[x - x0] = static_cast<float>(shift_[i]) * (1.0F / shift_unit);
            }
            for (std::size_t k = 0; k < side; ++k) {
                const float w = weight[k], wd = w * value[k];
                s[k] += w, y[k] += w * down, yy[k] += w * (down * down);
                d[k] += wd, dy[k] += wd * down, dd[k] += wd * value[k];
            }
        }
        Moments sum{};
        for (std::size_t k = 0; k < side; ++k) {
            const float right = (static_cast<float>(k) - 1.5F) * 0.25F;
            sum.add({s[k], s[k] * right, y[k], s[k] * (right * right), y[k] * right, yy[k], d[k], d[k] * right, dy[k],
                     dd[k]});
        }
        return sum;
    }

    float passage(const Cell& a, const Cell& b) const {
        float passed = fading_[static_cast<std::size_t>(a.difference(b))];
        if (a.mean >= 0 && b.mean >= 0) {
            const float step = std::abs(a.mean - b.mean) - 1;
            if (step > 0) passed *= std::exp(-step * std::min(a.share, b.share) * per_shift);
        }
        return passed;
    }

    void link(std::size_t x, std::size_t y) {
        Cell& cell = cells_[y * width_ + x];
        int most = 0;
        for (std::size_t j = y - std::min<std::size_t>(y, 1); j <= std::min(y + 1, height_ - 1); ++j) {
            for (std::size_t i = x - std::min<std::size_t>(x, 1); i <= std::min(x + 1, width_ - 1); ++i) {
                most = std::max(most, cell.difference(cells_[j * width_ + i]));
            }
        }
        cell.flatness = std::clamp(static_cast<float>(2 * flat_levels - most) / flat_levels, 0.0F, 1.0F);
        cell.from_left = x ? passage(cell, cells_[y * width_ + x - 1]) : 0;
        cell.from_above = y ? passage(cell, cells_[(y - 1) * width_ + x]) : 0;
    }

    void sum_rows() {
        parallel_for(height_, grain, [&](std::size_t begin, std::size_t end) {
            for (std::size_t row = begin * width_; row < end * width_; row += width_) {
                Moments sum{};
                for (std::size_t i = row; i < row + width_; ++i) {
                    sum.move_x(1);
                    sum = sum.times(cells_[i].from_left);
                    sum.add(moments_[i].times(cells_[i].weight));
                    along_rows_[i] = sum;
                }
                sum = {};
                for (std::size_t i = row + width_; i-- > row;) {
                    if (i + 1 < row + width_) {
                        sum.move_x(-1);
                        sum = sum.times(cells_[i + 1].from_left);
                    }
                    along_rows_[i].add(sum);
                    sum.add(moments_[i].times(cells_[i].weight));
                }
            }
        });
    }

    void sum_columns() {
        parallel_for(width_, grain, [&](std::size_t begin, std::size_t end) {
            std::vector<Moments> sums(end - begin);
            for (std::size_t y = 0; y < height_; ++y) {
                for (std::size_t x = begin; x < end; ++x) {
                    const std::size_t i = y * width_ + x;
                    Moments& sum = sums[x - begin];
                    sum.move_y(1);
                    sum = sum.times(cells_[i].from_above);
                    sum.add(along_rows_[i]);
                    sums_[i] = sum;
                }
            }
            std::fill(sums.begin(), sums.end(), Moments{});
            for (std::size_t y = height_; y-- > 0;) {
                for (std::size_t x = begin; x < end; ++x) {
                    const std::size_t i = y * width_ + x;
                    Moments& sum = sums[x - begin];
                    if (y + 1 < height_) {
                        sum.move_y(-1);
                        sum = sum.times(cells_[i + width_].from_above);
                    }
                    sums_[i].add(sum);
                    sum.add(along_rows_[i]);
                }
            }
        });
    }

    void explain(std::size_t i) {
        planes_[i] = fit(sums_[i]);
        if (cells_[i].mean < 0 || planes_[i].shift < 0) return;
        const float error = cells_[i].mean - planes_[i].shift;
        cells_[i].weight = 1 / (1 + error * error);
    }

    // The pixels of a row between the centres of two columns of cells, `side` of them, and what four cells say of them.
    struct Between {
        float total[side] = {}, expected[side] = {}, variance[side] = {}, flatness[side] = {};

        void hear(const Cell& cell, const Plane& plane, const std::uint8_t* const (&colour)[3], float right, float down,
                  float weight) noexcept {
            for (std::size_t k = 0; k < side; ++k) {
                int away = 0;
                for (std::size_t i = 0; i < 3; ++i) away += std::abs(colour[i][k] - cell.colour[i]);
                const float dx = (static_cast<float>(k) + 0.5F) / side - right;
                const float share = weight * (1 - std::abs(dx)) * static_cast<float>(std::max(colour_reach - away, 0));
                total[k] += share;
                expected[k] += share * (plane.shift + plane.across * dx + plane.down * down);
                variance[k] += share * plane.variance;
                flatness[k] += share * cell.flatness;
            }
        }
    };

    void blend(std::size_t y) {
        const auto half = static_cast<std::ptrdiff_t>(side / 2), whole = static_cast<std::ptrdiff_t>(side);
        const auto columns = static_cast<std::ptrdiff_t>(width_), rows = static_cast<std::ptrdiff_t>(height_);
        const auto width = static_cast<std::ptrdiff_t>(size_.width);
        const std::ptrdiff_t cell_y = (static_cast<std::ptrdiff_t>(y) + half) / whole - 1;
        const float down = (static_cast<float>(y) + 0.5F) / side - 0.5F - static_cast<float>(cell_y);
        for (std::ptrdiff_t cell_x = -1; cell_x < columns; ++cell_x) {
            const std::ptrdiff_t start = cell_x * whole + half;  // its first pixel, maybe left of the picture
            if (!any_weak(y, start)) continue;
            const std::uint8_t* colour[3];
            for (std::size_t k = 0; k < 3; ++k) {
                colour[k] = colour_.plane[k] + static_cast<std::ptrdiff_t>(y * colour_.stride) + start;
            }
            Between between;
            bool flat = false;
            for (std::ptrdiff_t j = 0; j < 2; ++j) {
                for (std::ptrdiff_t i = 0; i < 2; ++i) {
                    const std::ptrdiff_t cx = cell_x + i, cy = cell_y + j;
                    if (cx < 0 || cy < 0 || cx >= columns || cy >= rows) continue;
                    flat = flat || cells_[static_cast<std::size_t>(cy * columns + cx)].flatness > 0;
                }
            }
            if (!flat) continue;  // nothing moves
            for (std::ptrdiff_t j = 0; j < 2; ++j) {
                for (std::ptrdiff_t i = 0; i < 2; ++i) {
                    const std::ptrdiff_t cx = cell_x + i, cy = cell_y + j;
                    if (cx < 0 || cy < 0 || cx >= columns || cy >= rows) continue;
                    const auto c = static_cast<std::size_t>(cy * columns + cx);
                    if (planes_[c].shift < 0) continue;
                    const float away = down - static_cast<float>(j);
                    between.hear(cells_[c], planes_[c], colour, static_cast<float>(i), away, 1 - std::abs(away));
                }
            }
            for (std::ptrdiff_t k = 0; k < whole; ++k) {
                const std::ptrdiff_t x = start + k;
                if (x >= 0 && x < width) settle(y * size_.width + static_cast<std::size_t>(x), between, k);
            }
        }
    }

    bool weak(std::size_t i) const noexcept { return state_[i] != kept || margin_[i] < strong_margin; }

    bool any_weak(std::size_t y, std::ptrdiff_t start) const noexcept {
        const auto first = static_cast<std::size_t>(std::max<std::ptrdiff_t>(start, 0));
        const std::size_t last = std::min(static_cast<std::size_t>(start + static_cast<std::ptrdiff_t>(side)), size_.width);
        for (std::size_t x = first; x < last; ++x) {
            if (weak(y * size_.width + x)) return true;
        }
        return false;
    }

    // Moves a weak pixel towards what was heard.
    void settle(std::size_t i, const Between& heard, std::ptrdiff_t k) {
        if (!weak(i) || heard.total[k] <= 0) return;
        const float scale = 1 / heard.total[k];
        const float present = static_cast<float>(shift_[i]) * (1.0F / shift_unit);
        const float move = heard.expected[k] * scale - present;
        if (std::abs(move) > most_move) return;
        const float own = state_[i] == kept ? variance_[margin_[i]] : filled_variance;
        const float of_plane = plane_base + plane_factor * heard.variance[k] * scale;
        const float share = own / (own + of_plane) * heard.flatness[k] * scale;
        const float result = std::max(0.0F, shift_unit * (present + move * share) + 0.5F);
        shift_[i] = static_cast<std::int16_t>(std::min(result, most_));
    }

    const ColourPlanes& colour_;
    const std::uint8_t* state_;
    const std::uint8_t* margin_;
    PictureSize size_;
    float most_;
    std::int16_t* shift_;
    std::size_t width_, height_;
    std::vector<Cell> cells_;
    LargeBlock<Moments> moments_, along_rows_, sums_;
    LargeBlock<Plane> planes_;
    std::array<float, 256> weight_{}, variance_{};
    std::array<float, 3 * 255 + 1> fading_{};
};

}  // namespace

void smooth_planes(const ColourPlanes& colour, const std::uint8_t* state, const std::uint8_t* margin, PictureSize size,
                   int most, std::int16_t* shift) {
    Smoothing(colour, state, margin, size, most, shift).run();
}

}  // namespace nearfar::estimate
