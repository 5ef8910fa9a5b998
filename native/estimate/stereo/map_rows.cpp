#include "estimate/stereo/map_rows.hpp"

#include "estimate/stereo/lanes.hpp"

namespace nearfar::estimate::NEARFAR_LEVEL {
namespace {

using std::int16_t;
using std::ptrdiff_t;

constexpr size_t half = lanes / 2;
constexpr int largest_shift = 0x7fff;

inline ptrdiff_t to_signed(size_t count) noexcept { return static_cast<ptrdiff_t>(count); }

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
        const ptrdiff_t x = to_signed(i);
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

// A pixel's window, a row of it in 16 words of which the last five are of no weight.
constexpr size_t run = 16;

#if defined(__AVX2__)
struct Run {
    __m256i v;
};
inline Run load_run(const int16_t* from) noexcept {
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))};
}
inline Run run_of(int value) noexcept { return {_mm256_set1_epi16(static_cast<short>(value))}; }
inline Run min(Run a, Run b) noexcept { return {_mm256_min_epi16(a.v, b.v)}; }
inline Run max(Run a, Run b) noexcept { return {_mm256_max_epi16(a.v, b.v)}; }
inline Run add(Run a, Run b) noexcept { return {_mm256_add_epi16(a.v, b.v)}; }
inline Run subtract(Run a, Run b) noexcept { return {_mm256_sub_epi16(a.v, b.v)}; }
inline Run multiply(Run a, Run b) noexcept { return {_mm256_mullo_epi16(a.v, b.v)}; }
template <int shift>
inline Run shift_right(Run a) noexcept {
    return {_mm256_srli_epi16(a.v, shift)};
}
// weight where value ≤ limit, else 0.
inline Run up_to(Run value, Run limit, Run weight) noexcept {
    return {_mm256_andnot_si256(_mm256_cmpgt_epi16(value.v, limit.v), weight.v)};
}
inline Run differences(const uint8_t* from, uint8_t centre) noexcept {
    const __m128i values = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i middle = _mm_set1_epi8(static_cast<char>(centre));
    return {_mm256_cvtepu8_epi16(_mm_or_si128(_mm_subs_epu8(values, middle), _mm_subs_epu8(middle, values)))};
}
// The sum of products, as 32-bit integers.
inline int dot(Run a, Run b) noexcept {
    const __m256i pairs = _mm256_madd_epi16(a.v, b.v);
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
    sum = _mm_add_epi32(sum, _mm_srli_si128(sum, 8));
    return _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_srli_si128(sum, 4)));
}
inline void store_run(int16_t* to, Run a) noexcept { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), a.v); }
#else
struct Run {
    int16_t v[run];
};
template <class F>
inline Run each_of_run(const F& word) noexcept {
    Run result;
    for (size_t i = 0; i < run; ++i) result.v[i] = static_cast<int16_t>(word(i));
    return result;
}
inline Run load_run(const int16_t* from) noexcept {
    return each_of_run([=](size_t i) { return from[i]; });
}
inline Run run_of(int value) noexcept {
    return each_of_run([=](size_t) { return value; });
}
inline Run min(const Run& a, const Run& b) noexcept {
    return each_of_run([&](size_t i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
}
inline Run max(const Run& a, const Run& b) noexcept {
    return each_of_run([&](size_t i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
}
inline Run add(const Run& a, const Run& b) noexcept {
    return each_of_run([&](size_t i) { return a.v[i] + b.v[i]; });
}
inline Run subtract(const Run& a, const Run& b) noexcept {
    return each_of_run([&](size_t i) { return a.v[i] - b.v[i]; });
}
inline Run multiply(const Run& a, const Run& b) noexcept {
    return each_of_run([&](size_t i) { return a.v[i] * b.v[i]; });
}
template <int shift>
inline Run shift_right(const Run& a) noexcept {
    return each_of_run([&](size_t i) { return static_cast<uint16_t>(a.v[i]) >> shift; });
}
inline Run up_to(const Run& value, const Run& limit, const Run& weight) noexcept {
    return each_of_run([&](size_t i) { return value.v[i] <= limit.v[i] ? weight.v[i] : 0; });
}
inline Run differences(const uint8_t* from, uint8_t centre) noexcept {
    return each_of_run([=](size_t i) { return from[i] > centre ? from[i] - centre : centre - from[i]; });
}
inline int dot(const Run& a, const Run& b) noexcept {
    int sum = 0;
    for (size_t i = 0; i < run; ++i) sum += a.v[i] * b.v[i];
    return sum;
}
inline void store_run(int16_t* to, const Run& a) noexcept {
    for (size_t i = 0; i < run; ++i) to[i] = a.v[i];
}
#endif

constexpr int most_difference = 96;  // of colour, the three channels summed: beyond it there is no vote
constexpr int agreement = 48;        // shifts this near the median count as the same surface

constexpr size_t own_row = edge_rows / 2;

// exp(−(dx² + dy²) / (2·3²))·64, rounded, by how many steps of rows away; nothing beyond the window.
constexpr int16_t nearness[own_row + 1][run] = {{16, 26, 39, 51, 61, 64, 61, 51, 39, 26, 16},
                                                {13, 21, 31, 41, 48, 51, 48, 41, 31, 21, 13},
                                                {7, 11, 16, 21, 25, 26, 25, 21, 16, 11, 7}};

struct Window {
    Run shift[edge_rows], weight[edge_rows];
    int total = 0;

    // weight = nearness · likeness³, likeness falling from 96 to 0 as the colours part.
    inline void weigh(const uint8_t* const colour[3][edge_rows], ptrdiff_t x) noexcept {
        const Run most = run_of(most_difference), zero = run_of(0);
        Run sum = zero;
        for (size_t j = 0; j < edge_rows; ++j) {
            Run away = zero;
            for (size_t plane = 0; plane < 3; ++plane) {
                const uint8_t centre = colour[plane][own_row][x];
                away = add(away, differences(colour[plane][j] + x - to_signed(edge_reach), centre));
            }
            const Run alike = max(subtract(most, away), zero);
            const Run cube = shift_right<5>(multiply(shift_right<6>(multiply(alike, alike)), alike));
            const size_t rows_away = j < own_row ? own_row - j : j - own_row;
            weight[j] = shift_right<6>(multiply(cube, load_run(nearness[rows_away])));
            sum = add(sum, weight[j]);
        }
        total = dot(sum, run_of(1));
    }

    // Whether half of the weight is on shifts not above the limit.
    inline bool half_below(int limit) const noexcept {
        const Run most = run_of(limit);
        Run sum = run_of(0);
        for (size_t j = 0; j < edge_rows; ++j) sum = add(sum, up_to(shift[j], most, weight[j]));
        return 2 * dot(sum, run_of(1)) >= total;
    }

    // The weighted median where it is `unit` or more from the present shift, else that.
    inline int median(int present, int low, int high, int unit) const noexcept {
        if (half_below(present - unit)) {
            high = present - unit;
        } else if (!half_below(present + unit - 1)) {
            low = present + unit;
        } else {
            return present;
        }
        while (high - low > 12) {
            const int middle = (low + high) >> 1;
            if (half_below(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        // The mean of those that agree with it.
        const Run origin = run_of(high), limit = run_of(agreement), zero = run_of(0);
        int sum = 0;
        Run agreeing = zero;
        for (size_t j = 0; j < edge_rows; ++j) {
            const Run away = subtract(shift[j], origin);
            const Run weights = up_to(max(away, subtract(zero, away)), limit, weight[j]);
            sum += dot(weights, away);
            agreeing = add(agreeing, weights);
        }
        const int weights = dot(agreeing, run_of(1));
        return weights ? high + sum / weights : high;
    }
};

void edge_median(const int16_t* const shift[edge_rows], const uint8_t* const colour[3][edge_rows],
                 const uint8_t* marks, size_t width, int unit, int16_t* out) {
    Window window;
    for (size_t at = 0; at < width; ++at) {
        if (!marks[at]) continue;
        const ptrdiff_t x = to_signed(at);
        Run low = run_of(largest_shift), high = run_of(0);
        for (size_t j = 0; j < edge_rows; ++j) {
            window.shift[j] = load_run(shift[j] + x - to_signed(edge_reach));
            low = min(low, window.shift[j]);
            high = max(high, window.shift[j]);
        }
        int16_t lows[run], highs[run];
        store_run(lows, low);
        store_run(highs, high);
        for (size_t i = 1; i < run; ++i) {
            lows[0] = lows[i] < lows[0] ? lows[i] : lows[0];
            highs[0] = highs[i] > highs[0] ? highs[i] : highs[0];
        }
        if (highs[0] - lows[0] < unit) continue;
        window.weigh(colour, x);
        const int present = shift[own_row][x];
        const int found = window.median(present, lows[0], highs[0], unit);
        if (found != present) out[at] = static_cast<int16_t>(found);
    }
}

inline int16_t sum_of(int16_t a, int16_t b) noexcept { return static_cast<int16_t>(a + b); }
inline int16_t less_of(int16_t a, int16_t b) noexcept { return a < b ? a : b; }
inline int16_t more_of(int16_t a, int16_t b) noexcept { return a > b ? a : b; }

// Into `out`: what `combine` makes of `window` columns of the row around each, its ends repeated.
template <size_t window, class F>
inline void along_row(int16_t* row, size_t width, int16_t* __restrict out, const F& combine) noexcept {
    for (size_t i = 1; i <= window / 2; ++i) {
        row[-to_signed(i)] = row[0];
        row[width - 1 + i] = row[width - 1];
    }
    const int16_t* __restrict from = row - window / 2;
    for (size_t x = 0; x < width; ++x) out[x] = from[x];
    for (size_t i = 1; i < window; ++i) {
        ++from;
        for (size_t x = 0; x < width; ++x) out[x] = combine(out[x], from[x]);
    }
}

template <class F>
inline void join_row(const int16_t* __restrict from, size_t width, int16_t* __restrict out, const F& combine) noexcept {
    for (size_t x = 0; x < width; ++x) out[x] = combine(out[x], from[x]);
}

inline void add_kept(const uint8_t* __restrict margin, const uint8_t* __restrict state, size_t width,
                     int16_t* __restrict out) noexcept {
    for (size_t x = 0; x < width; ++x) {
        const int counts = -static_cast<int>(state[x] == 0);  // all bits or none: no branch
        out[x] = static_cast<int16_t>(out[x] + (margin[x] & counts));
    }
}

void rate(const RatedRows& rows, size_t width, int16_t* scratch, uint8_t* out) {
    const size_t stride = width + 2 * rating_window;
    int16_t* const sum = scratch + rating_window;
    int16_t *const low = sum + stride, *const high = low + stride;
    int16_t *const sums = high + stride, *const lows = sums + stride, *const highs = lows + stride;
    for (size_t x = 0; x < width; ++x) {
        sum[x] = 0;
        low[x] = high[x] = rows.shift[0][x];
    }
    for (size_t j = 0; j < rating_window; ++j) add_kept(rows.margin[j], rows.state[j], width, sum);
    for (size_t j = 1; j < range_window; ++j) {
        join_row(rows.shift[j], width, low, less_of);
        join_row(rows.shift[j], width, high, more_of);
    }
    for (size_t x = 0; x < width; ++x) sum[x] = static_cast<int16_t>(sum[x] >> 2);  // 9 of them fit again
    along_row<rating_window>(sum, width, sums, sum_of);
    along_row<range_window>(low, width, lows, less_of);
    along_row<range_window>(high, width, highs, more_of);
    constexpr float mean = 4.0F / (rating_window * rating_window);
    for (size_t x = 0; x < width; ++x) {
        const float range = static_cast<float>(highs[x] - lows[x]) * (1.0F / 64);
        out[x] = static_cast<uint8_t>(static_cast<int>(static_cast<float>(sums[x]) * mean / (1 + 0.5F * range)));
    }
}

}  // namespace

extern const MapRows map_rows;
const MapRows map_rows{median, steps, widen, edge_median, rate};

}  // namespace nearfar::estimate::NEARFAR_LEVEL
