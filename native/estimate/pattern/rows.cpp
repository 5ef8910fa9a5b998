#include "estimate/pattern/rows.hpp"

namespace nearfar::pattern::NEARFAR_LEVEL {
namespace {

constexpr std::size_t widest = 128;    // columns that one call of correlate works on at most, windows included
constexpr std::size_t strip_rows = 8;  // rows that it sums along x at a time

void slide(const std::uint16_t* enters, const std::uint16_t* leaves, std::size_t count, double* __restrict sums,
           double* __restrict squares) noexcept {
    if (enters != nullptr) {
        for (std::size_t i = 0; i < count; ++i) {
            const double value = enters[i];
            sums[i] += value;
            squares[i] += value * value;
        }
    }
    if (leaves != nullptr) {
        for (std::size_t i = 0; i < count; ++i) {
            const double value = leaves[i];
            sums[i] -= value;
            squares[i] -= value * value;
        }
    }
}

void normalise(const std::uint16_t* __restrict values, const double* __restrict counts, const double* __restrict sums,
               const double* __restrict squares, std::size_t count, std::int16_t* __restrict out) noexcept {
    constexpr double to_even = 6755399441055744.0;  // 1.5·2^52: adding it rounds to a whole number, half to even
    constexpr double floor = 0.5;                    // grey levels: what rounding makes of a constant picture
    for (std::size_t i = 0; i < count; ++i) {
        const double spread = __builtin_sqrt(counts[i] * squares[i] - sums[i] * sums[i]);
        double level = 512.0 * (counts[i] * static_cast<double>(values[i]) - sums[i]) / (spread + floor * counts[i]);
        level = level > -1024.0 ? level : -1024.0;
        level = level < 1024.0 ? level : 1024.0;
        out[i] = static_cast<std::int16_t>(static_cast<std::int32_t>((level + to_even) - to_even));
    }
}

void differ(const std::uint8_t* const* image, const std::uint8_t* const* reference, std::size_t count,
            std::uint16_t* __restrict out) noexcept {
    const std::uint8_t *a0 = image[0], *a1 = image[1], *a2 = image[2], *a3 = image[3];
    const std::uint8_t *b0 = reference[0], *b1 = reference[1], *b2 = reference[2], *b3 = reference[3];
    const auto apart = [](std::uint8_t a, std::uint8_t b) {
        return static_cast<std::uint16_t>(static_cast<std::uint8_t>((a > b ? a : b) - (a > b ? b : a)));
    };
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = static_cast<std::uint16_t>(apart(a0[i], b0[i]) + apart(a1[i], b1[i]) + apart(a2[i], b2[i]) +
                                            apart(a3[i], b3[i]));
    }
}

void choose(const std::uint16_t* __restrict above, const std::uint16_t* __restrict below, std::size_t count,
            std::uint16_t index, std::uint16_t* __restrict sums, std::uint16_t* __restrict best,
            std::uint16_t* __restrict indices) noexcept {
    std::uint16_t* const pairs = sums + count + 8;
    std::uint16_t* const fours = pairs + count + 8;
    for (std::size_t i = 0; i < count + 8; ++i) sums[i] = static_cast<std::uint16_t>(above[i] + below[i]);
    for (std::size_t i = 0; i < count + 7; ++i) pairs[i] = static_cast<std::uint16_t>(sums[i] + sums[i + 1]);
    for (std::size_t i = 0; i < count + 5; ++i) fours[i] = static_cast<std::uint16_t>(pairs[i] + pairs[i + 2]);
    for (std::size_t i = 0; i < count; ++i) {
        const auto cost = static_cast<std::uint16_t>(fours[i] + fours[i + 4] + sums[i + 8]);
        indices[i] = cost < best[i] ? index : indices[i];
        best[i] = cost < best[i] ? cost : best[i];
    }
}

void halve(const std::int16_t* __restrict values, std::size_t count, std::int16_t* __restrict out) noexcept {
    for (std::size_t i = 0; i < count; ++i) out[i] = 0;
    for (std::size_t i = 4; i + 3 < count; ++i) {
        const std::int32_t sum = 625 * (values[i - 1] + values[i]) - 150 * (values[i - 2] + values[i + 1]) +
                                 40 * (values[i - 3] + values[i + 2]) - 3 * (values[i - 4] + values[i + 3]);
        out[i] = static_cast<std::int16_t>((sum + 512) >> 10);
    }
}

// Rows of sums of columns that wait for their sums along x. What was stored is read again at other offsets, which a
// core does well only when some time lies between: hence several rows at once.
struct Strip {
    std::int32_t ones[strip_rows][widest];
    std::int32_t twos[strip_rows][widest];
    std::int32_t fours[strip_rows][widest];
    std::int32_t eights[strip_rows][widest];
};

inline void add_products(const std::int16_t* __restrict a, const std::int16_t* __restrict b, std::size_t count,
                         std::int32_t* __restrict sums) noexcept {
    for (std::size_t i = 0; i < count; ++i) sums[i] += static_cast<std::int32_t>(a[i]) * b[i];
}

// after = before + a·b − old_a·old_b
inline void move_down(const std::int16_t* __restrict a, const std::int16_t* __restrict b,
                      const std::int16_t* __restrict old_a, const std::int16_t* __restrict old_b, std::size_t count,
                      std::int32_t* __restrict sums, std::int32_t* __restrict kept) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const std::int32_t sum =
            sums[i] + static_cast<std::int32_t>(a[i]) * b[i] - static_cast<std::int32_t>(old_a[i]) * old_b[i];
        sums[i] = sum;
        kept[i] = sum;
    }
}

