#include "estimate/filters/spatial.hpp"

#include <algorithm>
#include <memory>

#include "core/pool.hpp"

namespace nearfar::filters {
namespace {

bool is_hole(float value, bool zero) noexcept { return value != value || (zero && value == 0.0F); }

// `beyond` stands for the pixel behind the end of the row.
void fill_row(float* row, std::size_t width, int radius, bool zero, float beyond) noexcept {
    int run = 0;
    const auto fills = [&](std::size_t x) {
        run = is_hole(row[x], zero) ? std::min(run + 1, radius) : 0;
        return run > 0 && run < radius;
    };
    for (std::size_t x = 1; x < width; ++x) {
        if (fills(x)) row[x] = row[x - 1];
    }
    run = 0;
    for (std::size_t x = width - 1; x > 0; --x) {
        if (fills(x)) row[x] = x + 1 < width ? row[x + 1] : beyond;
    }
}

template <class Body>
void each_block(std::size_t height, const Body& body) {
    parallel_for((height + lanes - 1) / lanes, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t block = begin; block < end; ++block) {
            const std::size_t first = block * lanes;
            body(first, std::min(lanes, height - first));
        }
    });
}

template <class Body>
void each_strip(std::size_t width, const Body& body) {
    parallel_for((width + strip - 1) / strip, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t at = begin; at < end; ++at) body(at * strip, std::min(strip, width - at * strip));
    });
}

}  // namespace

void smooth_map(const float* values, std::size_t height, std::size_t width, const Spatial& options, bool zero,
                float* out) {
    const Passes& level = passes();
    for (int pass = 0; pass < options.passes; ++pass) {
        const float* source = pass == 0 ? values : out;
        each_block(height, [&](std::size_t first, std::size_t rows) {
            const std::unique_ptr<float[]> block(new float[(width + 1) * lanes]);
            level.gather(source + first * width, rows, width, block.get());
            level.smooth(block.get(), width, lanes, lanes, options.average, block.get() + width * lanes);
            level.scatter(block.get(), rows, width, out + first * width);
        });
        each_strip(width, [&](std::size_t first, std::size_t count) {
            float came[strip];
            level.smooth(out + first, height, width, count, options.average, came);
        });
    }
    if (options.radius == 0) return;
    each_block(height, [&](std::size_t first, std::size_t rows) {
        for (std::size_t y = first; y < first + rows; ++y) {
            float* row = out + y * width;
            const bool has_next = zero && y + 1 < height;  // its first pixel is never written to
            fill_row(row, width, options.radius, zero, has_next ? row[width] : row[width - 1]);
        }
    });
}

void smooth_map(const std::uint16_t* values, std::size_t height, std::size_t width, const Spatial& options,
                std::uint16_t* out) {
    const Passes& level = passes();
    for (int pass = 0; pass < options.passes; ++pass) {
        const std::uint16_t* source = pass == 0 ? values : out;
        each_block(height, [&](std::size_t first, std::size_t rows) {
            const std::unique_ptr<std::uint16_t[]> block(new std::uint16_t[width * lanes]);
            level.gather16(source + first * width, rows, width, block.get());
            level.smooth_rows16(block.get(), width, options.average, options.radius);
            level.scatter16(block.get(), rows, width, out + first * width);
        });
        each_strip(width, [&](std::size_t first, std::size_t count) {
            level.smooth_columns16(out + first, height, width, count, options.average);
        });
    }
}

}  // namespace nearfar::filters
