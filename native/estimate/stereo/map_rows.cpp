#include "estimate/stereo/map_rows.hpp"

#include "estimate/stereo/lanes.hpp"

namespace nearfar::estimate::NEARFAR_LEVEL {
namespace {

using std::int16_t;
using std::ptrdiff_t;

constexpr size_t half = lanes / 2;

inline Words load_shifts(const int16_t* from) noexcept { return load(reinterpret_cast<const uint16_t*>(from)); }
inline void store_shifts(int16_t* to, Words a) noexcept { store(reinterpret_cast<uint16_t*>(to), a); }

inline void sort(Words& a, Words& b) noexcept {
    const Words low = min(a, b);
    b = max(a, b);
    a = low;
}

// Forgetful selection: of 14 held out of 25, neither the least nor the greatest can be the median. Both are dropped,
// one more is taken, and so on to the last three.
template <int held>
[[gnu::always_inline]] inline void forget(Words (&v)[14], const int16_t* const rows[5], ptrdiff_t x) noexcept {
    for (int i = 0; i < held / 2; ++i) sort(v[i], v[held - 1 - i]);
    for (int i = 1; i < (held + 1) / 2; ++i) sort(v[0], v[i]);
    for (int i = held / 2; i < held - 1; ++i) sort(v[i], v[held - 1]);
    if constexpr (held > 3) {
        constexpr int next = 28 - held;
        v[0] = load_shifts(rows[next / 5] + x + next % 5 - 2);
        forget<held - 1>(v, rows, x);
    }
}

void median(const int16_t* const rows[5], size_t width, int16_t* out) {
    for (size_t i = 0; i < width; i += half) {
        const ptrdiff_t x = static_cast<ptrdiff_t>(i);
        Words v[14];
        for (int k = 0; k < 14; ++k) v[k] = load_shifts(rows[k / 5] + x + k % 5 - 2);
        forget<14>(v, rows, x);
        if (i + half <= width) {
            store_shifts(out + i, v[1]);
        } else {
            int16_t last[half];
            store_shifts(last, v[1]);
            for (size_t k = 0; i + k < width; ++k) out[i + k] = last[k];
        }
    }
}

void steps(const int16_t* __restrict row, const int16_t* __restrict below, size_t width, int step,
           uint8_t* __restrict out) {
    for (size_t x = 0; x < width; ++x) {
        const int right = row[x] - row[x + 1], down = row[x] - below[x];
        out[x] = static_cast<uint8_t>((right > step) | (-right > step) | (down > step) | (-down > step));
    }
}

void widen(const uint8_t* __restrict marks, size_t width, size_t reach, uint8_t* __restrict out) {
    const uint8_t* const from = marks - reach;
    for (size_t k = 0; k <= 2 * reach; ++k) {
        for (size_t x = 0; x < width; ++x) out[x] = static_cast<uint8_t>(out[x] | from[x + k]);
    }
}

// One pixel's window: 11 rows of 16 words, the last five of no weight.
constexpr size_t run = 16;
struct Window {
    int16_t shift[edge_window][run];
    uint16_t weight[edge_window][run];
    std::uint32_t total;

