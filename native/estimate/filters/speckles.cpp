#include "estimate/filters/speckles.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/interrupt.hpp"
#include "core/pool.hpp"

namespace nearfar::filters {
namespace {

// A stretch of a row that hangs together. `parent` leads to the first run of its piece, whose `size` counts the pixels.
struct Run {
    std::uint32_t begin, end;  // columns
    std::uint32_t parent;
    std::uint32_t size;
};

struct Numbers {
    bool zero;
    float max_step;
    bool is_value(float value) const noexcept { return value == value && !(zero && value == 0.0F); }
    bool is_value(std::uint16_t value) const noexcept { return value != 0; }
    bool joins(float a, float b) const noexcept { return a == b || std::fabs(a - b) <= max_step; }
    bool joins(std::uint16_t a, std::uint16_t b) const noexcept {
        return static_cast<float>(a > b ? a - b : b - a) <= max_step;
    }
};

// The runs of some rows; those of row i are first[i] .. first[i + 1].
struct Band {
    std::size_t top = 0;
    std::vector<Run> runs;
    std::vector<std::uint32_t> first{0};
};

std::uint32_t root(std::vector<Run>& runs, std::uint32_t at) noexcept {
    while (runs[at].parent != at) {
        runs[at].parent = runs[runs[at].parent].parent;
        at = runs[at].parent;
    }
    return at;
}

void join(std::vector<Run>& runs, std::uint32_t a, std::uint32_t b) noexcept {
    a = root(runs, a);
    b = root(runs, b);
    if (a == b) return;
    if (a > b) std::swap(a, b);
    runs[b].parent = a;
    runs[a].size += runs[b].size;
}

template <class T>
void find_runs(const T* row, std::size_t width, const Numbers& numbers, Band& band) {
    for (std::size_t x = 0; x < width;) {
        if (!numbers.is_value(row[x])) {
            ++x;
            continue;
        }
        const std::size_t begin = x++;
        while (x < width && numbers.is_value(row[x]) && numbers.joins(row[x - 1], row[x])) ++x;
        const auto index = static_cast<std::uint32_t>(band.runs.size());
        band.runs.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(x), index,
                             static_cast<std::uint32_t>(x - begin)});
    }
    band.first.push_back(static_cast<std::uint32_t>(band.runs.size()));
}

// Joins the runs of two neighbouring rows: above[..] are runs a .. a_end, below b .. b_end of the same list.
template <class T>
void join_rows(const T* above, const T* below, std::vector<Run>& runs, std::uint32_t a, std::uint32_t a_end,
               std::uint32_t b, std::uint32_t b_end, const Numbers& numbers) {
    while (a < a_end && b < b_end) {
        const std::uint32_t end = std::min(runs[a].end, runs[b].end);
        for (std::uint32_t x = std::max(runs[a].begin, runs[b].begin); x < end; ++x) {
            if (!numbers.joins(above[x], below[x])) continue;
            join(runs, a, b);
            break;
        }
        if (runs[a].end == end) ++a;
        if (b < b_end && runs[b].end == end) ++b;
    }
}

template <class T>
Band scan(const T* values, std::size_t width, std::size_t begin, std::size_t end, const Numbers& numbers) {
    Band band;
    band.top = begin;
    for (std::size_t y = begin; y < end; ++y) {
        const T* row = values + y * width;
        find_runs(row, width, numbers, band);
        if (y == begin) continue;
        const std::uint32_t* first = band.first.data() + (y - begin);
        join_rows(row - width, row, band.runs, first[-1], first[0], first[0], first[1], numbers);
    }
    return band;
}

// One list of all runs, joined across the seams between bands as well.
template <class T>
Band merged(const T* values, std::size_t width, const std::vector<Band>& bands, const Numbers& numbers) {
    Band all;
    for (const Band& band : bands) {
        const auto offset = static_cast<std::uint32_t>(all.runs.size());
        for (Run run : band.runs) {
            run.parent += offset;
            all.runs.push_back(run);
        }
        for (std::size_t i = 1; i < band.first.size(); ++i) all.first.push_back(band.first[i] + offset);
        if (band.top == 0) continue;
        const std::uint32_t* first = all.first.data() + band.top;
        join_rows(values + (band.top - 1) * width, values + band.top * width, all.runs, first[-1], first[0], first[0],
                  first[1], numbers);
        poll_interrupt();
    }
    return all;
}

template <class T>
void remove_any(const T* values, std::size_t height, std::size_t width, std::size_t max_size, const Numbers& numbers,
                T hole, T* out) {
    const std::size_t rows = std::max<std::size_t>(1, (std::size_t{1} << 16) / width);
    std::vector<Band> bands((height + rows - 1) / rows);
    parallel_for(bands.size(), 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            bands[i] = scan(values, width, i * rows, std::min(height, (i + 1) * rows), numbers);
        }
    });
    Band all = merged(values, width, bands, numbers);
    bands.clear();
    for (std::uint32_t i = 0; i < all.runs.size(); ++i) all.runs[i].parent = root(all.runs, i);
    parallel_for(height, rows, [&](std::size_t begin, std::size_t end) {
        std::copy(values + begin * width, values + end * width, out + begin * width);
        for (std::size_t y = begin; y < end; ++y) {
            for (std::uint32_t i = all.first[y]; i < all.first[y + 1]; ++i) {
                const Run& run = all.runs[i];
                if (all.runs[run.parent].size > max_size) continue;
                std::fill(out + y * width + run.begin, out + y * width + run.end, hole);
            }
        }
    });
}

}  // namespace

void remove_speckles(const float* values, std::size_t height, std::size_t width, std::size_t max_size, float max_step,
                     bool zero, float* out) {
    remove_any(values, height, width, max_size, {zero, max_step}, std::numeric_limits<float>::quiet_NaN(), out);
}

void remove_speckles(const std::uint16_t* values, std::size_t height, std::size_t width, std::size_t max_size,
                     float max_step, std::uint16_t* out) {
    remove_any(values, height, width, max_size, {true, max_step}, std::uint16_t{0}, out);
}

}  // namespace nearfar::filters
