#include "effects/align.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/large_block.hpp"
#include "core/pool.hpp"
#include "effects/align_axis.hpp"
#include "effects/align_fit.hpp"
#include "effects/align_tints.hpp"
#include "effects/within.hpp"

namespace nearfar::effects {
namespace {

constexpr float flatness = 0.5F;  // thresholds off a plane that are still a plane
constexpr float alike = 3.0F;     // thresholds between disparities of one side
constexpr Index samples = 8;      // of a cell, along an axis, that are looked at; of smaller cells all

class Aligner {
public:
    Aligner(const Picture& picture, const SmallMap& map, float threshold, float* out)
        : picture_(picture),
          map_(map),
          threshold_(threshold),
          out_(out),
          rows_(picture.height, map.height),
          columns_(picture.width, map.width),
          model_(static_cast<std::size_t>(map.width * map.height), -1) {
        floor_ = *std::min_element(map.values, map.values + map.width * map.height);
    }

    void interpolate() const {
        each(picture_.height, std::max<Index>(1, 32768 / picture_.width), [&](Index begin, Index end) {
            std::vector<float> row(static_cast<std::size_t>(map_.width) + 1);
            for (Index y = begin; y < end; ++y) interpolate_row(y, row);
        });
    }

    // The cells whose 3×3 differ by the threshold, and not as a plane does, numbered in reading order.
    void find_edges() {
        const LargeBlock<float> low = large_block<float>(model_.size()), high = large_block<float>(model_.size());
        least_within({map_.values, map_.width, map_.height}, 1, low.get());
        largest_within({map_.values, map_.width, map_.height}, 1, high.get());
        each(map_.height, 16, [&](Index begin, Index end) {
            for (Index y = begin; y < end; ++y) {
                for (Index x = 0; x < map_.width; ++x) {
                    const std::size_t i = at(y, x);
                    if (high[i] - low[i] >= threshold_ && is_no_plane(y, x)) model_[i] = 0;
                }
            }
        });
        for (std::size_t i = 0; i < model_.size(); ++i) {
            if (model_[i] < 0) continue;
            model_[i] = static_cast<std::int32_t>(edges_.size());
            edges_.push_back(static_cast<Index>(i));
        }
        sides_.resize(edges_.size());
    }

    void fit_sides() {
        each(static_cast<Index>(edges_.size()), 64, [&](Index begin, Index end) {
            AlignWindow window;
            SideFitter fitter;
            for (Index i = begin; i < end; ++i) {
                const auto number = static_cast<std::size_t>(i);
                const Index y = edges_[number] / map_.width, x = edges_[number] % map_.width;
                look(y, x, window);
                sides_[number] = fitter.fit(window, cells_around(y, x), y, x);
            }
        });
    }

    void vote() const {
        each(static_cast<Index>(edges_.size()), 64, [&](Index begin, Index end) {
            for (Index i = begin; i < end; ++i) {
                const Index cell = edges_[static_cast<std::size_t>(i)];
                vote_on(cell / map_.width, cell % map_.width);
            }
        });
    }

private:
    template <class Body>
    static void each(Index count, Index grain, const Body& body) {
        parallel_for(static_cast<std::size_t>(count), static_cast<std::size_t>(grain),
                     [&](std::size_t begin, std::size_t end) {
                         body(static_cast<Index>(begin), static_cast<Index>(end));
                     });
    }
    std::size_t at(Index y, Index x) const { return static_cast<std::size_t>(y * map_.width + x); }
    float value(Index y, Index x) const {
        return map_.values[at(std::clamp<Index>(y, 0, map_.height - 1), std::clamp<Index>(x, 0, map_.width - 1))];
    }

    // The map goes on beyond its border as it comes in.
    float continued(Index y, Index x) const {
        if (y < 0) return 2.0F * continued(0, x) - continued(std::min<Index>(1, map_.height - 1), x);
        if (y >= map_.height) return 2.0F * continued(y - 1, x) - continued(std::max<Index>(y - 2, 0), x);
        if (x < 0) return 2.0F * value(y, 0) - value(y, 1);
        if (x >= map_.width) return 2.0F * value(y, x - 1) - value(y, x - 2);
        return value(y, x);
    }

    void interpolate_row(Index y, std::vector<float>& row) const {
        const auto i = static_cast<std::size_t>(y);
        const Index first = rows_.index[i];
        const float* upper = map_.values + first * map_.width;
        const float* lower = first + 1 < map_.height ? upper + map_.width : upper;
        align_rows().blend(upper, lower, rows_.share[i], map_.width, row.data());
        row[static_cast<std::size_t>(map_.width)] = row[static_cast<std::size_t>(map_.width) - 1];
        align_rows().stretch(row.data(), columns_.index.data(), columns_.share.data(), picture_.width,
                             out_ + y * picture_.width);
    }