    // Sum of the weights of shifts not above the limit.
    std::uint32_t below(int limit) const noexcept {
        uint16_t sums[run] = {};
        for (size_t j = 0; j < edge_window; ++j) {
            for (size_t i = 0; i < run; ++i) {
                sums[i] = static_cast<uint16_t>(sums[i] + (shift[j][i] <= limit ? weight[j][i] : 0));
            }
        }
        std::uint32_t sum = 0;
        for (const uint16_t value : sums) sum += value;
        return sum;
    }
};

constexpr int most_difference = 96;  // of colour, the three channels summed: beyond it there is no vote

// exp(−(dx² + dy²) / (2·3²))·64, rounded.
constexpr uint8_t nearness[6][6] = {{64, 61, 51, 39, 26, 16}, {61, 57, 48, 37, 25, 15}, {51, 48, 41, 31, 21, 13},
                                    {39, 37, 31, 24, 16, 10}, {26, 25, 21, 16, 11, 7},  {16, 15, 13, 10, 7, 4}};

inline void weigh(const uint8_t* const colour[3][edge_window], ptrdiff_t x, Window& window) noexcept {
    constexpr auto reach = static_cast<ptrdiff_t>(edge_reach);
    uint16_t sums[run] = {};
    for (size_t j = 0; j < edge_window; ++j) {
        const size_t down = j < edge_reach ? edge_reach - j : j - edge_reach;
        uint16_t near[run] = {};
        for (size_t i = 0; i < edge_window; ++i) near[i] = nearness[down][i < edge_reach ? edge_reach - i : i - edge_reach];
        int away[run] = {};
        for (int plane = 0; plane < 3; ++plane) {
            const int centre = colour[plane][edge_reach][x];
            const uint8_t* const from = colour[plane][j] + x - reach;
            for (size_t i = 0; i < run; ++i) away[i] += from[i] > centre ? from[i] - centre : centre - from[i];
        }
        for (size_t i = 0; i < run; ++i) {
            const int alike = away[i] < most_difference ? most_difference - away[i] : 0;
            const int cube = (((alike * alike) >> 6) * alike) >> 5;
            const auto weight = static_cast<uint16_t>((cube * near[i]) >> 6);
            window.weight[j][i] = weight;
            sums[i] = static_cast<uint16_t>(sums[i] + weight);
        }
    }
    window.total = 0;
    for (const uint16_t value : sums) window.total += value;
}

inline int weighted_median(const Window& window, int present, int low, int high, int unit) noexcept {
    // Most medians lie within a unit of what stands there: two counts tell.
    if (2 * window.below(present - unit) >= window.total) {
        high = present - unit;
    } else if (2 * window.below(present + unit - 1) < window.total) {
        low = present + unit;
    } else {
        return present;
    }
    while (high - low > 12) {
        const int middle = (low + high) >> 1;
        if (2 * window.below(middle) >= window.total) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    // The mean of those that agree with it.
    int sum = 0, weights = 0;
    for (size_t j = 0; j < edge_window; ++j) {
        for (size_t i = 0; i < run; ++i) {
            const int away = window.shift[j][i] - high;
            const int weight = away < 49 && away > -49 ? window.weight[j][i] : 0;
            sum += weight * away;
            weights += weight;
        }
    }
    return weights ? high + sum / weights : high;
}

void edge_median(const int16_t* const shift[edge_window], const uint8_t* const colour[3][edge_window],
                 const uint8_t* marks, size_t width, int unit, int16_t* out) {
    constexpr auto reach = static_cast<ptrdiff_t>(edge_reach);
    Window window;
    for (size_t at = 0; at < width; ++at) {
        if (!marks[at]) continue;
        const ptrdiff_t x = static_cast<ptrdiff_t>(at);
        int16_t lows[run], highs[run];
        for (size_t i = 0; i < run; ++i) lows[i] = highs[i] = shift[0][x - reach + static_cast<ptrdiff_t>(i < edge_window ? i : 0)];
        for (size_t j = 0; j < edge_window; ++j) {
            const int16_t* const from = shift[j] + x - reach;
            for (size_t i = 0; i < run; ++i) window.shift[j][i] = from[i];
            for (size_t i = 0; i < edge_window; ++i) {
                lows[i] = from[i] < lows[i] ? from[i] : lows[i];
                highs[i] = from[i] > highs[i] ? from[i] : highs[i];
            }
        }
        int low = lows[0], high = highs[0];
        for (size_t i = 1; i < edge_window; ++i) {
            low = lows[i] < low ? lows[i] : low;
            high = highs[i] > high ? highs[i] : high;
        }
        if (high - low < unit) continue;
        weigh(colour, x, window);
        const int present = shift[edge_reach][x];
        const int found = weighted_median(window, present, low, high, unit);
        if (found - present >= unit || present - found >= unit) out[at] = static_cast<int16_t>(found);
    }
}

}  // namespace

extern const MapRows map_rows;
const MapRows map_rows{median, steps, widen, edge_median};

}  // namespace nearfar::estimate::NEARFAR_LEVEL
