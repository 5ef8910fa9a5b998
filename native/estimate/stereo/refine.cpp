#include "estimate/stereo/refine.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/large_block.hpp"
#include "core/pool.hpp"
#include "estimate/stereo/map_rows.hpp"

namespace nearfar::estimate {
namespace {

constexpr std::size_t grain = 16;
constexpr std::size_t margin = 40;  // words: the widest vector, and the reach of a window
constexpr std::size_t band = 2;     // px on either side of a step that may move

// A copy of a map whose rows repeat their outermost pixels.
class WideMap {
public:
    WideMap(const std::int16_t* values, PictureSize size)
        : size_(size), stride_(size.width + 2 * margin), data_(large_block<std::int16_t>(size.height * stride_)) {
        parallel_for(size_.height, 4 * grain, [&](std::size_t begin, std::size_t end) {
            for (std::size_t y = begin; y < end; ++y) {
                std::int16_t* const row = data_.get() + y * stride_ + margin;
                std::memcpy(row, values + y * size_.width, size_.width * sizeof(std::int16_t));
                std::fill(row - margin, row, row[0]);
                std::fill(row + size_.width, row + size_.width + margin, row[size_.width - 1]);
            }
        });
    }

    // Rows above the first and below the last repeat these; y counts from `before` rows above row 0.
    const std::int16_t* row(std::size_t y, std::size_t before) const noexcept {
        return data_.get() + std::min(std::max(y, before) - before, size_.height - 1) * stride_ + margin;
    }

private:
    PictureSize size_;
    std::size_t stride_;
    LargeBlock<std::int16_t> data_;
};

// 1 within `band` of a step of the map.
void mark_steps(const WideMap& map, PictureSize size, std::uint8_t* across, std::uint8_t* marks) {
    const MapRows& level = map_rows();
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        const std::unique_ptr<std::uint8_t[]> steps(new std::uint8_t[size.width + 2 * band]());
        for (std::size_t y = begin; y < end; ++y) {
            level.steps(map.row(y, 0), map.row(y + 1, 0), size.width, shift_unit, steps.get() + band);
            std::uint8_t* const row = across + y * size.width;
            std::memset(row, 0, size.width);
            level.widen(steps.get() + band, size.width, band, row);
        }
    });
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            std::uint8_t* const row = marks + y * size.width;
            std::memset(row, 0, size.width);
            const std::size_t last = std::min(y + band, size.height - 1);
            for (std::size_t from = y - std::min(y, band); from <= last; ++from) {
                level.widen(across + from * size.width, size.width, 0, row);
            }
        }
    });
}

}  // namespace

void align_edges(const ColourPlanes& colour, PictureSize size, std::int16_t* shift) {
    constexpr std::size_t before = edge_rows / 2 * edge_row_step;
    const MapRows& level = map_rows();
    const std::size_t count = size.height * size.width;
    const LargeBlock<std::uint8_t> across = large_block<std::uint8_t>(count), marks = large_block<std::uint8_t>(count);
    const WideMap map(shift, size);
    mark_steps(map, size, across.get(), marks.get());
    parallel_for(size.height, grain / 2, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const std::int16_t* rows[edge_rows];
            const std::uint8_t* planes[3][edge_rows];
            for (std::size_t j = 0; j < edge_rows; ++j) {
                const std::size_t at = y + j * edge_row_step;
                rows[j] = map.row(at, before);
                const std::size_t from = std::min(std::max(at, before) - before, size.height - 1);
                for (std::size_t k = 0; k < 3; ++k) planes[k][j] = colour.plane[k] + from * colour.stride;
            }
            level.edge_median(rows, planes, marks.get() + y * size.width, size.width, shift_unit,
                              shift + y * size.width);
        }
    });
}

void median_of_25(PictureSize size, std::int16_t* shift) {
    const MapRows& level = map_rows();
    const WideMap map(shift, size);
    parallel_for(size.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const std::int16_t* rows[5];
            for (std::size_t j = 0; j < 5; ++j) rows[j] = map.row(y + j, 2);
            level.median(rows, size.width, shift + y * size.width);
        }
    });
}

}  // namespace nearfar::estimate