    // Whether the 3×3 cells differ from a plane.
    bool is_no_plane(Index y, Index x) const {
        float cell[9], mean = 0.0F, across = 0.0F, down = 0.0F, off = 0.0F;
        for (Index i = 0; i < 9; ++i) {
            cell[i] = continued(y + i / 3 - 1, x + i % 3 - 1);
            mean += cell[i] / 9.0F;
            across += static_cast<float>(i % 3 - 1) * cell[i] / 6.0F;
            down += static_cast<float>(i / 3 - 1) * cell[i] / 6.0F;
        }
        for (Index i = 0; i < 9; ++i) {
            const float plane = mean + static_cast<float>(i % 3 - 1) * across + static_cast<float>(i / 3 - 1) * down;
            off = std::max(off, std::fabs(cell[i] - plane));
        }
        return off >= flatness * threshold_;
    }

    Cells cells_around(Index y, Index x) const {
        Cells cells{{}, floor_};
        for (Index i = 0; i < 9; ++i) {
            const Index row = y + i / 3 - 1, column = x + i % 3 - 1;
            const bool inside = row >= 0 && row < map_.height && column >= 0 && column < map_.width;
            cells.value[i] = inside ? value(row, column) : std::numeric_limits<float>::quiet_NaN();
        }
        return cells;
    }

    // The pixels of 3×3 cells, at most `samples` of a cell along each axis.
    void look(Index y, Index x, AlignWindow& window) const {
        const Index top = rows_.from(y - 1), bottom = rows_.from(y + 2);
        const Index left = columns_.from(x - 1), right = columns_.from(x + 2);
        const Index down = std::max<Index>(1, picture_.height / map_.height / samples);
        const Index across = std::max<Index>(1, picture_.width / map_.width / samples);
        const Index wide = (right - left + across - 1) / across;
        window.resize(((bottom - top + down - 1) / down) * wide);
        Index i = 0;
        for (Index row = top; row < bottom; row += down, i += wide) {
            const Index pixel = row * picture_.width + left;
            read_tints(picture_, pixel, across, wide,
                       {window.red.data() + i, window.green.data() + i, window.blue.data() + i});
            const Index above = 3 * ((row >= rows_.from(y)) + (row >= rows_.from(y + 1)));
            const Index own = columns_.from(x) - left, after = columns_.from(x + 1) - left;
            for (Index j = 0; j < wide; ++j) {
                const Index at = j * across;
                window.base[static_cast<std::size_t>(i + j)] = out_[pixel + at];
                window.cell[static_cast<std::size_t>(i + j)] =
                    static_cast<std::uint8_t>(above + (at >= own) + (at >= after));
            }
        }
    }

    void vote_on(Index y, Index x) const {
        const Sides* models[voices];
        Index count = 0;
        for (Index j = std::max<Index>(y - 1, 0); j < std::min(y + 2, map_.height); ++j) {
            for (Index i = std::max<Index>(x - 1, 0); i < std::min(x + 2, map_.width); ++i) {
                const std::int32_t model = model_[at(j, i)];
                if (model >= 0) models[count++] = &sides_[static_cast<std::size_t>(model)];
            }
        }
        Batch batch;
        for (Index row = rows_.from(y); row < rows_.from(y + 1); ++row) {
            for (Index column = columns_.from(x); column < columns_.from(x + 1);) {
                const Index taken = std::min(lanes - batch.count, columns_.from(x + 1) - column);
                take(row, column, taken, batch);
                column += taken;
                if (batch.count == lanes) settle(batch, models, count);
            }
        }
        settle(batch, models, count);
    }

    // Up to 16 pixels of a cell.
    struct Batch {
        float red[lanes] = {}, green[lanes] = {}, blue[lanes] = {}, base[lanes] = {};
        float down[lanes] = {}, across[lanes] = {};
        Index pixel[lanes];
        Index count = 0;
    };

    void take(Index row, Index column, Index count, Batch& batch) const {
        const Index first = batch.count, pixel = row * picture_.width + column;
        read_tints(picture_, pixel, 1, count, {batch.red + first, batch.green + first, batch.blue + first});
        for (Index i = 0; i < count; ++i) {
            batch.pixel[first + i] = pixel + i;
            batch.base[first + i] = out_[pixel + i];
            batch.down[first + i] = rows_.place[static_cast<std::size_t>(row)];
            batch.across[first + i] = columns_.place[static_cast<std::size_t>(column + i)];
        }
        batch.count += count;
    }

    void settle(Batch& batch, const Sides* const* models, Index count) const {
        float result[lanes];
        align_rows().vote({batch.red, batch.green, batch.blue, batch.base}, {batch.down, batch.across}, models, count,
                          alike * threshold_, result);
        for (Index l = 0; l < batch.count; ++l) out_[batch.pixel[l]] = result[l];
        batch.count = 0;
    }

    const Picture& picture_;
    const SmallMap& map_;
    float threshold_, floor_;
    float* out_;  // first interpolated, then aligned
    CellAxis rows_, columns_;
    std::vector<std::int32_t> model_;  // of each cell: its number, or -1
    std::vector<Index> edges_;         // the cells on edges
    std::vector<Sides> sides_;         // one each
};

}  // namespace

void align(const Picture& picture, const SmallMap& map, float threshold, float* out) {
    Aligner aligner(picture, map, threshold, out);
    aligner.interpolate();
    aligner.find_edges();
    aligner.fit_sides();
    aligner.vote();
}

}  // namespace nearfar::effects