// Sums of `window` along x by doubling: 13 = 8 + 4 + 1 and 25 = 8 + 8 + 8 + 1.
inline void sum_along(Strip& strip, std::size_t height, std::size_t width, std::size_t window,
                      std::int32_t* __restrict out) noexcept {
    const std::size_t end = width + window - 1;
    for (std::size_t y = 0; y < height; ++y) {
        const std::int32_t* ones = strip.ones[y];
        std::int32_t* __restrict twos = strip.twos[y];
        for (std::size_t i = 0; i + 1 < end; ++i) twos[i] = ones[i] + ones[i + 1];
    }
    for (std::size_t y = 0; y < height; ++y) {
        const std::int32_t* twos = strip.twos[y];
        std::int32_t* __restrict fours = strip.fours[y];
        for (std::size_t i = 0; i + 3 < end; ++i) fours[i] = twos[i] + twos[i + 2];
    }
    for (std::size_t y = 0; y < height; ++y) {
        const std::int32_t* fours = strip.fours[y];
        std::int32_t* __restrict eights = strip.eights[y];
        for (std::size_t i = 0; i + 7 < end; ++i) eights[i] = fours[i] + fours[i + 4];
    }
    for (std::size_t y = 0; y < height; ++y) {
        const std::int32_t *ones = strip.ones[y], *fours = strip.fours[y], *eights = strip.eights[y];
        std::int32_t* __restrict row = out + y * width;
        if (window == usual_window) {
            for (std::size_t i = 0; i < width; ++i) row[i] = eights[i] + fours[i + 8] + ones[i + 12];
        } else {
            for (std::size_t i = 0; i < width; ++i) row[i] = eights[i] + eights[i + 8] + eights[i + 16] + ones[i + 24];
        }
    }
}

void correlate(const std::int16_t* image, std::size_t image_stride, const std::int16_t* reference,
               std::size_t reference_stride, std::size_t width, std::size_t height, std::size_t window,
               std::int32_t* out) noexcept {
    std::int32_t columns[widest] = {};
    Strip strip;
    const std::size_t count = width + window - 1;
    for (std::size_t y = 0; y + 1 < window; ++y) {
        add_products(image + y * image_stride, reference + y * reference_stride, count, columns);
    }
    for (std::size_t top = 0; top < height; top += strip_rows) {
        const std::size_t lines = height - top < strip_rows ? height - top : strip_rows;
        for (std::size_t line = 0; line < lines; ++line) {
            const std::size_t enters = top + line + window - 1;
            const std::size_t leaves = top + line - 1;  // of the first row nothing leaves
            const std::int16_t* a = image + enters * image_stride;
            const std::int16_t* b = reference + enters * reference_stride;
            if (top + line == 0) {
                add_products(a, b, count, columns);
                for (std::size_t i = 0; i < count; ++i) strip.ones[0][i] = columns[i];
            } else {
                move_down(a, b, image + leaves * image_stride, reference + leaves * reference_stride, count, columns,
                          strip.ones[line]);
            }
        }
        sum_along(strip, lines, width, window, out + top * width);
    }
}

