#include "estimate/filters/guided.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/pool.hpp"
#include "estimate/filters/windows.hpp"

namespace nearfar::filters {
namespace {

constexpr std::size_t band = 32;  // rows whose sums are carried on from one to the next; fixed, so results are too

template <class Body>
void each_band(std::size_t height, const Body& body) {
    parallel_for((height + band - 1) / band, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) body(i * band, std::min(height, (i + 1) * band));
    });
}

// Calls add(y, +1 or −1) so that the sums hold the rows y − radius .. y + radius, then at(y), for each y of a band.
template <class Add, class At>
void slide(std::size_t begin, std::size_t end, std::size_t height, std::size_t radius, const Add& add, const At& at) {
    const std::size_t first = begin > radius ? begin - radius : 0;
    for (std::size_t y = first; y < std::min(height, begin + radius); ++y) add(y, 1.0);
    for (std::size_t y = begin; y < end; ++y) {
        if (y + radius < height) add(y + radius, 1.0);
        if (y > begin && y > radius) add(y - radius - 1, -1.0);
        at(y);
    }
}

// Rows y − radius .. y + radius of a map for each y of a band, with holes beyond the edges.
class PaddedRows {
public:
    PaddedRows(Shape shape, std::size_t begin, std::size_t end, std::size_t radius)
        : shape_(shape),
          radius_(radius),
          begin_(begin),
          stride_((shape.width + tile - 1) / tile * tile + 2 * radius),
          values_((end - begin + 2 * radius) * stride_, 0.0F) {}

    // fill(y, x) is the value of a pixel inside the map.
    template <class Fill>
    void load(float outside, const Fill& fill) {
        std::fill(values_.begin(), values_.end(), outside);
        const std::size_t rows = values_.size() / stride_;
        for (std::size_t i = 0; i < rows; ++i) {
            const std::size_t y = begin_ + i;  // + radius_ of the row in the map
            if (y < radius_ || y - radius_ >= shape_.height) continue;
            float* row = values_.data() + i * stride_ + radius_;
            for (std::size_t x = 0; x < shape_.width; ++x) row[x] = fill(y - radius_, x);
        }
    }
    // The first of the 2·radius + 1 rows around row y, counted from the band's first.
    const float* around(std::size_t y) const noexcept { return values_.data() + y * stride_; }
    std::size_t stride() const noexcept { return stride_; }

private:
    Shape shape_;
    std::size_t radius_, begin_, stride_;
    std::vector<float> values_;
};

// Calls whole(x, to) for each tile of a row; a last one that is cut off goes through a buffer.
template <class Work>
void each_tile(std::size_t width, float* row, const Work& work) {
    float rest[tile] = {};
    for (std::size_t x = 0; x < width; x += tile) {
        const bool whole = x + tile <= width;
        work(x, whole ? row + x : rest);
        if (!whole) std::copy_n(rest, width - x, row + x);
    }
}

}  // namespace

void guided_filter(const float* values, const std::uint8_t* colors, Shape shape, std::size_t radius, double smoothness,
                   float* out) {
    const Windows& level = windows();
    const std::size_t height = shape.height;
    const std::size_t width = shape.width;
    std::vector<float> fitted(height * width * 4);
    each_band(height, [&](std::size_t begin, std::size_t end) {
        std::vector<double> sums(width * moments, 0.0);
        slide(
            begin, end, height, radius,
            [&](std::size_t y, double sign) {
                level.add_moments(values + y * width, colors + y * width * 3, width, sign, sums.data());
            },
            [&](std::size_t y) { level.fit(sums.data(), width, radius, smoothness, fitted.data() + y * width * 4); });
    });
    each_band(height, [&](std::size_t begin, std::size_t end) {
        std::vector<double> sums(width * models, 0.0);
        slide(
            begin, end, height, radius,
            [&](std::size_t y, double sign) {
                level.add_models(fitted.data() + y * width * 4, width, sign, sums.data());
            },
            [&](std::size_t y) {
                level.predict(sums.data(), colors + y * width * 3, width, radius, out + y * width);
            });
    });
}

void joint_bilateral(const float* values, const std::uint8_t* colors, Shape shape, std::size_t radius,
                     double sigma_color, double sigma_space, float* out, const std::uint8_t* wanted) {
    const auto unwanted = [&](std::size_t first, std::size_t count) {
        return wanted != nullptr &&
               std::all_of(wanted + first, wanted + first + count, [](std::uint8_t asked) { return asked == 0; });
    };
    const Windows& level = windows();
    const std::size_t side = 2 * radius + 1;
    std::vector<float> weights(side * side);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const double dy = static_cast<double>(i / side) - static_cast<double>(radius);
        const double dx = static_cast<double>(i % side) - static_cast<double>(radius);
        weights[i] = static_cast<float>(std::exp((dx * dx + dy * dy) / (-2.0 * sigma_space * sigma_space)));
    }
    const Kernel kernel{radius, weights.data(), static_cast<float>(1.0 / (128.0 * sigma_color * sigma_color))};
    each_band(shape.height, [&](std::size_t begin, std::size_t end) {
        if (unwanted(begin * shape.width, (end - begin) * shape.width)) return;
        PaddedRows padded(shape, begin, end, radius);
        padded.load(std::numeric_limits<float>::quiet_NaN(),
                    [&](std::size_t y, std::size_t x) { return values[y * shape.width + x]; });
        std::vector<PaddedRows> channels(3, PaddedRows(shape, begin, end, radius));
        for (std::size_t k = 0; k < 3; ++k) {
            channels[k].load(0.0F, [&](std::size_t y, std::size_t x) {
                return static_cast<float>(colors[(y * shape.width + x) * 3 + k]);
            });
        }
        std::vector<GuidedRow> rows(side);
        for (std::size_t y = begin; y < end; ++y) {
            for (std::size_t i = 0; i < side; ++i) {
                const std::size_t at = i * padded.stride();
                rows[i].values = padded.around(y - begin) + at;
                for (std::size_t k = 0; k < 3; ++k) rows[i].channels[k] = channels[k].around(y - begin) + at;
            }
            each_tile(shape.width, out + y * shape.width, [&](std::size_t x, float* to) {
                if (unwanted(y * shape.width + x, std::min(tile, shape.width - x))) return;
                level.bilateral(rows.data(), x, kernel, to);
            });
        }
    });
}

void median_filter(const float* values, Shape shape, std::size_t size, float* out) {
    const Windows& level = windows();
    const std::size_t radius = size / 2;
    each_band(shape.height, [&](std::size_t begin, std::size_t end) {
        PaddedRows padded(shape, begin, end, radius);
        padded.load(std::numeric_limits<float>::quiet_NaN(),
                    [&](std::size_t y, std::size_t x) { return values[y * shape.width + x]; });
        std::vector<const float*> rows(size);
        for (std::size_t y = begin; y < end; ++y) {
            for (std::size_t i = 0; i < size; ++i) rows[i] = padded.around(y - begin) + i * padded.stride();
            each_tile(shape.width, out + y * shape.width,
                      [&](std::size_t x, float* to) { level.median(rows.data(), x, size, to); });
        }
    });
}

}  // namespace nearfar::filters