void weigh(const std::int32_t* __restrict sums, const std::int32_t* __restrict squares,
           const float* __restrict counts, float divisor, float area, std::size_t count, float* __restrict means,
           float* __restrict scales) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const float sum = static_cast<float>(sums[i]);
        const float power = (static_cast<float>(squares[i]) - sum * sum / counts[i]) * (counts[i] / area);
        const float safe = power > 1.0F ? power : 1.0F;
        means[i] = sum / divisor;
        scales[i] = power > 1.0F ? 1.0F / __builtin_sqrtf(safe) : 0.0F;
    }
}

// to where chosen (all bits or none) says so, else from. By bits: of a choice among several, compilers make a branch.
inline float take(std::int32_t chosen, float to, float from) noexcept {
    const auto a = __builtin_bit_cast(std::int32_t, to);
    const auto b = __builtin_bit_cast(std::int32_t, from);
    return __builtin_bit_cast(float, (a & chosen) | (b & ~chosen));
}

void climb(const std::int32_t* __restrict sums, const float* __restrict image_mean,
           const float* __restrict image_scale, const float* __restrict reference_sum,
           const float* __restrict reference_scale, std::size_t count, std::int32_t step, const Peak& peak) noexcept {
    float *__restrict best = peak.best, *__restrict left = peak.left, *__restrict right = peak.right;
    float* __restrict before = peak.before;
    std::int32_t* __restrict steps = peak.step;
    for (std::size_t i = 0; i < count; ++i) {
        const float common = static_cast<float>(sums[i]) - image_mean[i] * reference_sum[i];
        const float score = common * image_scale[i] * reference_scale[i];
        const std::int32_t follows = -static_cast<std::int32_t>(steps[i] == step - 1);
        const std::int32_t leads = -static_cast<std::int32_t>(score > best[i]);
        right[i] = take(leads, absent, take(follows, score, right[i]));
        left[i] = take(leads, before[i], left[i]);
        best[i] = take(leads, score, best[i]);
        steps[i] = (step & leads) | (steps[i] & ~leads);
        before[i] = score;
    }
}

void settle(const Peak& peak, std::size_t count, float least, std::int32_t column, float last,
            float* __restrict shifts, float* __restrict peaks) noexcept {
    const float *best = peak.best, *left = peak.left, *right = peak.right;
    const std::int32_t* steps = peak.step;
    for (std::size_t i = 0; i < count; ++i) {
        const float bend = left[i] + right[i] - 2.0F * best[i];
        const float aside = bend < 0.0F ? (left[i] - right[i]) / (2.0F * bend) : 0.0F;
        const float shift = least + 0.5F * (static_cast<float>(steps[i]) + aside);
        const float under = static_cast<float>(column + static_cast<std::int32_t>(i)) - shift;
        const bool whole = (left[i] > absent) & (right[i] > absent) & (best[i] > 0.0F);
        const bool known = whole & (under >= -0.5F) & (under <= last);
        const float held = best[i] < 1.0F ? best[i] : 1.0F;
        shifts[i] = known ? shift : __builtin_nanf("");
        peaks[i] = known ? held : 0.0F;
    }
}

bool unsettled(const Peak& peak, std::size_t count, float from) noexcept {
    const float *best = peak.best, *left = peak.left, *right = peak.right;
    std::int32_t any = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const bool lacks = (left[i] <= absent) | (right[i] <= absent);
        any |= (best[i] >= from) & lacks ? 1 : 0;
    }
    return any != 0;
}

}  // namespace

extern const Rows rows;
const Rows rows{slide, normalise, differ, choose, halve, correlate, weigh, climb, settle, unsettled};

}  // namespace nearfar::pattern::NEARFAR_LEVEL
